"""Effects as plans read them: which effect speaks for a feature, what it permits to say, and which choices exclude one another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.effects.verdicts import CAUSAL_VERDICTS, Kind, Outcome, Verdict
from domain.features.feature import Feature, FeatureKind

METHOD_VERSION = "planning-1"
# Two-sided quantiles of the normal: intervals of effects hold 95 %, those of plans 80 %.
Z95, Z80 = 1.959964, 1.281552
# Combinations and dated changes speak of no single choice.
_OF_FEATURES = frozenset({Kind.FEATURE, Kind.PERSON, Kind.EXPERIMENT})
_PARTS_OF_DAY = frozenset({"is_night", "is_morning", "is_afternoon", "is_evening"})
_SAME_THING: Mapping[str, str] = {
    **dict.fromkeys(_PARTS_OF_DAY, "part of the day"),
    **dict.fromkeys(("title_chars", "title_words"), "length of the title"),
    **dict.fromkeys(("has_description", "description_chars", "description_chars_log"), "length of the description"),
    **dict.fromkeys(("hashtags_count", "description_hashtags"), "number of hashtags"),
    **dict.fromkeys(("has_power_word", "power_words"), "pressing words"),
    **dict.fromkeys(("has_link", "description_links"), "links"),
    **dict.fromkeys(("thumbnail_faces", "has_thumbnail_face"), "faces on the thumbnail"),
}
_RANK = (Verdict.EXPERIMENTAL, Verdict.EXPERIMENTAL_SELF_REPORTED, Verdict.CAUSAL_SUPPORTED, Verdict.ASSOCIATIONAL, Verdict.REFUTED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One published effect on one feature. Log points per `step` of the feature; `low` and `high` hold 95 %."""

    effect_id: str
    feature: str
    group: str
    contrast: str
    outcome: str
    verdict: Verdict
    sentence: str
    step: float
    is_presence: bool
    estimate: float | None
    se: float | None
    low: float | None
    high: float | None
    n: int
    accounts: int
    scope: str | None = None
    posts_needed: int | None = None
    reason: str | None = None

    @property
    def is_causal(self) -> bool:
        return self.verdict in CAUSAL_VERDICTS and self.estimate is not None

    @property
    def is_claim(self) -> bool:
        """It points somewhere: causal, or an association to look into."""
        return self.estimate is not None and (self.is_causal or self.verdict is Verdict.ASSOCIATIONAL)

    @property
    def choice(self) -> str:
        return choice_of(self.feature)

    @property
    def strength(self) -> tuple[int, float]:
        """Stronger evidence sorts first: by its verdict, then by the end of its interval that is nearer to no effect."""
        rank = _RANK.index(self.verdict) if self.verdict in _RANK else len(_RANK)
        nearer = self.low if (self.estimate or 0.0) >= 0 else self.high
        return rank, -abs(nearer) if nearer is not None else 0.0


def choice_of(feature: str) -> str:
    """What one decides by it: of two features of one choice, a plan can follow one."""
    return "topic" if feature.startswith("topic:") else _SAME_THING.get(feature, feature)


def evidence_of(effects: Iterable[tuple[str, Mapping[str, Any]]], features: Sequence[Feature]) -> tuple[Evidence, ...]:
    """Effects (id, figures as published) on features that are known, by feature; others speak of no choice that can be planned."""
    known = {feature.name: feature for feature in features}
    found = []
    for effect_id, figures in effects:
        # An experiment's name is its feature, then where it was run.
        feature = known.get(figures["feature"]) or known.get(str(figures["feature"]).partition("/")[0])
        if feature is not None and figures.get("kind", Kind.FEATURE) in _OF_FEATURES:
            found.append(_evidence(effect_id, figures, feature))
    return tuple(sorted(found, key=lambda each: (each.feature, each.outcome, each.scope or "", each.effect_id)))


def _evidence(effect_id: str, figures: Mapping[str, Any], feature: Feature) -> Evidence:
    same = {name: figures.get(name) for name in ("estimate", "se", "low", "high", "posts_needed", "reason", "scope")}
    return Evidence(
        effect_id=effect_id, feature=feature.name, group=feature.group.value, contrast=figures["contrast"],
        outcome=figures.get("outcome", Outcome.REACH.value), verdict=Verdict(figures["verdict"]), sentence=figures["sentence"],
        step=feature.step, is_presence=feature.kind is FeatureKind.PRESENCE, n=figures["n"], accounts=figures["accounts"], **same,
    )  # fmt: skip


def speaking(evidence: Iterable[Evidence], account_id: str | None) -> tuple[Evidence, ...]:
    """One effect per feature and outcome: the stronger verdict, then the account's own; other accounts' own effects are left out."""
    best: dict[tuple[str, str], Evidence] = {}
    for each in evidence:
        if each.scope in (None, account_id):
            key = (each.feature, each.outcome)
            best[key] = min((each, best.get(key, each)), key=_preference)
    return tuple(best[key] for key in sorted(best))


def _preference(each: Evidence) -> tuple[int, bool, str]:
    return each.strength[0], each.scope is None, each.effect_id


def settled(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """One claim per choice, the strongest first: reach before other outcomes, so that no plan says two things about one choice."""
    ordered = sorted(evidence, key=lambda each: (each.strength[0], each.outcome != Outcome.REACH, each.strength[1], each.feature))
    taken: dict[str, Evidence] = {}
    for each in ordered:
        taken.setdefault(each.choice, each)
    return tuple(taken.values())


def interval(each: Evidence, z: float = Z80) -> tuple[float, float] | None:
    """The effect's interval at another level, log points; each side scaled on its own. None where a side has no bound."""
    if each.estimate is None or each.low is None or each.high is None:
        return None
    scale = z / Z95
    return each.estimate - scale * (each.estimate - each.low), each.estimate + scale * (each.high - each.estimate)
