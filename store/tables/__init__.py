"""All tables, so that `metadata` is whole once this package is imported."""

from store.tables import (
    catalogue,
    channels,
    clips,
    entities,
    experiments,
    fetching,
    identity,
    imports,
    insights,
    library,
    money,
    owner,
    requests,
    tracking,
    trust,
)
from store.tables.base import metadata

__all__ = [
    "catalogue", "channels", "clips", "entities", "experiments", "fetching", "identity", "imports", "insights", "library", "metadata", "money", "owner", "requests",
    "tracking", "trust",
]  # fmt: skip
