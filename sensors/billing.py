"""Events of payment providers that nobody is about to deal with: kept just before a crash, put off until now, or nobody's until now."""

import dagster as dg

from services.billing.asking import ask_for_waiting
from services.billing.finding import find_owners
from store.database import Database


# The daemon looks every 5 s; asked for that, a look that came a moment late would be left out.
@dg.sensor(name="heard_events", minimum_interval_seconds=1, default_status=dg.DefaultSensorStatus.RUNNING)
def heard_events(database: dg.ResourceParam[Database]) -> dg.SkipReason:
    """The requests that it makes are launched by the sensor of requests; it launches nothing itself."""
    with database.begin_system() as system:
        strays = find_owners(system)
    with database.begin_system() as system:
        asked = ask_for_waiting(system)
    return dg.SkipReason(f"asked for {asked} workspaces; of {strays.found} events it is known now whose they are")
