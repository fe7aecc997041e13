"""The sensor of grants: a first reading is asked for once and mended, revocations come to an end, what is past its day goes."""

from collections.abc import Iterator

import dagster as dg
import pytest
import sqlalchemy as sa

from domain.connections import Connection, ConnectionStatus
from domain.requests import Request, State
from sensors.connections import mend_connections
from services import disconnecting
from store.database import Database
from store.ids import new_id
from tests.conftest import make_member, make_urls
from tests.consent import World, world
from tests.services.owners import Owner
from tests.store.crowds import at_once


@pytest.fixture(scope="module")
def module_world() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def across(superuser_url: str) -> Iterator[Database]:
    """A database of this module's own: the sensor looks across tenants."""
    urls = make_urls(superuser_url, f"fresh_{new_id().hex}")
    made = Database(urls.app, system_url=urls.system, pool_size=10)
    yield made
    made.close()


@pytest.fixture
def owner(across: Database, module_world: World) -> Owner:
    module_world.reset()
    return Owner(across, module_world, make_member(across))


@pytest.fixture
def connection(owner: Owner) -> Connection:
    return owner.connect().connection


def look(owner: Owner) -> str:
    with dg.build_sensor_context(resources={"database": owner.database, "platforms": owner.platforms}) as context:
        told = mend_connections(context)
    assert isinstance(told, dg.SkipReason)
    return str(told.skip_message)


def readings(owner: Owner) -> list[Request]:
    with owner.begin() as uow:
        return uow.requests.page(limit=50, kinds=["sync"])


def run(owner: Owner, statement: str) -> None:
    with owner.begin() as uow:
        uow.connection.execute(sa.text(statement))


def fail_for_good(owner: Owner, minutes_ago: int = 0) -> None:
    [request] = readings(owner)
    with owner.begin() as uow:
        uow.requests.fail(request, error={"code": "source_unavailable"}, retryable=False)
    run(owner, f"update requests set finished_at = clock_timestamp() - interval '{minutes_ago} minutes', attempt = greatest(attempt, 3)")


def test_a_connection_has_one_first_reading_however_often_one_looks(owner: Owner, connection: Connection) -> None:
    before = readings(owner)

    told = [look(owner) for _ in range(3)]

    assert (len(before), readings(owner)) == (1, before)
    assert [each for each in told if not each.startswith("asked again for 0 ")] == []


def test_a_reading_that_was_lost_is_asked_for_once(owner: Owner, connection: Connection) -> None:
    run(owner, "delete from requests")

    answers = at_once(4, lambda _: look(owner))

    assert [each.subject for each in readings(owner)] == [f"onboard:{connection.connection_id}"]
    assert [each for each in answers if isinstance(each, Exception)] == []


def test_the_database_itself_keeps_a_second_reading_out(owner: Owner, connection: Connection) -> None:
    [first] = readings(owner)

    with pytest.raises(sa.exc.IntegrityError, match="uq_requests_onboarding"):
        run(
            owner,
            "insert into requests (tenant_id, request_id, kind, subject, claim_on, state)"
            " select tenant_id, gen_random_uuid(), kind, subject, claim_on, 'pending' from requests",
        )

    assert [each.request_id for each in readings(owner)] == [first.request_id]


def test_a_reading_that_failed_is_tried_again_with_growing_pauses(owner: Owner, connection: Connection) -> None:
    seen = []
    for minutes_ago in (4, 5, 14, 15):
        if readings(owner)[0].state is not State.FAILED:
            fail_for_good(owner, minutes_ago)
        else:
            run(owner, f"update requests set finished_at = clock_timestamp() - interval '{minutes_ago} minutes'")
        look(owner)
        [request] = readings(owner)
        seen.append((request.state, request.attempt))

    assert seen == [(State.FAILED, 3), (State.PENDING, 4), (State.FAILED, 4), (State.PENDING, 5)]


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.CANCELED])
def test_a_reading_that_is_done_or_unwanted_is_left_alone(owner: Owner, connection: Connection, state: State) -> None:
    with owner.begin() as uow:
        uow.requests.end(readings(owner)[0].request_id, state)
    run(owner, "update requests set finished_at = finished_at - interval '9 days'")

    look(owner)

    assert [each.state for each in readings(owner)] == [state]


@pytest.mark.parametrize("state", ["pending", "running"])
def test_a_reading_that_is_on_its_way_is_left_alone(owner: Owner, connection: Connection, state: str) -> None:
    run(owner, f"update requests set state = '{state}', created_at = created_at - interval '9 days'")

    look(owner)

    assert [(each.state, each.attempt) for each in readings(owner)] == [(State(state), 1)]


def test_a_grant_that_is_dead_is_not_read(owner: Owner, connection: Connection) -> None:
    fail_for_good(owner, 60)
    run(owner, "update connections set status = 'needs_reauth'")

    look(owner)

    assert readings(owner)[0].state is State.FAILED


def disconnected(owner: Owner, connection: Connection) -> Connection:
    """Disconnected while the provider is away."""
    owner.google.provider.is_away = True
    with owner.begin() as uow:
        disconnecting.disconnect(uow, connection.channel_id)
    ended = disconnecting.revoke(owner.begin, owner.platforms, connection.connection_id)
    owner.google.provider.is_away = False
    return ended


def get(owner: Owner, connection: Connection) -> Connection:
    with owner.begin() as uow:
        return uow.connections.get(connection.connection_id)


def test_a_revocation_that_failed_is_tried_again_when_it_is_due(owner: Owner, connection: Connection) -> None:
    assert disconnected(owner, connection).status is ConnectionStatus.REVOKING
    look(owner)
    assert "revoke" not in owner.google.provider.asked
    run(owner, "update connections set revoke_not_before = clock_timestamp()")

    look(owner)

    assert (get(owner, connection).status, owner.google.provider.live) == (ConnectionStatus.REVOKED, {})


def test_a_provider_that_stays_away_is_asked_less_and_less(owner: Owner, connection: Connection) -> None:
    disconnected(owner, connection)
    owner.google.provider.is_away = True
    waits = []
    for _ in range(3):
        run(owner, "update connections set revoke_not_before = clock_timestamp()")
        look(owner)
        with owner.begin() as uow:
            waits.append(uow.connection.execute(sa.text("select revoke_not_before - clock_timestamp() from connections")).scalar_one())

    assert [round(each.total_seconds() / 30) for each in waits] == [2, 4, 8]


def test_on_the_stated_day_the_tokens_go_and_the_tenant_is_told(owner: Owner, connection: Connection) -> None:
    disconnected(owner, connection)
    run(owner, "update connections set delete_after = clock_timestamp() - interval '1 second'")

    look(owner)

    with owner.begin() as uow:
        tokens, alerts = uow.connections.tokens(connection.connection_id), uow.trust.alerts()
    assert (get(owner, connection).status, tokens.access_token, tokens.refresh_token) == (ConnectionStatus.REVOKED, None, None)
    assert [each.kind for each in alerts] == ["revocation"]


def test_consents_that_did_not_come_back_are_forgotten(owner: Owner, module_world: World) -> None:
    channel_id = owner.make()
    owner.ask(channel_id)
    with owner.database.begin_system() as system:
        system.connection.execute(sa.text("update oauth_states set expires_at = clock_timestamp()"))  # of everybody
    owner.ask(channel_id)

    look(owner)

    with owner.database.begin_system() as system:
        kept = system.connection.execute(sa.text("select tenant_id from oauth_states where channel_id = :id"), {"id": channel_id}).scalars()
        assert list(kept) == [owner.member.tenant_id]
