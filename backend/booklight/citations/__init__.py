"""Citations: from the marks a model writes to annotations with links."""
