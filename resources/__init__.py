"""Dagster resources: they make plain objects of the floors below."""
