"""What a run says on the console: warnings and worse (all of it is in its event log); and for how long logs are kept."""

import logging
from collections.abc import Callable

import dagster as dg

from domain.retention import LogsKept


def _warnings(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("whyral.run", level=logging.WARNING)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger


console = dg.LoggerDefinition(_warnings, description="warnings and errors of runs, on stderr")


def logs_kept_resource(make: Callable[[], LogsKept]) -> dg.ResourceDefinition:
    @dg.resource(description="for how long lines of the access log and of the authentication log are kept")
    def logs_kept(_: dg.InitResourceContext) -> LogsKept:
        return make()

    return logs_kept
