"""Media files: told by their bytes, probed and rendered by tools that we do not trust with more than they need."""
