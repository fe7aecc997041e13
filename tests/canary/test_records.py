"""How the long campaign counts, and how it tells what it found."""

from collections import Counter

from tests.canary.calling import Answer
from tests.canary.campaign import SPELL, spells
from tests.canary.hearing import Heard
from tests.canary.records import Record, Told, is_good, report
from tests.canary.telling import are_alike

OPERATION = "GET /api/v1/videos/{video_id}"
KINDS = (b"content-type", b"application/json")


def record(seed: int, *, faults: tuple[str, ...] = (), is_filtered: bool = True) -> Record:
    found = Record(seed, is_filtered=is_filtered, requests=4, pairs=2, faults=list(faults))
    found.statuses, found.played, found.seconds = Counter({404: 4}), Counter({OPERATION: 4}), {OPERATION: 0.008}
    return found


def test_spells_come_to_as_many_requests_as_were_asked_for_and_share_no_seed() -> None:
    made = [*spells(7, 3 * SPELL + 40), *spells(8, SPELL), *spells(7, SPELL, is_filtered=False)]

    assert [each.requests for each in made] == [SPELL, SPELL, SPELL, 40, SPELL, SPELL]
    assert len({each.seed for each in made}) == len(made)
    assert list(spells(7, 0)) == []


def test_a_fault_is_told_with_the_command_that_plays_it_again() -> None:
    told = [Told([record(70_000), record(75_000, faults=(f"{OPERATION}: leaks",), is_filtered=False)], "pool", is_good=True)]

    lines = list(report(told))

    assert not is_good(told)
    assert lines[-2:] == ["repeat: python -m tests.canary --spell 75000 --without-filters", f"{OPERATION}: leaks"]
    assert "8 requests, 4 of them on the build without filters, 4 pairs: 1 faults" in lines
    assert "1 operations: each 8 to 8 times, 2.00 ms a request" in lines


def test_a_campaign_is_good_only_where_its_attacks_and_all_else_are() -> None:
    assert is_good([Told([record(1)], "", is_good=True)])
    assert not is_good([Told([record(1)], "", is_good=True), Told([record(2)], "", is_good=False)])


def test_answers_differ_by_status_body_and_names_of_headers_and_not_by_what_varies() -> None:
    one = Answer(404, (KINDS, (b"x-request-id", b"1")), b"{}")

    assert are_alike(one, Answer(404, (KINDS, (b"X-Request-Id", b"2")), b"{}"))
    assert not are_alike(one, Answer(403, one.headers, b"{}"))
    assert not are_alike(one, Answer(404, one.headers, b"{ }"))
    assert not are_alike(one, Answer(404, (*one.headers, (b"retry-after", b"1")), b"{}"))


def test_what_is_logged_between_two_looks_is_heard_at_the_second() -> None:
    heard = Heard()

    heard.write("one\n")
    first = heard.taken()
    heard.write("late\n")

    assert (first, heard.taken(), heard.taken()) == ("one\n", "late\n", "")
