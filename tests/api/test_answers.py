"""Answers that a worker gives again: only while they are true, only to whom they were given, and not without end."""

from uuid import UUID, uuid4

import sqlalchemy as sa

from api.answers import Answer, Answers
from api.insights.frame import Published, frame, published
from api.pages import Cursors
from api.reading import Reading
from gateways.credentials import hash_key
from services.insights.deep import DEEP
from services.insights.effects import EFFECTS
from services.insights.features import FEATURES
from services.insights.scores import SCORES
from store.database import Database, KeyEntry
from store.glance import Glance
from store.tables.identity import api_keys
from tests.api.conftest import Caller, assert_problem, make_key
from tests.conftest import Member
from tests.published import bring, posts, publish_all

KEPT = ("/insights/effects", "/insights/deep", "/insights/deep/cached", "/insights/causal", "/insights/advanced")
KINDS = (FEATURES, SCORES, EFFECTS, DEEP)
PROOF = Glance(uuid4(), uuid4(), False)


def entry(number: int) -> KeyEntry:
    return KeyEntry(bytes([number]))


def test_what_was_not_asked_for_longest_goes_first() -> None:
    answers = Answers(most_bytes=20)
    for number in (1, 2):
        answers.put((entry(number), "deep", ()), Answer(PROOF, b"0123456789", "tag"))

    answers.get((entry(1), "deep", ()))
    answers.put((entry(3), "deep", ()), Answer(PROOF, b"01234", "tag"))

    assert [answers.get((entry(number), "deep", ())) is not None for number in (1, 2, 3)] == [True, False, True]


def test_an_answer_that_is_too_large_is_not_kept() -> None:
    answers = Answers(most_bytes=3)

    answers.put((entry(1), "deep", ()), Answer(PROOF, b"0123", "tag"))
    answers.put((entry(2), "deep", ()), Answer(PROOF, b"012", "tag"))

    assert [answers.get((entry(number), "deep", ())) for number in (1, 2)] == [None, Answer(PROOF, b"012", "tag")]


def test_an_answer_is_the_same_again(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts(count=24))
    publish_all(database, member.tenant_id, kinds=KINDS)

    for path in KEPT:
        first, again = mine.get(path), mine.get(path)

        assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])


def test_an_answer_is_made_once_while_it_is_true_and_for_each_caller(database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts())
    released = publish_all(database, member.tenant_id, kinds=(SCORES,))["scores"].release_id
    head, answers, made = Glance(member.tenant_id, released, False), Answers(), list[int]()

    def make() -> tuple[UUID, Published]:
        made.append(1)
        with database.begin(member.tenant_id) as uow:
            return uow.tenant_id, Published(**frame(uow.insights.outliers(limit=1).release, "scores"))

    callers = [KeyEntry(hash_key(make_key(database, member).plain)) for _ in range(2)]
    readings = [Reading(database, each, Cursors("secret"), answers) for each in callers]
    said = [published(each, "scores", ("all",), make).content for each in readings * 3]
    published(readings[0], "scores", None, make)

    assert (len(set(said)), len(made), database.glance(callers[0], "scores")) == (1, 3, head)


def test_a_newer_release_is_served_at_once(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts(count=24))
    publish_all(database, member.tenant_id, kinds=KINDS)
    before = {path: mine.get(path).json()["release_id"] for path in KEPT}

    bring(database, member.tenant_id, posts("ben", count=6))
    publish_all(database, member.tenant_id, day=1, kinds=KINDS)

    assert all(mine.get(path).json()["release_id"] != before[path] for path in KEPT)


def test_newer_data_are_told_at_once(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts(count=24))
    publish_all(database, member.tenant_id, kinds=KINDS)
    before = [mine.get(path).json()["stale"] for path in KEPT]

    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text("update videos set observed_at = observed_at + interval '1 year'"))

    assert (before, [mine.get(path).json()["stale"] for path in KEPT]) == ([False] * len(KEPT), [True] * len(KEPT))


def test_a_key_that_was_revoked_opens_no_answer_of_before(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts(count=24))
    publish_all(database, member.tenant_id, kinds=KINDS)
    assert [mine.get(path).status_code for path in (*KEPT, "/insights/outliers")] == [200] * (len(KEPT) + 1)

    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.update(api_keys).values(revoked_at=sa.func.now()))

    for path in (*KEPT, "/insights/outliers"):
        assert_problem(mine.get(path), 401)
