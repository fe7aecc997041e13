"""The tables that are told beside a release's effects, by name, as JSON values. Each table is in its own module."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from domain.deep.scope import Scope, scope_of
from domain.effects.changes.telling import Row
from domain.effects.panel import usable
from domain.effects.questions.asking import Asked, own_accounts
from domain.effects.questions.calibrating import calibration_section
from domain.effects.questions.patterns import DESCRIBED, combinations, controversy, patterns
from domain.effects.questions.people import content_by_person, people
from domain.effects.questions.quality import engagement_quality
from domain.effects.questions.summaries import gate_summary, power_summary, success_factors
from domain.effects.questions.title_content import title_versus_content
from domain.effects.verdicts import Effect, Outcome
from domain.experiments.calibration import Calibration
from domain.features.feature import Group
from domain.features.table import FeatureTable
from domain.figures import plain

SECTIONS = (
    "people", "content_by_person", "combinations", "engagement_quality", "controversy", "description_patterns", "title_patterns",
    "title_versus_content", "success_factors", "event_study", "changes", "calibration", "gate_summary", "power_summary",
)  # fmt: skip


def sections_of(
    asked: Asked, table: FeatureTable, effects: Sequence[Effect], calibration: Calibration, changes: Mapping[str, Sequence[Row]], seed: int
) -> dict[str, Any]:
    """Of all accounts."""
    scope = _scope(asked.frame, table)
    found = {
        "people": people(scope, effects),
        "content_by_person": content_by_person(scope),
        "combinations": combinations(scope, effects, asked.pairs),
        "engagement_quality": engagement_quality(scope, effects),
        "controversy": controversy(scope, effects, asked.pairs),
        "description_patterns": patterns(scope, effects, DESCRIBED, "patterns of descriptions"),
        "title_patterns": patterns(scope, effects, (Group.TITLE,), "patterns of titles"),
        "title_versus_content": title_versus_content(asked.frame, asked.features, seed),
        "success_factors": success_factors(effects),
        "calibration": calibration_section(calibration, effects),
        "gate_summary": gate_summary(effects),
        "power_summary": power_summary(effects),
        **changes,
    }
    return dict(plain(found))


def scoped_sections_of(asked: Asked, table: FeatureTable, effects: Sequence[Effect], seed: int) -> dict[str, Mapping[str, Any]]:
    """Of each own account alone, by its id."""
    found = {}
    for account in own_accounts(usable(asked.frame, Outcome.REACH)):
        mine = asked.frame[asked.frame["account_id"].astype(str) == account].reset_index(drop=True)
        alone = [each for each in effects if each.scope == account]
        found[account] = plain({
            "success_factors": success_factors(alone, account),
            "title_versus_content": title_versus_content(mine, asked.features, seed),
            "title_patterns": patterns(_scope(mine, table), [], (Group.TITLE,), "patterns of titles"),
        })  # fmt: skip
    return found


def _scope(frame: pd.DataFrame, table: FeatureTable) -> Scope:
    newest = frame["posted_at"].max()
    return scope_of(frame, table, account_id=None, now=newest)
