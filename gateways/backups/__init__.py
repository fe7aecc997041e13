"""Backups: a sealed stream of named parts. What is put in, and what is done after it was read back, is the wiring's (`backing_up.py`)."""
