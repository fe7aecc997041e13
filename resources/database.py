"""The database as a Dagster resource: one per run, closed when the run ends. No secret appears in any run's config."""

from collections.abc import Callable, Iterator

import dagster as dg

from store.database import Database


def database_resource(make: Callable[[], Database]) -> dg.ResourceDefinition:
    @dg.resource(description="PostgreSQL: transactions of a tenant, or of the system")
    def database(_: dg.InitResourceContext) -> Iterator[Database]:
        made = make()
        try:
            yield made
        finally:
            made.close()

    return database
