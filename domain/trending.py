"""Which charts of sounds are read, and how old one may grow. Reading them is in `services.charts`."""

from datetime import datetime, timedelta
from enum import StrEnum

FRESH = timedelta(hours=1)


class Country(StrEnum):
    """Countries whose charts are read (ISO 3166 alpha-2)."""

    US = "US"
    GB = "GB"
    CA = "CA"
    AU = "AU"
    DE = "DE"
    FR = "FR"
    ES = "ES"
    IT = "IT"
    BR = "BR"
    MX = "MX"
    IN = "IN"
    JP = "JP"


def is_fresh(captured_at: datetime | None, now: datetime) -> bool:
    """Whether a chart need not be read again yet."""
    return captured_at is not None and now - captured_at < FRESH
