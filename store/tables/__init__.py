"""All tables, so that `metadata` is whole once this package is imported."""

from store.tables import catalogue, clips, identity, imports, insights, library, money, requests, trust
from store.tables.base import metadata

__all__ = ["catalogue", "clips", "identity", "imports", "insights", "library", "metadata", "money", "requests", "trust"]
