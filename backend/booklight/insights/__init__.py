"""Insights: what readers ask of a book and what it does not answer, in figures and groups that name nobody."""
