"""Measure search: the questions of a file, what was found for them, and how good that is."""
