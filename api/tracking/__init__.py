"""Tracked accounts over HTTP, the sources that read them, and what is pushed to us."""
