"""Grants: first readings that were missed or failed are asked for again, revocations that are due are tried, what is past its day goes."""

from datetime import UTC, datetime

import dagster as dg

from domain.ports import Platforms
from services import channel_onboarding, disconnecting
from store.database import Database

LOOK_SECONDS = 30


@dg.sensor(name="connections", minimum_interval_seconds=LOOK_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def mend_connections(database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms]) -> dg.SkipReason:
    """The requests that it makes are launched by the sensor of requests; it launches nothing itself."""
    asked = channel_onboarding.mend(database, now=datetime.now(UTC))
    revocations = disconnecting.sweep(database, platforms)
    return dg.SkipReason(f"asked again for {len(asked)} first readings, told the provider of {revocations} revocations")
