"""The way mails leave, as a Dagster resource."""

from collections.abc import Callable

import dagster as dg

from domain.ports import Mailer


def mailer_resource(make: Callable[[], Mailer]) -> dg.ResourceDefinition:
    @dg.resource(description="takes mails out: an SMTP server, or files of this machine")
    def mailer(_: dg.InitResourceContext) -> Mailer:
        return make()

    return mailer
