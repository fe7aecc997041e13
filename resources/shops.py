"""The payment providers as a Dagster resource."""

from collections.abc import Callable, Iterator
from contextlib import closing

import dagster as dg

from domain.ports import Shops


def shops_resource(make: Callable[[], Shops]) -> dg.ResourceDefinition:
    @dg.resource(description="asks Stripe and Dodo Payments, as far as there are keys")
    def shops(_: dg.InitResourceContext) -> Iterator[Shops]:
        with closing(make()) as made:
            yield made

    return shops
