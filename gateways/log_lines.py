"""What our processes say on stdout: one JSON object per line, with secrets masked. What masks them is `domain.masking`.

`@timestamp`, `level`, `name`, `category`, `message`, then the line's own fields. Categories: AUTH, SCRAPE, API, ANALYSIS, BILLING, SYSTEM.
"""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

from domain.masking import masked_value

LEVELS = ("debug", "info", "warning", "error", "critical")
CATEGORIES = ("AUTH", "SCRAPE", "API", "ANALYSIS", "BILLING", "SYSTEM")
Line = MutableMapping[str, Any]


def mask(_: object, __: str, line: Line) -> Line:
    """The last step before a line is written, tracebacks among what it reads."""
    return {name: masked_value(name, value) for name, value in line.items()}


def categorised(_: object, __: str, line: Line) -> Line:
    """What says nothing of itself is the system's."""
    line.setdefault("category", "SYSTEM")
    return line


def configure_logging(level: str) -> None:
    """JSON lines on stdout, from this level on. Raises ValueError for a level that is none."""
    if level.lower() not in LEVELS:
        raise ValueError(f"WHYRAL_LOG_LEVEL: {level!r} is none of {', '.join(LEVELS)}")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="@timestamp"),
            categorised,
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            mask,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(),
    )
