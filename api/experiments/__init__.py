"""Experiments over HTTP: planned, started, counted, read; outcomes reported; tables of tests taken in."""
