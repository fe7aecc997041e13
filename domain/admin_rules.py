"""What administrators of the platform may set, and what members may tell them. Who is an administrator is told by the database."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from domain.errors import FieldProblem, Unacceptable

FEEDBACK_PER_DAY = 20
LONGEST_OVERRIDE = timedelta(days=366)
LONGEST_REPORT = timedelta(days=400)
_SWITCH = re.compile(r"[a-z][a-z0-9_]{0,49}")
PERIODS = ("day", "month", "total")
# Nothing was measured before, and no plan has more of anything than this.
FIRST_DAY, LARGEST_LIMIT, LARGEST_USD, USD_PLACES = date(2000, 1, 1), 10**15, 1_000_000, 10
_METER = re.compile(r"[a-z][a-z0-9_]{0,49}")


def checked_reason(reason: str) -> str:
    """Why somebody does what others will ask about. Raises Unacceptable."""
    if not 3 <= len(reason.strip()) <= 500:
        raise Unacceptable("the reason cannot be accepted", (FieldProblem("/reason", "say why, in 3 to 500 characters"),))
    return reason.strip()


def checked_switch(name: str) -> str:
    """Raises Unacceptable."""
    if not _SWITCH.fullmatch(name):
        raise Unacceptable("the name cannot be accepted", (FieldProblem("name", "use 1 to 50 of a-z, 0-9 and _, a letter first"),))
    return name


def check_override(what: str, most: int | None) -> None:
    """`plan`, or a meter and its limit. Raises Unacceptable."""
    problems = []
    if not _METER.fullmatch(what):
        problems.append(FieldProblem("what", "name `plan` or a meter"))
    if most is not None and not 0 <= most <= LARGEST_LIMIT:
        problems.append(FieldProblem("/most", f"use 0 to {LARGEST_LIMIT}, or null for no limit"))
    if problems:
        raise Unacceptable("the override cannot be accepted", tuple(problems))


def checked_usd(word: str, *, pointer: str = "/spent_usd") -> Decimal:
    """An amount of US dollars. Raises Unacceptable."""
    try:
        found = Decimal(word)
    except InvalidOperation as error:
        raise Unacceptable("the amount cannot be accepted", (FieldProblem(pointer, "use a decimal number"),)) from error
    places = found.as_tuple().exponent
    if not found.is_finite() or not 0 <= found <= LARGEST_USD or not isinstance(places, int) or places < -USD_PLACES:
        detail = f"use 0 to {LARGEST_USD}, with {USD_PLACES} places at most"
        raise Unacceptable("the amount cannot be accepted", (FieldProblem(pointer, detail),))
    return found


def check_expiry(expires_at: datetime, *, now: datetime) -> None:
    """An override ends, and within a year. Raises Unacceptable."""
    if not now < expires_at <= now + LONGEST_OVERRIDE:
        raise Unacceptable("the expiry cannot be accepted", (FieldProblem("/expires_at", "name a moment within the next 366 days"),))


def checked_days(since: date | None, until: date | None, *, today: date) -> tuple[date, date]:
    """The days of a report, `until` not among them; the last 30 where none is named. Raises Unacceptable."""
    last = max(until or today + timedelta(days=1), FIRST_DAY)
    first = max(since or last - timedelta(days=30), FIRST_DAY)
    if not first < last or last - first > LONGEST_REPORT:
        raise Unacceptable(
            "the days cannot be accepted", (FieldProblem("since", "begin before `until`, by 400 days at most, in 2000 or later"),)
        )
    return first, last


def check_feedback(category: str, message: str) -> None:
    """Raises Unacceptable."""
    problems = []
    if not 1 <= len(category.strip()) <= 50:
        problems.append(FieldProblem("/category", "use 1 to 50 characters"))
    if not 1 <= len(message.strip()) <= 5000:
        problems.append(FieldProblem("/message", "use 1 to 5000 characters"))
    if problems:
        raise Unacceptable("the feedback cannot be accepted", tuple(problems))
