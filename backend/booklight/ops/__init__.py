"""Observability: logging, metrics, tracing, and the redaction of what they show."""
