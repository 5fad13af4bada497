"""What `booklight doctor` examines, and what an examination comes to."""
