"""What a live read counts, whoever asks the same at the same time."""

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from domain.errors import SourceUnavailable
from services.live_reads import counted
from store.database import Database
from tests.conftest import make_member


def test_of_calls_at_the_same_time_one_that_fails_makes_the_others_count_no_more_than_once(fresh: Database) -> None:
    tenant_id = make_member(fresh).tenant_id
    same = partial(counted, partial(fresh.begin, tenant_id), "urls_per_day", "one")

    with same():
        with suppress(SourceUnavailable), same():
            raise SourceUnavailable("youtube_api", "no")
        with same():
            pass

    with fresh.begin(tenant_id) as uow:
        assert [each.used for each in uow.usage.meters(now=datetime.now(UTC)) if each.meter == "urls_per_day"] == [1]
