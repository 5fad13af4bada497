"""The index: points in a folder or on a Qdrant server, published a generation at a time."""
