"""Shared answers: one question and its answer, read-only, for whoever has the link."""
