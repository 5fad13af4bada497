"""The book for readers' own assistants, by the Model Context Protocol (MCP): searched and read, never written to."""
