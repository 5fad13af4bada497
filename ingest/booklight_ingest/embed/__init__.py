"""Embedders: what makes vectors of text."""
