"""One statement that proves the caller and reads: it sees one workspace, nothing without a good entry, and leaves nothing behind."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from gateways.credentials import hash_key
from services.insights.scores import SCORES
from store.database import Database, KeyEntry, MemberEntry, SessionEntry
from tests.api.conftest import make_key
from tests.conftest import Member, make_member
from tests.conftest import TestUrls as Urls
from tests.published import bring, posts, publish_all

# The tenant is named, as it must be, and narrows nothing: what is left is what the policies let through.
MINE = "select v.video_id from videos v where %(tenant)s is not null limit %(limit)s"


def key(database: Database, member: Member) -> KeyEntry:
    return KeyEntry(hash_key(make_key(database, member).plain))


def session(database: Database, member: Member) -> SessionEntry:
    """As a token names it."""
    with database.begin_anonymous() as uow:
        words: dict[str, Any] = {"kind": "tokens", "good_for": timedelta(days=1), "at_most": timedelta(days=1)}
        return SessionEntry(uow.sessions.open(user_id=member.user_id, tenant_id=member.tenant_id, **words), tenant_id=member.tenant_id)


def test_it_sees_the_newest_release_of_its_own_workspace_only(database: Database) -> None:
    ana, ben = make_member(database), make_member(database)
    released = {}
    for who in (ana, ben):
        bring(database, who.tenant_id, posts())
        released[who.tenant_id] = publish_all(database, who.tenant_id, kinds=(SCORES,))["scores"].release_id

    for who in (ana, ben):
        for entry in (key(database, who), session(database, who), MemberEntry(who.tenant_id, who.user_id)):
            found = database.glance(entry, "scores")
            assert found is not None
            assert found[:2] == (who.tenant_id, released[who.tenant_id])


def test_policies_stand_where_a_statement_narrows_nothing(database: Database) -> None:
    ana, ben = make_member(database), make_member(database)
    bring(database, ana.tenant_id, posts("ana", count=3))
    bring(database, ben.tenant_id, posts("ben", count=5))

    assert [len(database.once(key(database, who), MINE, limit=100)) for who in (ana, ben)] == [3, 5]


def test_an_entry_that_is_not_good_finds_nothing(database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts())
    stranger = make_member(database)

    for entry in (KeyEntry(b"no such key"), MemberEntry(member.tenant_id, stranger.user_id), MemberEntry(uuid4(), member.user_id)):
        assert database.once(entry, MINE, limit=100) == []


def test_a_session_that_ended_or_is_of_somebody_else_finds_nothing(database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts())
    live, stranger = session(database, member), make_member(database)
    assert database.once(live, MINE, limit=100)

    assert database.once(replace(session(database, stranger), tenant_id=member.tenant_id), MINE, limit=100) == []
    with database.begin_anonymous() as uow:
        assert uow.sessions.end(live.session_id or uuid4(), "logout")
    assert database.once(live, MINE, limit=100) == []


def test_who_acts_as_somebody_has_to_say_so(database: Database, member: Member, urls: Urls) -> None:
    bring(database, member.tenant_id, posts())
    acting, admin = session(database, member), make_member(database)
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as superuser:
        superuser.execute("update users set is_platform_admin = true where user_id = %s", (admin.user_id,))
        superuser.execute(
            "update sessions set kind = 'impersonation', impersonator = %s, begun_in = %s, reason = 'asked to' where session_id = %s",
            (admin.user_id, session(database, admin).session_id, acting.session_id),
        )

    assert database.once(acting, MINE, limit=100) == []
    assert database.once(replace(acting, impersonator=admin.user_id), MINE, limit=100)


def test_it_leaves_no_workspace_entered(database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts())
    assert database.once(key(database, member), MINE, limit=100)

    with database.begin_anonymous() as uow:
        assert uow.connection.execute(sa.text("select count(*) from videos")).scalar_one() == 0


def test_a_connection_that_the_server_closed_finds_nothing_and_the_next_one_works(database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts())
    entry = key(database, member)

    ends = "select 1 from videos where %(tenant)s is not null and pg_terminate_backend(pg_backend_pid()) limit %(limit)s"

    assert database.once(entry, ends, limit=1) == []

    with database.begin(entry) as uow:
        assert uow.tenant_id == member.tenant_id
    assert database.once(entry, MINE, limit=1)
