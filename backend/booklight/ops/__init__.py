"""What operators see: the log, and the spans that go to a collector."""
