"""Authentication and rate limits: who a reader is, and how often they may ask."""
