"""The agent: instructions, a tool, and one run of it as ChatKit events."""
