"""Looking at thumbnails: the newest first, each picture once, no more than a share per run; a failure is tried again, and is no zero."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.observations import Observed
from domain.ports import Platforms
from domain.thumbnails import FIRST_WAIT, MOST_TRIES, REFUSED_WAIT, Measures, Picture, next_try
from services import thumbnails
from services.insights.features import FEATURES
from services.thumbnails import BATCH, Report
from store.database import Database
from tests.library import NOON, seen
from tests.published import again, bring, bring_from_api, publish_all, work_of

MEASURES = Measures(320, 180, 0.25, 0.5, 0.75, 2, 0.125)
URL = "https://i.ytimg.com/vi/{name}/hqdefault.jpg"


@dataclass
class FakeThumbnails:
    """Measures every picture alike; `failing` says by its address which is not to be had, and why."""

    failing: dict[str, SourceFailed] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def read(self, url: str) -> Picture:
        self.asked.append(url)
        if error := next((error for word, error in self.failing.items() if word in url), None):
            raise error
        return Picture("ab" * 32, MEASURES)


def post(name: str, *, url: str | None = URL, days: int = 1, at: datetime = NOON) -> Observed:
    row = seen(name, 10, posted=NOON - timedelta(days=days), at=at)
    assert row.video is not None
    return replace(row, video=replace(row.video, thumbnail_url=url.format(name=name) if url else None))


@pytest.fixture
def look(database: Database, tenant_id: UUID) -> Callable[..., Report]:
    work = work_of(database, tenant_id)

    def looked(reader: FakeThumbnails | None, *, after: timedelta = timedelta(), most: int = 200) -> Report:
        return thumbnails.measure_due(work, Platforms(thumbnails=reader), now=NOON + after, most=most)

    return looked


def known(database: Database, tenant_id: UUID) -> dict[str, dict[str, float]]:
    """The vocabulary, by the videos' own names."""
    with database.begin(tenant_id) as uow:
        names = {str(row[1]): row[0] for row in uow.connection.exec_driver_sql("select external_id, video_id from videos")}
        return {names[video]: dict(figures) for video, figures in uow.thumbnails.vocabulary().items()}


def reasons(database: Database, tenant_id: UUID) -> dict[str, int]:
    with database.begin(tenant_id) as uow:
        return uow.thumbnails.reasons()


def test_the_newest_are_looked_at_first_and_the_others_by_the_next_runs(
    look: Callable[..., Report], database: Database, tenant_id: UUID
) -> None:
    reader = FakeThumbnails()
    bring(database, tenant_id, [post(f"v{number}", days=number) for number in range(1, 6)] + [post("none", url=None)])

    first, second, third = look(reader, most=2), look(reader, most=2), look(reader)

    assert (first, second.left, third) == (Report(2, 0, 3), 1, Report(1, 0, 0))
    assert {*reader.asked[:2]} == {URL.format(name="v1"), URL.format(name="v2")}
    assert len(reader.asked) == len({*reader.asked}) == 5


def test_measures_are_what_features_are_told(look: Callable[..., Report], database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, [post("v1"), post("v2", url=None)])
    look(FakeThumbnails())

    published = publish_all(database, tenant_id, kinds=(FEATURES,))["features"]

    assert known(database, tenant_id) == {"v1": {"faces": 2.0, "brightness": 0.25, "text_share": 0.125, "colourfulness": 0.75}}
    figures = [figures for _, figures, _ in published.made.rows]
    names = ("thumbnail_faces", "has_thumbnail_face", "thumbnail_brightness", "thumbnail_text_share", "thumbnail_colourfulness")
    assert {tuple(each[name] for name in names) for each in figures} == {(2.0, 1.0, 0.25, 0.125, 0.75), (None,) * 5}
    assert again(database, tenant_id, published).is_same


