"""All tables, so that `metadata` is whole once this package is imported."""

from store.tables import (
    admin,
    billing,
    catalogue,
    channels,
    clips,
    entities,
    experiments,
    fetching,
    figures,
    identity,
    imports,
    insights,
    library,
    money,
    owner,
    planning,
    requests,
    rights,
    sessions,
    tracking,
    trust,
)
from store.tables.base import metadata

__all__ = [
    "admin", "billing", "catalogue", "channels", "clips", "entities", "experiments", "fetching", "figures", "identity", "imports", "insights", "library", "metadata",
    "money", "owner", "planning", "requests", "rights", "sessions", "tracking", "trust",
]  # fmt: skip
