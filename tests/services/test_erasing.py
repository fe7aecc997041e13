"""A workspace that was erased is nowhere any more: not in the database, the files, or what Dagster remembers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from domain.errors import Conflict, NotFound, Refused, SourceUnavailable, Unacceptable, Unauthenticated
from domain.ports import Platforms
from domain.requests import State
from domain.rights import SECOND_LOOK, tombstone
from gateways.files.store import LocalFiles
from services import members
from services.rights import erasing
from services.rights.erasing import Looked, Outside
from store.calls import Call
from store.database import Database, MemberEntry
from store.ids import new_id
from store.logs import Served
from store.rls import NEVER_DELETED
from tests.canaries import Filled, fill, found_in
from tests.conftest import Member, make_member, make_urls
from tests.consent import World, world
from tests.services.owners import Owner

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@dataclass
class FakeTraces:
    """Stands at the port `Traces`."""

    forgotten: list[UUID] = field(default_factory=list)
    is_away: bool = False

    def forget(self, tenant_id: UUID) -> int:
        if self.is_away:
            raise SourceUnavailable("dagster", "a run of the workspace has not ended")
        self.forgotten.append(tenant_id)
        return 0


@dataclass(frozen=True)
class Place:
    """A deployment of its own, in which one workspace is full of canaries."""

    database: Database
    files: LocalFiles
    traces: FakeTraces
    superuser: psycopg.Connection[object]

    def look(self, *, after: timedelta = timedelta(0), platforms: Platforms | None = None) -> Looked:
        outside = Outside(self.files, platforms or Platforms(), self.traces)
        return erasing.erase_due(self.database, outside, now=NOW + after)

    def ask(self, who: Member, *, grace: timedelta = timedelta(0)) -> None:
        with self.database.begin(MemberEntry(who.tenant_id, who.user_id)) as uow:
            name = uow.identity.profile(who.user_id).tenant_name
            erasing.ask(uow, name, now=NOW, grace=grace)


@pytest.fixture(scope="module")
def own(superuser_url: str) -> Iterator[tuple[Database, psycopg.Connection[object]]]:
    urls = make_urls(superuser_url, f"erasing_{new_id().hex}")
    database = Database(urls.app, system_url=urls.system)
    with psycopg.connect(urls.superuser, autocommit=True) as connection:
        yield database, connection
    database.close()


@pytest.fixture
def place(own: tuple[Database, psycopg.Connection[object]], tmp_path: Path) -> Place:
    return Place(own[0], LocalFiles(tmp_path), FakeTraces(), own[1])


@pytest.fixture
def filled(place: Place) -> Filled:
    return fill(place.database, make_member(place.database), place.files)


def left_in_files(folder: Path, words: list[str]) -> list[Path]:
    """Files whose name or body holds one of the words."""
    return [
        path for path in folder.rglob("*")
        if any(word in str(path) or (path.is_file() and word.encode() in path.read_bytes()) for word in words)
    ]  # fmt: skip


def test_nothing_of_an_erased_workspace_is_left_but_its_tombstone_and_money(place: Place, filled: Filled) -> None:
    who = filled.member
    other = fill(place.database, make_member(place.database), place.files)
    before = found_in(place.superuser, [other.canary])
    words = [filled.canary, who.email, str(who.user_id)]
    place.ask(who)

    first, second = place.look(), place.look(after=SECOND_LOOK)

    assert (first.erased, second.ended) == (1, 1)
    assert found_in(place.superuser, [filled.canary, who.email]) == {}
    # The trail and the ledger name whoever acted by an id that is nobody's any more.
    assert set(found_in(place.superuser, words)) <= {"audit_log", "reservations"}
    assert set(found_in(place.superuser, [str(who.tenant_id)])) == NEVER_DELETED - {"audit_exports"}
    assert left_in_files(place.files.path(other.files[0].key).parents[2], [filled.canary, str(who.tenant_id)]) == []
    assert place.files.erased() == frozenset({tombstone(who.tenant_id)})
    assert place.traces.forgotten == [who.tenant_id, who.tenant_id]
    assert found_in(place.superuser, [other.canary]) == before


def test_the_logs_forget_the_workspaces_calls_and_its_members_sign_ins(place: Place) -> None:
    gone, stays = make_member(place.database), make_member(place.database)
    guest = make_member(place.database)  # who has a workspace of their own as well
    place.superuser.execute("insert into memberships (tenant_id, user_id, role) values (%s, %s, 'member')", (gone.tenant_id, guest.user_id))
    for who in (gone, stays, guest):
        with place.database.begin_anonymous() as uow:
            uow.sessions.note("login", is_success=True, user_id=who.user_id, address="203.0.113.7")
            call = Call("request-0001", "203.0.113.7", tenant_id=who.tenant_id, user_id=who.user_id)
            uow.logs.put([Served(call, NOW, "GET", "/x", 200, 1.5)])
    place.ask(gone)

    place.look()
    place.look(after=SECOND_LOOK)

    for log in ("access_log", "auth_events"):
        left = f"select count(*) filter (where user_id = %s), count(*) filter (where user_id = any(%s)) from {log}"
        assert place.superuser.execute(left, (gone.user_id, [stays.user_id, guest.user_id])).fetchone() == (0, 2), log


def test_a_deletion_waits_out_its_grace_and_can_be_called_off(place: Place) -> None:
    who = make_member(place.database)
    place.ask(who, grace=30 * DAY)

    early = place.look(after=29 * DAY)
    with place.database.begin(MemberEntry(who.tenant_id, who.user_id)) as uow:
        seen = erasing.shown(uow)
        erasing.call_off(uow)
    late = place.look(after=31 * DAY)

    assert seen.due_at == NOW + 30 * DAY
    assert early == late == Looked(0, 0, ())
    with place.database.begin(who.tenant_id) as uow:
        assert uow.identity.profile(who.user_id).email == who.email
        with pytest.raises(NotFound):
            erasing.shown(uow)


def test_only_the_owner_who_types_the_name_may_delete(place: Place) -> None:
    who = make_member(place.database)
    with (
        pytest.raises(Unacceptable, match="not confirmed"),
        place.database.begin(MemberEntry(who.tenant_id, who.user_id)) as uow,
    ):
        erasing.ask(uow, "another name", now=NOW)

    place.superuser.execute("update memberships set role = 'admin' where user_id = %s", (who.user_id,))
    with pytest.raises(Refused), place.database.begin(MemberEntry(who.tenant_id, who.user_id)) as uow:
        erasing.ask(uow, "Test", now=NOW)


def test_an_erasure_waits_for_a_run_that_still_writes(place: Place) -> None:
    who = make_member(place.database)
    with place.database.begin(who.tenant_id) as uow:
        request = uow.requests.ask(request_id=new_id(), kind="insights", subject="x", params={}, user_id=None)
        uow.requests.claim(request.request_id, 1, "a run")
    place.ask(who)

    waits = place.look()
    with place.database.begin(who.tenant_id) as uow:
        told = uow.requests.get(request.request_id).is_cancel_requested
        uow.requests.end(request.request_id, State.CANCELED)
    done = place.look(after=timedelta(minutes=1))

    assert waits.put_off == ("a run still writes: it was asked to stop",)
    assert told
    assert done.erased == 1


def test_an_erasure_that_was_cut_off_goes_on_and_cannot_be_called_off(place: Place, filled: Filled) -> None:
    place.ask(filled.member)
    place.traces.is_away = True

    cut_off = place.look()
    with pytest.raises(Conflict), place.database.begin(filled.member.tenant_id) as uow:
        uow.deletions.call_off()
    place.traces.is_away = False
    again = place.look(after=timedelta(hours=1))

    assert len(cut_off.put_off) == 1
    assert again.erased == 1
    assert found_in(place.superuser, [filled.canary]) == {}


def test_what_commits_while_a_workspace_is_erased_goes_with_the_second_look(place: Place) -> None:
    who = make_member(place.database)
    place.ask(who)
    place.look()
    with place.database.begin(who.tenant_id) as uow:
        uow.trust.raise_once(dedupe_key="x", kind="x", severity="info", title="written late", details={})

    place.look(after=SECOND_LOOK)

    assert found_in(place.superuser, ["written late"]) == {}


@pytest.fixture(scope="module")
def google() -> Iterator[World]:
    with world() as made:
        yield made


def test_grants_are_taken_back_at_the_provider(place: Place, google: World) -> None:
    owner = Owner(place.database, google, make_member(place.database))
    channel = owner.connect().channel
    live = len(google.provider.live)
    place.ask(owner.member)

    done = place.look(platforms=owner.platforms)

    assert done.erased == 1
    assert len(google.provider.live) < live
    assert found_in(place.superuser, [str(channel.channel_id)]).keys() <= {"audit_log"}


def test_a_backup_from_before_brings_nobody_back(place: Place, filled: Filled) -> None:
    place.ask(filled.member)
    place.look()
    place.look(after=SECOND_LOOK)
    place.superuser.execute("insert into tenants (tenant_id, name) values (%s, 'risen')", (filled.member.tenant_id,))
    place.superuser.execute("delete from tombstones")

    risen = erasing.bury_again(place.database, place.files, now=NOW)
    place.look()

    assert risen == 1
    assert found_in(place.superuser, ["risen"]) == {}


def test_who_leaves_takes_their_keys_and_with_the_last_workspace_their_name(place: Place) -> None:
    who, owner = make_member(place.database), make_member(place.database)
    place.superuser.execute("delete from memberships where user_id = %s", (who.user_id,))
    place.superuser.execute("insert into memberships (tenant_id, user_id, role) values (%s, %s, 'member')", (owner.tenant_id, who.user_id))

    with place.database.begin(MemberEntry(owner.tenant_id, who.user_id)) as uow:
        members.leave(uow)

    assert found_in(place.superuser, [who.email]) == {}
    with pytest.raises(Unauthenticated), place.database.begin(MemberEntry(owner.tenant_id, who.user_id)):
        raise AssertionError("the door was open")
    with pytest.raises(Conflict, match="own this workspace"), place.database.begin(MemberEntry(owner.tenant_id, owner.user_id)) as uow:
        members.leave(uow)


def test_a_grant_that_cannot_be_taken_back_is_waited_for_a_day(place: Place, google: World) -> None:
    owner = Owner(place.database, google, make_member(place.database))
    owner.connect()
    place.ask(owner.member)
    google.provider.is_away = True

    waits, later = place.look(platforms=owner.platforms), place.look(platforms=owner.platforms, after=2 * DAY)

    google.provider.is_away = False
    assert "provider does not answer" in waits.put_off[0]
    assert later.erased == 1
