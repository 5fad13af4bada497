"""The checks of `booklight doctor`, and the diagnostics that they return."""
