"""Accounts, posts and effects that we made, and so know what may be planned of them."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pandas as pd

from domain.effects.sentences import sentence
from domain.effects.verdicts import Design, Effect, Outcome, Verdict
from domain.features.table import FeatureTable, Vocabulary, feature_table
from domain.planning.evidence import Evidence, evidence_of
from domain.planning.release import Known
from domain.posts import posts_frame
from domain.scores.frames import Cell
from domain.scores.maturity import Curve

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = ("Bread", "Garden", "River", "Winter", "Market", "Stone", "Letter", "Engine", "Paper", "Violet", "Repair", "Soup")
CONTRASTS = {
    "is_question": "a question mark in the title, compared with none", "has_number": "a digit in the title, compared with none",
    "has_emoji": "an emoji in the title, compared with none", "title_chars": "a title 10 characters longer",
    "is_evening": "posted between 18:00 and 24:00 local time, compared with 12:00 to 18:00",
    "is_morning": "posted between 6:00 and 12:00 local time, compared with 12:00 to 18:00",
}  # fmt: skip


def posts(
    *, accounts: int = 3, count: int = 80, question: float = 0.0, seed: int = 1, sd: float = 0.5, is_own: bool = True
) -> pd.DataFrame:
    """A post every 20 hours; two in five ask, which is worth `question` log points. Levels differ by account."""
    chance = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for account in range(accounts):
        level = 7.0 + account
        for number in range(count):
            asks, counts = chance.random() < 0.4, chance.random() < 0.3
            words = " ".join(chance.choice(WORDS, 2))
            outcome = level + question * asks + sd * chance.standard_normal()
            rows.append({
                "video_id": f"v{account}-{number:04}", "account_id": f"a{account}", "platform": "tiktok", "format": "short",
                "posted_at": NOW - timedelta(hours=20 * (count - number) + 200), "selection": "census", "time_zone": "Europe/Berlin",
                "title": f"{words}{' with 3 seeds' if counts else ''}{'?' if asks else ''}", "description": "",
                "hashtags": ("bread",), "duration_seconds": 30.0, "is_own": True, "views": float(np.exp(outcome)),
                "outcome": outcome, "outcome_se": 0.05,
            })  # fmt: skip
    return posts_frame(rows)


def measured(frame: pd.DataFrame) -> FeatureTable:
    return feature_table(frame, Vocabulary())


def effect(feature: str, verdict: Verdict, estimate: float | None = 0.3, **more: Any) -> tuple[str, dict[str, Any]]:
    """As a release keeps it: (id, figures)."""
    bounds: dict[str, Any] = {} if estimate is None else {"se": 0.05, "low": estimate - 0.1, "high": estimate + 0.1, "q": 0.001}
    made = Effect(
        **{"feature": feature, "contrast": CONTRASTS[feature], "estimand": "e", "verdict": verdict, "design": Design.WITHIN_ACCOUNT,
           "n": 240, "accounts": 3, "treated": 90, "control": 150, "estimate": estimate, **bounds, **more}
    )  # fmt: skip
    name = f"{made.key}/{verdict}"
    return str(uuid5(NAMESPACE_URL, name)), {**asdict(made), "sentence": sentence(made)}


SUPPORTED = effect("is_question", Verdict.CAUSAL_SUPPORTED)
TO_TEST = effect("has_number", Verdict.ASSOCIATIONAL, 0.25)
NO_MATTER = effect("has_emoji", Verdict.REFUTED, 0.01)
OPEN = effect("title_chars", Verdict.INCONCLUSIVE, 0.02, reason="the interval is wide", posts_needed=140)
EVENING = effect("is_evening", Verdict.ASSOCIATIONAL, 0.2)
MORNING = effect("is_morning", Verdict.CAUSAL_SUPPORTED, 0.4)
ENGAGED = effect("is_question", Verdict.CAUSAL_SUPPORTED, -0.2, outcome=Outcome.ENGAGEMENT)
EFFECTS = (SUPPORTED, TO_TEST, NO_MATTER, OPEN, EVENING, MORNING, ENGAGED)
VERDICTS = {effect_id: str(figures["verdict"]) for effect_id, figures in EFFECTS}


def evidence(table: FeatureTable, *effects: tuple[str, dict[str, Any]]) -> tuple[Evidence, ...]:
    return evidence_of(effects or EFFECTS, table.features)


def curve(*, oldest_days: float = 60.0) -> Curve:
    """Half of the long run after seven days; nothing is unsure."""
    knots = tuple(float(each) for each in np.log([1.0, 7.0, 30.0, oldest_days]))
    none = (0.0,) * len(knots)
    return Curve(
        Cell("tiktok", "short", "original"), knots, (float(np.log(0.2)), float(np.log(0.5)), float(np.log(0.9)), 0.0),
        (none,) * len(knots), none, none, 0.0, (), 100, 3,
    )  # fmt: skip


def known(frame: pd.DataFrame, *effects: tuple[str, dict[str, Any]], outliers: set[str] | None = None) -> Known:
    table = measured(frame)
    flags = {video: video in (outliers or set()) for video in frame["video_id"]}
    return Known(frame, table, evidence(table, *effects), flags, (curve(),), NOW)
