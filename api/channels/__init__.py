"""Channels: the routes of their records, of their grants, and the address that consents come back to."""
