"""A workspace taken along, and a workspace that goes for good."""
