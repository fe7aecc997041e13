"""Experiments: planned before they start, read without peeking, published as effects. Nothing here looks at a clock or at a database."""
