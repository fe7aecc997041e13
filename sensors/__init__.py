"""Sensors: each looks, lets a service decide, and launches. The loop of the daemon is 5 seconds."""
