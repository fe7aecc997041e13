"""All tables, so that `metadata` is whole once this package is imported."""

from store.tables import catalogue, channels, clips, fetching, identity, imports, insights, money, requests, tracking, trust
from store.tables.base import metadata

__all__ = [
    "catalogue",
    "channels",
    "clips",
    "fetching",
    "identity",
    "imports",
    "insights",
    "metadata",
    "money",
    "requests",
    "tracking",
    "trust",
]
