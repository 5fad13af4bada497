"""Read a Docusaurus book and keep a Qdrant index in step with it."""
