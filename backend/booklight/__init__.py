"""The sidecar that answers readers' questions from the book's index, over the ChatKit protocol."""
