"""The platforms as a Dagster resource."""

from collections.abc import Callable, Iterator
from contextlib import closing

import dagster as dg

from domain.ports import Platforms


def platforms_resource(make: Callable[[], Platforms]) -> dg.ResourceDefinition:
    @dg.resource(description="reads TikTok, YouTube, Instagram and X, as far as they are configured")
    def platforms(_: dg.InitResourceContext) -> Iterator[Platforms]:
        with closing(make()) as made:
            yield made

    return platforms
