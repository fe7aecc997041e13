"""All tables, so that `metadata` is whole once this package is imported."""

from store.tables import catalogue, clips, fetching, identity, imports, insights, library, money, requests, tracking, trust
from store.tables.base import metadata

__all__ = [
    "catalogue", "clips", "fetching", "identity", "imports", "insights", "library", "metadata", "money", "requests", "tracking", "trust",
]  # fmt: skip
