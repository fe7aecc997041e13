"""The ledger: caps hold under any concurrency, every operation ends once, and the books balance."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import money
from domain.economy import Level
from domain.errors import Conflict, LimitReached, NotFound, Refused, WhyralError
from domain.money import Purpose, Reservation, ReservationState
from store import plans
from store.database import Database
from store.ids import new_id
from store.ledger import Ledger
from store.tenant_rows import erased
from tests.conftest import Member, make_member
from tests.conftest import TestUrls as Urls
from tests.store.crowds import at_once

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Do = Callable[[Ledger], Reservation]


@pytest.fixture(autouse=True, scope="module")
def roomy(urls: Urls) -> None:
    """Here the default caps are looked at, not those of a plan; and the whole deployment has room for all tests."""
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("update plans set day_usd = null, month_usd = null where plan = 'free'"))
        plans.set_deployment_caps(connection, Decimal(10**6), Decimal(10**6))


def usd(text: str) -> Decimal:
    return Decimal(text)


def run(database: Database, tenant_id: UUID, do: Do) -> Reservation:
    with database.begin(tenant_id) as uow:
        return do(uow.ledger)


def reserve(
    database: Database, tenant_id: UUID, operation: str, amount: str = "1", *, subject: str = "clip", now: datetime = NOON
) -> Reservation:
    return run(database, tenant_id, lambda ledger: ledger.reserve(operation, subject, usd(amount), now=now, expires_at=now + HOUR))


def set_cap(database: Database, tenant_id: UUID, period: str, cap: str) -> None:
    with database.begin(tenant_id) as uow:
        uow.connection.execute(
            sa.text("insert into ledger_caps (tenant_id, period, cap_usd) values (:tenant, :period, :cap)"),
            {"tenant": tenant_id, "period": period, "cap": usd(cap)},
        )


def totals(database: Database, tenant_id: UUID) -> tuple[object, object]:
    """Reserved and spent, as the caps see them."""
    with database.begin(tenant_id) as uow:
        row = uow.connection.execute(
            sa.text("select coalesce(sum(reserved_usd), 0) r, coalesce(sum(spent_usd), 0) s from ledger_days")
        ).one()
        return row.r, row.s


def booked(database: Database, tenant_id: UUID, account: str) -> object:
    """What stands on an account by the entries alone."""
    with database.begin(tenant_id) as uow:
        total = (
            "select coalesce(sum(case when target = :account then amount_usd when source = :account then -amount_usd end), 0)"
            " from ledger_entries"
        )
        return uow.connection.execute(sa.text(total), {"account": account}).scalar_one()


def test_what_was_less_than_reserved_becomes_available_again(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a", "2.5")

    ended = run(database, tenant_id, lambda ledger: ledger.commit("a", usd("1.0000000001")))

    assert (ended.state, ended.spent_usd) == ("committed", usd("1.0000000001"))
    assert totals(database, tenant_id) == (0, usd("1.0000000001"))
    assert booked(database, tenant_id, "available") == -usd("1.0000000001")


@pytest.mark.parametrize("price", ["0", "0.4", "1", "1.75"])
def test_the_usual_end_books_what_the_rules_say(database: Database, tenant_id: UUID, price: str) -> None:
    """It is one statement with the rule in it; what is unknown before is booked by the rule itself."""
    settled = money.commit(reserve(database, tenant_id, "a", "1"), usd(price))
    ended = run(database, tenant_id, lambda ledger: ledger.commit("a", usd(price)))

    with database.begin(tenant_id) as uow:
        entries = "select kind, source, target, amount_usd from ledger_entries where kind <> 'reserve' order by kind"
        found = [tuple(row) for row in uow.connection.execute(sa.text(entries))]
    assert settled is not None
    assert replace(ended, ended_at=None) == settled.reservation
    assert found == sorted((each.kind, each.source, each.target, each.amount_usd) for each in settled.movements)


def test_an_overage_is_booked_in_full_and_stops_its_subject(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a", "1")
    reserve(database, tenant_id, "b", "1")

    run(database, tenant_id, lambda ledger: ledger.commit("a", usd("1.75")))

    assert totals(database, tenant_id) == (1, usd("1.75"))
    with pytest.raises(Refused):
        reserve(database, tenant_id, "c", "0.01")
    assert run(database, tenant_id, lambda ledger: ledger.commit("b", usd("0.5"))).spent_usd == usd("0.5")
    assert reserve(database, tenant_id, "d", subject="another clip").state == "reserved"


def test_an_overage_is_booked_beyond_the_cap_too(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a", "150")

    run(database, tenant_id, lambda ledger: ledger.commit("a", usd("151")))

    assert totals(database, tenant_id) == (0, 151)
    with pytest.raises(LimitReached) as refusal:
        reserve(database, tenant_id, "b", "0.0000000001", subject="another clip")
    assert (refusal.value.limit, refusal.value.used) == (15_000, 15_100)


def test_the_default_day_is_worth_150_dollars(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a", "149.9999999999")
    reserve(database, tenant_id, "b", "0.0000000001")

    with pytest.raises(LimitReached) as refusal:
        reserve(database, tenant_id, "c", "0.0000000001")
    assert refusal.value.resets_at == datetime(2026, 2, 11, tzinfo=UTC)
    assert reserve(database, tenant_id, "d", now=NOON + timedelta(hours=12)).day.isoformat() == "2026-02-11"


def test_the_default_month_is_worth_4500_dollars(database: Database, tenant_id: UUID) -> None:
    set_cap(database, tenant_id, "day", "5000")
    reserve(database, tenant_id, "a", "4500")

    with pytest.raises(LimitReached) as refusal:
        reserve(database, tenant_id, "b", "1", now=datetime(2026, 2, 28, 23, 59, tzinfo=UTC))

    assert (refusal.value.limit, refusal.value.resets_at) == (450_000, datetime(2026, 3, 1, tzinfo=UTC))
    assert reserve(database, tenant_id, "c", now=datetime(2026, 3, 1, tzinfo=UTC)).state == "reserved"


def test_of_fifty_against_a_budget_for_ten_exactly_ten_win(database: Database, tenant_id: UUID) -> None:
    set_cap(database, tenant_id, "day", "10")

    answers = at_once(50, lambda number: reserve(database, tenant_id, f"operation-{number}", subject=f"clip-{number}"))

    assert sum(isinstance(each, Reservation) for each in answers) == 10
    assert {type(each) for each in answers} == {Reservation, LimitReached}
    assert totals(database, tenant_id) == (10, 0)


def test_the_month_holds_where_many_reserve_on_different_days(database: Database, tenant_id: UUID) -> None:
    set_cap(database, tenant_id, "month", "10")

    answers = at_once(30, lambda number: reserve(database, tenant_id, f"o-{number}", now=NOON + timedelta(days=number % 10)))

    assert sum(isinstance(each, Reservation) for each in answers) == 10


def test_one_operation_reserves_and_commits_once_whoever_calls_it_at_the_same_time(database: Database, tenant_id: UUID) -> None:
    reserved = at_once(8, lambda number: reserve(database, tenant_id, "same"))
    committed = at_once(8, lambda number: run(database, tenant_id, lambda ledger: ledger.commit("same", usd("0.25"))))

    assert {type(each) for each in reserved + committed} == {Reservation}
    assert totals(database, tenant_id) == (0, usd("0.25"))


def test_of_a_commit_and_a_release_at_once_one_wins(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "same")
    ends: list[Do] = [lambda ledger: ledger.commit("same", usd("1")), lambda ledger: ledger.release("same")]

    answers = at_once(2, lambda number: run(database, tenant_id, ends[number]))

    assert {type(each) for each in answers} == {Reservation, Conflict}
    assert totals(database, tenant_id) in ((0, 1), (0, 0))


@pytest.mark.parametrize(("amount", "subject"), [("2", "clip"), ("1", "another clip")])
def test_an_operation_cannot_reserve_something_else(database: Database, tenant_id: UUID, amount: str, subject: str) -> None:
    reserve(database, tenant_id, "a")

    with pytest.raises(Conflict):
        reserve(database, tenant_id, "a", amount, subject=subject)


def test_a_committed_operation_cannot_be_committed_at_another_price(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a")
    run(database, tenant_id, lambda ledger: ledger.commit("a", usd("1")))

    with pytest.raises(Conflict):
        run(database, tenant_id, lambda ledger: ledger.commit("a", usd("0.5")))


def test_an_unknown_call_counts_as_spent_until_it_is_reconciled(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a", "3")

    run(database, tenant_id, lambda ledger: ledger.unknown("a"))
    before = totals(database, tenant_id)
    run(database, tenant_id, lambda ledger: ledger.reconcile("a", usd("0")))

    assert (before, totals(database, tenant_id)) == ((0, 3), (0, 0))
    assert booked(database, tenant_id, "available") == 0


def test_a_price_that_comes_late_settles_an_unknown_call(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a", "3")
    run(database, tenant_id, lambda ledger: ledger.unknown("a"))

    late = run(database, tenant_id, lambda ledger: ledger.commit("a", usd("4")))

    assert (late.state, late.reserved_usd, late.spent_usd) == (ReservationState.COMMITTED, Decimal(3), Decimal(4))
    assert totals(database, tenant_id) == (0, 4)


def test_what_is_not_unknown_cannot_be_reconciled(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a")

    with pytest.raises(Conflict):
        run(database, tenant_id, lambda ledger: ledger.reconcile("a", usd("1")))


def test_nobody_may_begin_after_the_end(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a")
    run(database, tenant_id, lambda ledger: ledger.release("a"))

    with pytest.raises(Conflict):
        run(database, tenant_id, lambda ledger: ledger.began("a"))


@pytest.mark.parametrize("wrong", [0.1, 1, usd("-0.01"), usd("NaN"), usd("Infinity"), usd("0.00000000001"), usd("10000000000")])
def test_only_exact_amounts_are_kept(database: Database, tenant_id: UUID, wrong: Decimal) -> None:
    with pytest.raises((TypeError, ValueError)):
        run(database, tenant_id, lambda ledger: ledger.reserve("a", "clip", wrong, now=NOON, expires_at=NOON + HOUR))
    reserve(database, tenant_id, "a")
    with pytest.raises((TypeError, ValueError)):
        run(database, tenant_id, lambda ledger: ledger.commit("a", wrong))
    assert totals(database, tenant_id) == (1, 0)


@pytest.mark.parametrize("end", [lambda ledger: ledger.release("a"), lambda ledger: ledger.began("a"), lambda ledger: ledger.get("a")])
def test_another_tenants_reservation_does_not_exist(database: Database, member: Member, other: Member, end: Do) -> None:
    reserve(database, other.tenant_id, "a")

    with pytest.raises(NotFound):
        run(database, member.tenant_id, end)


def test_another_tenants_spending_does_not_count(database: Database, member: Member, other: Member) -> None:
    reserve(database, other.tenant_id, "a", "150")

    assert reserve(database, member.tenant_id, "a", "150").state == "reserved"


def test_a_sweep_releases_what_did_not_begin_and_counts_what_did(fresh: Database) -> None:
    one, two = make_member(fresh).tenant_id, make_member(fresh).tenant_id
    set_cap(fresh, two, "day", "100")
    set_cap(fresh, two, "month", "100")
    reserve(fresh, one, "idle", "1")
    reserve(fresh, two, "begun", "2")
    reserve(fresh, two, "later", "4", now=NOON + HOUR)
    run(fresh, two, lambda ledger: ledger.began("begun"))

    with fresh.begin_system() as system:
        swept = system.ledger.sweep(NOON + HOUR)
    with fresh.begin_system() as system:
        again = system.ledger.sweep(NOON + HOUR)

    assert [(tenant, each.operation, each.state) for tenant, each in swept] == [(one, "idle", "released"), (two, "begun", "unknown")]
    assert again == []
    assert (totals(fresh, one), totals(fresh, two)) == ((0, 0), (4, 2))


def test_of_an_erased_workspace_a_sweep_books_the_end_and_keeps_nothing_else(database: Database, urls: Urls) -> None:
    tenant_id = make_member(database).tenant_id
    reserve(database, tenant_id, "begun")
    run(database, tenant_id, lambda ledger: ledger.began("begun"))
    with sa.create_engine(urls.superuser.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool).begin() as connection:
        for table in (*erased(), "tenants"):
            connection.execute(sa.text(f"delete from {table} where tenant_id = :tenant"), {"tenant": tenant_id})

    with database.begin_system() as system:
        system.ledger.sweep(NOON + HOUR)

    with database.begin(tenant_id) as uow:
        assert uow.ledger.get("begun").state is ReservationState.UNKNOWN
        assert uow.connection.execute(sa.text("select count(*) from alerts")).scalar_one() == 0


def test_two_sweepers_end_a_reservation_once(fresh: Database) -> None:
    tenant_id = make_member(fresh).tenant_id
    set_cap(fresh, tenant_id, "day", "100")
    set_cap(fresh, tenant_id, "month", "100")
    for number in range(20):
        reserve(fresh, tenant_id, f"o-{number}")

    def sweep(number: int) -> int:
        with fresh.begin_system() as system:
            return len(system.ledger.sweep(NOON + HOUR))

    answers = at_once(4, sweep)

    assert sorted(str(type(each)) for each in answers) == [str(int)] * 4
    assert sum(each for each in answers if isinstance(each, int)) == 20
    assert totals(fresh, tenant_id) == (0, 0)


@pytest.mark.parametrize(
    "change",
    ["update ledger_entries set amount_usd = 1", "delete from ledger_entries", "delete from reservations", "delete from ledger_days"],
)
def test_the_books_cannot_be_rewritten(database: Database, tenant_id: UUID, change: str) -> None:
    reserve(database, tenant_id, "a")

    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text(change))


def test_an_operation_books_each_kind_once_whatever_the_code_above_believes(database: Database, tenant_id: UUID) -> None:
    reserve(database, tenant_id, "a")

    with pytest.raises(sa.exc.IntegrityError), database.begin(tenant_id) as uow:
        uow.connection.execute(
            sa.text(
                "insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)"
                " values (:tenant, 'a', 'reserve', 'available', 'reserved', 1)"
            ),
            {"tenant": tenant_id},
        )


def put_on(database: Database, tenant_id: UUID, operation: str, amount: str) -> Reservation:
    """Reserve for the production `p`."""
    purpose = Purpose(service="model", production="p")
    return run(
        database, tenant_id,
        lambda ledger: ledger.reserve(operation, operation, usd(amount), now=NOON, expires_at=NOON + HOUR, purpose=purpose),
    )  # fmt: skip


def alerts(database: Database, tenant_id: UUID) -> list[tuple[str, str]]:
    with database.begin(tenant_id) as uow:
        return sorted((each.dedupe_key, each.severity) for each in uow.trust.alerts())


def test_a_production_stops_at_three_dollars_and_is_made_sparingly_from_two_and_a_half_on(database: Database, tenant_id: UUID) -> None:
    put_on(database, tenant_id, "a", "1")
    put_on(database, tenant_id, "b", "1.5")
    run(database, tenant_id, lambda ledger: ledger.commit("a", usd("0.9")))

    with pytest.raises(LimitReached) as refusal:
        put_on(database, tenant_id, "c", "0.61")
    put_on(database, tenant_id, "d", "0.6")

    assert (refusal.value.limit, refusal.value.used, refusal.value.resets_at) == (300, 240, None)
    with database.begin(tenant_id) as uow:
        assert uow.ledger.production("p") == (usd("3"), Level.EXCEEDED)
        assert uow.ledger.production("another") == (usd("0"), Level.OK)
    assert alerts(database, tenant_id) == [("production:p:exceeded", "critical"), ("production:p:warning", "warning")]


def test_of_fifty_that_want_the_productions_last_dollar_one_gets_it(database: Database, tenant_id: UUID) -> None:
    put_on(database, tenant_id, "before", "2")

    answers = at_once(50, lambda number: put_on(database, tenant_id, f"o-{number}", "1"))

    assert sum(isinstance(each, Reservation) for each in answers) == 1


def test_a_cap_that_comes_near_and_one_that_is_reached_are_told_once(database: Database, tenant_id: UUID) -> None:
    for number in range(8):
        reserve(database, tenant_id, f"a{number}", "18.75")
        reserve(database, tenant_id, f"a{number}", "18.75")

    assert alerts(database, tenant_id) == [("spending:2026-02-10:cap", "critical"), ("spending:2026-02-10:warned", "warning")]


def test_an_overage_and_a_call_whose_end_was_not_seen_are_told(fresh: Database) -> None:
    tenant_id = make_member(fresh).tenant_id
    for name in ("a", "b"):
        reserve(fresh, tenant_id, name, "0.1", subject=name)
        with fresh.begin(tenant_id) as uow:
            uow.ledger.began(name)
    run(fresh, tenant_id, lambda ledger: ledger.commit("a", usd("0.2")))
    with fresh.begin_system() as system:
        system.ledger.sweep(NOON + HOUR)

    assert alerts(fresh, tenant_id) == [("overage:a", "critical"), ("unknown:2026-02-10", "warning")]


def test_a_reservation_knows_what_it_is_for(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        request = uow.requests.ask(request_id=new_id(), kind="insights", subject="x", params={}, user_id=None)
    purpose = Purpose("brightdata", None, request.request_id)

    run(database, tenant_id, lambda ledger: ledger.reserve("a", "x", usd("1"), now=NOON, expires_at=NOON + HOUR, purpose=purpose))

    kept = run(database, tenant_id, lambda ledger: ledger.get("a"))
    assert (kept.service, kept.production, kept.request_id) == ("brightdata", None, request.request_id)


@pytest.mark.parametrize(
    "change",
    [
        "update reservations set spent_usd = 2 where operation = 'a'",
        "update reservations set state = 'released' where operation = 'a'",
        "insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)"
        " select tenant_id, 'a', 'overage', 'available', 'spent', 1 from reservations where operation = 'a'",
    ],
)
def test_books_that_do_not_balance_are_not_committed(database: Database, tenant_id: UUID, change: str) -> None:
    reserve(database, tenant_id, "a", "1")

    with pytest.raises(sa.exc.IntegrityError, match="come to"), database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text(change))
    assert totals(database, tenant_id) == (1, 0)


@dataclass
class Book:
    """The model: what the ledger must come to, told without movements."""

    state: str
    reserved: Decimal
    spent: Decimal = Decimal(0)
    has_begun: bool = False

    def held(self) -> Decimal:
        return self.reserved if self.state == "reserved" else Decimal(0)


amounts = st.sampled_from([usd(text) for text in ("0", "0.0000000001", "0.3", "1", "2.5", "7")])
steps = st.lists(
    st.tuples(st.sampled_from(["reserve", "began", "commit", "release", "unknown", "reconcile", "sweep"]), st.integers(0, 4), amounts),
    max_size=25,
)


def play(books: dict[str, Book], verb: str, name: str, amount: Decimal, cap: Decimal) -> bool:
    """Apply a step to the model. Returns whether the ledger must accept it."""
    book = books.get(name)
    if verb == "reserve":
        if book is not None:
            return book.reserved == amount
        has_room = sum(each.held() + each.spent for each in books.values()) + amount <= cap
        if has_room:
            books[name] = Book("reserved", amount)
        return has_room
    if book is None:
        return False
    if verb == "began":
        book.has_begun = book.has_begun or book.state == "reserved"
        return book.state == "reserved"
    froms, state, spent = {
        "commit": ({"reserved", "unknown"}, "committed", amount),
        "reconcile": ({"unknown"}, "committed", amount),
        "release": ({"reserved"}, "released", Decimal(0)),
        "unknown": ({"reserved"}, "unknown", book.reserved),
    }[verb]
    if book.state in froms:
        book.state, book.spent = state, spent
        return True
    return book.state == state and (state != "committed" or book.spent == amount)


def sweep(books: dict[str, Book]) -> None:
    for book in books.values():
        if book.state == "reserved":
            book.state, book.spent = ("unknown", book.reserved) if book.has_begun else ("released", Decimal(0))


def ask(ledger: Ledger, verb: str, name: str, amount: Decimal) -> None:
    if verb == "reserve":
        ledger.reserve(name, f"clip of {name}", amount, now=NOON, expires_at=NOON + HOUR)
    elif verb in ("commit", "reconcile"):
        getattr(ledger, verb)(name, amount)
    else:
        getattr(ledger, verb)(name)


@settings(max_examples=40, deadline=None)
@given(steps=steps)
def test_any_course_of_events_ends_where_the_model_says(database: Database, steps: list[tuple[str, int, Decimal]]) -> None:
    tenant_id, cap = make_member(database).tenant_id, usd("10")
    books: dict[str, Book] = {}
    set_cap(database, tenant_id, "day", "10")

    for verb, number, amount in steps:
        if verb == "sweep":
            with database.begin_system() as system:
                system.ledger.sweep(NOON + HOUR, limit=10_000)
            sweep(books)
            continue
        expected, accepted = play(books, verb, f"o-{number}", amount, cap), True
        try:
            with database.begin(tenant_id) as uow:
                ask(uow.ledger, verb, f"o-{number}", amount)
        except WhyralError:
            accepted = False
        assert accepted == expected

    held = sum((each.held() for each in books.values()), usd("0"))
    spent = sum((each.spent for each in books.values()), usd("0"))
    assert totals(database, tenant_id) == (held, spent)
    assert (booked(database, tenant_id, "reserved"), booked(database, tenant_id, "spent")) == (held, spent)
    assert booked(database, tenant_id, "available") == -held - spent
