"""Mails that are due go out. Several daemons would not send one twice at once: each mail is claimed."""

import dagster as dg

from domain.ports import Mailer
from services import outbox
from store.database import Database


# The daemon looks every 5 s; asked for that, a look that came a moment late would be left out.
@dg.sensor(name="mails", minimum_interval_seconds=1, default_status=dg.DefaultSensorStatus.RUNNING)
def send_mails(database: dg.ResourceParam[Database], mailer: dg.ResourceParam[Mailer]) -> dg.SkipReason:
    """It launches no run: a mail is out before one would have started."""
    return dg.SkipReason(f"{outbox.deliver(database, mailer)} mails went out")
