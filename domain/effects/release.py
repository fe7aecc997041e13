"""One release of effects: every hypothesis of a tenant, all outcomes and scopes, judged together so that q counts them all.

What is asked is in `questions.asking`, how it is estimated in `candidates` and `changes`; here they are put together in the order that
keeps them honest: every estimate first, then q over all of them, then a second look at what survived, which can only take claims away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from domain.effects.candidates import candidates, judge
from domain.effects.changes.changes import change_candidates
from domain.effects.changes.telling import Row
from domain.effects.divisions import labels_of
from domain.effects.questions.asking import Asked, Question, asked_of, questions_of
from domain.effects.questions.calibrating import calibrated, calibration_of
from domain.effects.questions.surviving import looked_at_again
from domain.effects.questions.telling import scoped_sections_of, sections_of
from domain.effects.threads import one_thread
from domain.effects.verdicts import METHOD_VERSION, Candidate, Effect
from domain.features.table import FeatureTable


@dataclass(frozen=True, slots=True, eq=False)
class EffectsRelease:
    """What is published together. `sections`: further tables by name, as JSON values; `scoped`: the same of own accounts, by their id."""

    effects: tuple[Effect, ...]
    sections: Mapping[str, Any] = field(default_factory=dict)
    method: str = METHOD_VERSION
    scoped: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@one_thread(has_trees=False)
def effects_release(
    posts: pd.DataFrame, features: FeatureTable, *, experiments: Sequence[Candidate | Effect] = (), seed: int
) -> EffectsRelease:
    """All effects of a tenant. Posts: `domain.posts.COLUMNS`; experiments: own randomised results, which also calibrate the others.

    The same posts, features, experiments and seed give the same values, in any order of rows.
    """
    asked = asked_of(posts, features)
    questions = list(questions_of(asked))
    of_posts = [each for question in questions for each in _candidates(asked, question, seed)]
    of_changes, told = _changes(asked, questions, seed)
    # What was reported without a p waits for nobody.
    stated = [each for each in experiments if isinstance(each, Effect)]
    tested = [each for each in experiments if not isinstance(each, Effect)]
    waiting = [*of_posts, *of_changes, *tested]
    judged = looked_at_again(waiting, judge(waiting), asked.frame, labels_of(asked.frame, _topics(asked, features)), seed)
    calibration = calibration_of([*judged, *stated])
    effects = (*calibrated(judged, calibration), *stated)
    return EffectsRelease(
        effects,
        sections_of(asked, features, effects, calibration, told, seed),
        scoped=scoped_sections_of(asked, features, effects, seed),
    )


def _candidates(asked: Asked, question: Question, seed: int) -> Sequence[Candidate]:
    return candidates(asked.frame, question.hypotheses, outcome=question.outcome, scope=question.scope, seed=seed)


def _changes(asked: Asked, questions: Sequence[Question], seed: int) -> tuple[list[Candidate], dict[str, list[Row]]]:
    """Dated changes, about every outcome that is asked about; the changes themselves are the same for each."""
    waiting: list[Candidate] = []
    told: dict[str, list[Row]] = {"changes": [], "event_study": []}
    for outcome in dict.fromkeys(question.outcome for question in questions):
        found = change_candidates(asked.frame, asked.features, outcome=outcome, seed=seed)
        waiting += found.candidates
        told["event_study"] += found.sections["event_study"]
        told["changes"] += [{"outcome": outcome.value, **row} for row in found.sections["changes"]]
    return waiting, told


def _topics(asked: Asked, features: FeatureTable) -> "pd.Series[str] | None":
    if "topic" not in features.words:
        return None
    words = features.words[~features.words.index.duplicated()]
    return words["topic"].reindex(asked.frame["video_id"]).set_axis(asked.frame.index)
