"""Search: from a question and a place in the book to the passages that answer."""
