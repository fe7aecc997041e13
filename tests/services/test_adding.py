"""Adding links in bounded time, by services alone: what is slow stays for later, and is not lost."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.adding import MOST, Wanted, is_named_by, planned
from domain.errors import Unacceptable
from domain.links import read_link
from domain.ports import Platforms
from services import adding
from services.adding import Adding
from services.fetching import Fetching
from store.database import Database
from store.ids import new_id
from tests.conftest import make_member
from tests.library import seen
from tests.searchable import FakeSite

TIKTOK = "https://www.tiktok.com/@ana/video/"
IDS = ("7301234567890124401", "7301234567890124402")


@dataclass
class Gate:
    """Holds a call back until it is opened."""

    open: threading.Event = field(default_factory=threading.Event)
    began: threading.Event = field(default_factory=threading.Event)

    def __call__(self, call: str) -> None:
        if call == f"videos {IDS[1]}":
            self.began.set()
            assert self.open.wait(20)


def test_what_is_too_slow_waits_for_later_and_is_then_found(database: Database, tenant_id: UUID) -> None:
    site, gate = FakeSite(), Gate()
    site.put("ana", *IDS)
    site.on_call, site.lock = gate, threading.RLock()  # type: ignore[assignment]  # each call for itself
    scrape_id = new_id()
    with database.begin(tenant_id) as uow:
        adding.take_in(uow, scrape_id, [TIKTOK + each for each in IDS[1:]], collection_id=None, now=datetime.now(UTC))
    platforms = Platforms(readers=(site,))
    fetching = Fetching(lambda: database.begin(tenant_id), platforms, tenant_id=tenant_id, max_age=timedelta(minutes=10))
    work = Adding(lambda: database.begin(tenant_id), lambda months: database.ensure_months(sorted(months)), fetching, platforms)

    is_done = adding.add(work, scrape_id, seconds=0.2)
    with database.begin(tenant_id) as uow:
        waiting = [each.outcome for each in uow.scrapes.urls(scrape_id)]
    gate.open.set()
    is_done_then = adding.add(work, scrape_id)
    fetching.close()

    with database.begin(tenant_id) as uow:
        ended = [each.outcome for each in uow.scrapes.urls(scrape_id)]
    assert (is_done, waiting, is_done_then, ended) == (False, ["waiting"], True, ["saved"])


def test_links_whose_run_is_canceled_before_it_came_to_them_do_not_count(fresh: Database) -> None:
    member, scrape_id = make_member(fresh), new_id()
    with fresh.begin(member.tenant_id) as uow:
        adding.take_in(uow, scrape_id, [TIKTOK + each for each in IDS], collection_id=None, now=datetime.now(UTC))
        uow.requests.cancel(adding.ask(uow, scrape_id).request_id)

        assert [each.used for each in uow.usage.meters(now=datetime.now(UTC)) if each.meter == "urls_per_day"] == [0]


@pytest.mark.parametrize("urls", [[], [f"https://x.com/a/status/{number}" for number in range(MOST + 1)]])
def test_none_and_too_many_are_refused(urls: list[str]) -> None:
    with pytest.raises(Unacceptable, match="cannot be added at once"):
        adding.check(urls)


def test_a_link_that_is_given_twice_is_added_once() -> None:
    assert adding.check(["a", " a ", "b"]) == ["a", "b"]


def test_posts_of_a_platform_are_asked_for_together_where_it_answers_so() -> None:
    links = [
        "https://www.youtube.com/watch?v=abcdefghi_1", "https://www.youtube.com/watch?v=abcdefghi_2", "https://www.youtube.com/@ana",
        TIKTOK + IDS[0], TIKTOK + IDS[1],
    ]  # fmt: skip

    plan = planned([Wanted(line, read_link(url)) for line, url in enumerate(links, 1)])

    assert [(each.platform.value, each.is_account, [one.line for one in each.wanted]) for each in plan] == [
        ("youtube", False, [1, 2]), ("youtube", True, [3]), ("tiktok", False, [4]), ("tiktok", False, [5]),
    ]  # fmt: skip
    keys = [one.key for each in plan for one in each.wanted]
    assert (keys[0], keys[-1]) == ("abcdefghi_1", TIKTOK + IDS[1])


def test_a_post_is_known_by_its_id_or_by_the_code_in_its_address() -> None:
    link = read_link("https://www.instagram.com/p/CabcDEF123/")
    row = seen("3141592653")
    assert row.video is not None
    by_code = type(row.video)("3141592653", url="https://www.instagram.com/reel/CabcDEF123/")

    assert not is_named_by(link, row)
    assert is_named_by(link, type(row)(1, row.account, row.observed_at, video=by_code))
    assert is_named_by(link, seen("CabcDEF123"))
