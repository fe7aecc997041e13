"""Clips: what is asked for, which part is cut out and why, how it is captioned, which states it has, and what must be true of it."""