def test_a_picture_under_another_signature_or_host_is_the_same_one(
    look: Callable[..., Report], database: Database, tenant_id: UUID
) -> None:
    reader, signed = FakeThumbnails(), "https://p{host}.tiktokcdn.com/obj/{name}.jpeg?x-expires={host}#a"
    bring(database, tenant_id, [post("v1", url=signed.replace("{host}", "16"))])
    look(reader)
    bring(database, tenant_id, [post("v1", url=signed.replace("{host}", "77"), at=NOON + timedelta(hours=1))])

    assert look(reader) == Report(0, 0, 0)
    assert known(database, tenant_id).keys() == {"v1"}


def test_a_picture_that_took_anothers_place_is_looked_at(look: Callable[..., Report], database: Database, tenant_id: UUID) -> None:
    reader = FakeThumbnails()
    bring(database, tenant_id, [post("v1")])
    look(reader)
    bring(database, tenant_id, [post("v1", url="https://i.ytimg.com/vi/v1/other.jpg", at=NOON + timedelta(hours=1))])

    assert known(database, tenant_id) == {}, "what was measured is of the picture before"
    assert look(reader) == Report(1, 0, 0)
    assert known(database, tenant_id).keys() == {"v1"}


def test_a_failure_has_its_reason_no_figures_and_a_next_try(look: Callable[..., Report], database: Database, tenant_id: UUID) -> None:
    lost, broken = SourceUnavailable("thumbnail", "its host answered 503"), SourceRefused("thumbnail", "it cannot be decoded")
    reader = FakeThumbnails({"/v1/": lost, "/v2/": broken})
    bring(database, tenant_id, [post("v1"), post("v2"), post("v3")])

    first = look(reader)
    soon, after_a_while = look(reader, after=FIRST_WAIT / 2), look(reader, after=FIRST_WAIT)
    at_last = look(FakeThumbnails(), after=REFUSED_WAIT)

    assert (first, soon, after_a_while.failed, at_last) == (Report(1, 2, 0), Report(0, 0, 0), 1, Report(2, 0, 0))
    assert known(database, tenant_id).keys() == {"v1", "v2", "v3"}
    assert reasons(database, tenant_id) == {"measured": 3}


def test_what_fails_again_and_again_is_asked_less_often_and_then_no_more() -> None:
    waits = [next_try(tries, now=NOON, may_pass=True) for tries in range(1, MOST_TRIES + 1)]

    assert [wait and (wait - NOON) / FIRST_WAIT for wait in waits] == [1, 2, 4, 8, 16, None]
    assert next_try(1, now=NOON, may_pass=False) == NOON + REFUSED_WAIT


def test_a_run_that_reaches_nobody_ends_early_and_says_so(look: Callable[..., Report], database: Database, tenant_id: UUID) -> None:
    reader = FakeThumbnails({"https": SourceUnavailable("thumbnail", "no network")})
    bring(database, tenant_id, [post(f"v{number:02d}", days=number + 1) for number in range(BATCH + 5)])

    report = look(reader)

    assert (len(reader.asked), report.failed, report.left) == (BATCH, BATCH, 5)
    assert report.note is not None
    assert "no network" in report.note


def test_where_nobody_fetches_nothing_is_known_and_it_says_why(look: Callable[..., Report], database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, [post("v1")])

    report = look(None)

    assert (report.measured, report.failed, report.left) == (0, 0, 1)
    assert report.note == "this deployment fetches no thumbnails"
    assert (known(database, tenant_id), reasons(database, tenant_id)) == ({}, {})


def test_measures_go_with_the_picture_that_may_not_be_kept(look: Callable[..., Report], database: Database, tenant_id: UUID) -> None:
    bring_from_api(database, tenant_id, [post("v1")])
    look(FakeThumbnails())
    with database.begin(tenant_id) as uow:
        video = uow.connection.exec_driver_sql("select video_id from videos").scalar_one()
        uow.collections.put_videos(uow.collections.add(UUID(int=1), {"name": "kept"}, user_id=None).collection_id, [video])
        uow.retention.clear_videos(now=NOON + timedelta(days=40), batch=10, is_amended=False)

        assert uow.connection.exec_driver_sql("select count(*) from videos").scalar_one() == 1
        assert uow.thumbnails.reasons() == {}
