"""What the demo workspace has before anything is read: people to tell apart, and a test of titles that is over."""

from datetime import timedelta
from math import log1p
from uuid import UUID

from demo import have_tested, know_people
from domain.effects.verdicts import Verdict
from domain.experiments.states import ExperimentState
from sandbox.around import NAMED
from sandbox.title_test import LIFT
from services import experiments
from store.database import Database
from tests.library import NOON


def test_the_demo_knows_whom_its_posts_name(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        know_people(uow)

        assert {(each.name, each.kind) for each in uow.entities.all()} == {(each.name, each.kind) for each in NAMED}


def test_the_demos_test_of_titles_is_over_and_finds_the_lift_that_was_planted(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        have_tested(uow, now=NOON)
        (found,) = uow.experiments.page(limit=2)
        assert found.plan is not None
        reading = experiments.reading_of(uow, found, found.plan, today=NOON.date() + timedelta(days=1))
        (effect,) = experiments.statements(found, found.plan, reading)

    assert found.state is ExperimentState.CONCLUDED
    assert effect.verdict is Verdict.EXPERIMENTAL
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low <= log1p(LIFT) <= effect.high
