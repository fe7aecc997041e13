"""What a run says on the console: warnings and worse. All of it is in its event log."""

import logging

import dagster as dg


def _warnings(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("whyral.run", level=logging.WARNING)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    return logger


console = dg.LoggerDefinition(_warnings, description="warnings and errors of runs, on stderr")
