"""Charts of sounds that somebody looked at and found old are read again, once an hour at most."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from assets.trending import COUNTRY, DAY
from jobs.library import read_charts
from services.charts import wanted
from store.database import Database


# The daemon looks every 5 s; asked for 10 s, a look that came a moment early would be left out, and the next is at 15.
@dg.sensor(job=read_charts, minimum_interval_seconds=1, default_status=dg.DefaultSensorStatus.RUNNING)
def wanted_charts(_: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]) -> Iterator[dg.RunRequest]:
    """Read what was asked for. The key is the asking: however often this looks, it is read once for it."""
    with database.begin_system() as system:
        asked = wanted(system)
    today = datetime.now(UTC).date().isoformat()
    for country, asked_at in asked:
        key = dg.MultiPartitionKey({DAY: today, COUNTRY: country.value})
        yield dg.RunRequest(run_key=f"{country}:{asked_at.isoformat()}", partition_key=key)
