"""Faults caused on real parts: what the reader sees, and what is kept. The handbook's tables are made of these."""
