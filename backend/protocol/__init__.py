"""The wire: two dialects in, server-sent events out."""
