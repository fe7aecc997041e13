"""What the platform's administrators are told of payments: once a day at most, with the counts."""

from dataclasses import asdict
from datetime import datetime, timedelta

from domain.usage import utc_day
from services import mailing
from store.billing_troubles import troubles
from store.work import SystemWork

KIND = "payments_need_a_look"
DAY = timedelta(days=1)


def tell_operators(system: SystemWork, *, now: datetime) -> bool:
    """Whether there was something, and they were not told of any yet on this day."""
    found, key, uow = troubles(system.connection, since=now - DAY), f"payments:{utc_day(now)}", system.platform()
    if not found or any(each.dedupe_key == key for each in uow.trust.alerts()):
        return False
    counts = asdict(found)
    is_new = uow.trust.raise_once(dedupe_key=key, kind=KIND, severity="critical", title="Payments need a look", details=counts)
    for each in system.platform_admins() if is_new else ():
        mailing.send_payment_troubles(uow, each, counts, event=key)
    return is_new
