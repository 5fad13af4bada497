"""Turns: answers being written, each a task with a log that any client may read."""
