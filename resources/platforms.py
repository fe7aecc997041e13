"""The platforms as a Dagster resource."""

from collections.abc import Callable

import dagster as dg

from domain.ports import Platforms


def platforms_resource(make: Callable[[], Platforms]) -> dg.ResourceDefinition:
    @dg.resource(description="reads TikTok, YouTube, Instagram and X, as far as they are configured")
    def platforms(_: dg.InitResourceContext) -> Platforms:
        return make()

    return platforms
