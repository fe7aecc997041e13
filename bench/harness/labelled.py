"""Parts of talks for which we know whether a signal is there, made by hand or by a seed, for precision and recall of each signal.

The sentences hold hard ones on both sides: statements that begin like questions, "one" that is no number, an opening that only greets. Who
wrote them wrote the lists of words as well, so precision and recall in the wild are lower; what is measured here is that nothing is broken.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.asked import Wanted
from domain.clips.runs import Run
from domain.clips.signals import Signals
from domain.clips.source import RetentionPoint, Source
from domain.clips.topics import Topics
from domain.effects.verdicts import Design, Effect, Verdict
from domain.media import Cue
from domain.platforms.ytdlp import HeatMark
from domain.transcripts import Sentence, Turn

PART_SECONDS = 20.0
HOOKED = (
    "What would you do with one more hour a day?",
    "Why do so many bridges fail in their first year?",
    "You are holding your camera wrong.",
    "Nobody told us that the engine was still running.",
    "I lost forty thousand dollars in a single night.",
    "Imagine waking up on a moving train.",
    "This is the biggest mistake that new runners make.",
    "Stop throwing away the water from your pasta.",
    "Here's why your bread never rises.",
    "Three days later the whole village was gone.",
    "Everyone thinks the pyramids were built by slaves.",
    "The truth about sugar is much stranger.",
    "Have you ever wondered where the wind begins?",
    "It cost 2 million euros and it sank within minutes.",
    "You will never believe what was behind that door.",
    "We dug for nine weeks, but the tunnel led nowhere.",
)
PLAIN = (
    "Hello and welcome back to the channel.",
    "So today we are going to be in the garden again.",
    "The material is cut along the grain.",
    "My name is Robin and this is the workshop.",
    "Let us continue with the second part of the tour.",
    "The road follows the river for a while.",
    "In the evening the shops close and people go home.",
    "It was built by the same company as the station.",
    "The next room holds the old looms.",
    "We come here every summer with the family.",
    "Then the flour is mixed with a little salt.",
    "The committee meets on the first Monday.",
    "Thanks to all who came to the talk this week.",
    "The bird sits on the fence in the rain.",
    "There is a small museum beside the church.",
    "As I said before, the wood has to dry.",
)
ASKING = (
    "What is the point of all this?",
    "How many of them came back?",
    "Do you know the way?",
    "And why would anybody pay for that?",
    "Is it safe?",
    "Where did the money go?",
    "Should we tell them now?",
    "Who was the first to try?",
    "Could there be another one?",
    "Which of these is yours?",
    "Are they still in business?",
    "So how does it work?",
    "When was the last time you slept?",
    "Did the bridge hold?",
)
TELLING = (
    "What we do here is simple.",
    "How it works is a long story.",
    "That is why the bridge held.",
    "When the rain stops, we go on.",
    "I know who did it.",
    "Where I grew up there was no school.",
    "You know the way.",
    "It is safe.",
    "They could be anywhere.",
    "Which is what I told them.",
    "This does not change a thing.",
    "What matters is the price.",
    "We should tell them now.",
    "Whoever did that was good at it.",
)
COUNTING = (
    "It took 14 days.",
    "We sold two thousand of them.",
    "Half of the people left.",
    "The river is ninety miles long.",
    "In 1969 it was new.",
    "About 3.5 percent of it is salt.",
    "A dozen eggs go into it.",
    "Six of us stayed.",
    "They doubled the price, from five to ten.",
    "It weighs 80 kilos.",
)
UNCOUNTED = (
    "It took a while.",
    "No one knew the way.",
    "One of them stayed behind.",
    "The river is long.",
    "At once the lights went out.",
    "For once he was early.",
    "We sold nearly all of them.",
    "Some of the people left.",
    "It weighs next to nothing.",
    "Wait a second, please.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """How a signal did on labelled parts. A part counts as having it where its share is 0.5 or more; where shares are ranks within the
    video, where it is among the first, of as many as have it.
    """

    name: str
    precision: float
    recall: float
    parts: int


def measured() -> list[Told]:
    """Every signal that says whether something is there, against the labels."""
    said = [
        _said("hook", HOOKED, PLAIN),
        _said("question", ASKING, TELLING),
        _said("question", _bare(ASKING), _bare(TELLING), "without marks"),
        _said("number", COUNTING, UNCOUNTED),
    ]
    return said + [_planted(name, seed) for seed, name in enumerate(_PLANTS)]


def _bare(texts: Sequence[str]) -> list[str]:
    return [text.rstrip("?.").lower().replace(",", "") for text in texts]


def _said(name: str, positive: Sequence[str], negative: Sequence[str], note: str = "") -> Told:
    texts = [*positive, *negative]
    source = Source(sentences=_sentences(texts), duration_seconds=PART_SECONDS * len(texts), language="en")
    labels = [True] * len(positive) + [False] * len(negative)
    return _told(name, source, labels, note)


def _sentences(texts: Sequence[str]) -> tuple[Sentence, ...]:
    """One part each: said in 3 s, then nothing."""
    return tuple(Sentence(PART_SECONDS * at, PART_SECONDS * at + 3, text, is_complete=True) for at, text in enumerate(texts))


_RANKED = ("most_replayed", "motion")


def _told(name: str, source: Source, labels: Sequence[bool], note: str = "") -> Told:
    signals = Signals(source, Wanted.of(), Topics(len(labels)))
    shares = [
        next(each.share for each in signals.of(Run(at, at, PART_SECONDS * at, PART_SECONDS * (at + 1)))[0] if each.name == name)
        for at in range(len(labels))
    ]
    least = sorted(shares)[-sum(labels)] if name in _RANKED else 0.5
    found = [share >= least for share in shares]
    hits = sum(one and other for one, other in zip(found, labels, strict=True))
    return Told(f"{name} {note}".strip(), hits / max(1, sum(found)), hits / sum(labels), len(labels))


_PARTS = 80


def _planted(name: str, seed: int) -> Told:
    """A video of parts in a third of which the thing was put, the rest as it usually is."""
    source = random.Random(seed)
    labels = [source.random() < 1 / 3 for _ in range(_PARTS)]
    labels[0] = False
    return _told(name, _PLANTS[name](labels, source), labels)


def _video(**known: Any) -> Source:
    usual = Source(sentences=_sentences(["We go on with it."] * _PARTS), duration_seconds=PART_SECONDS * _PARTS, language="en")
    return replace(usual, **known)


def _laughter(labels: Sequence[bool], source: random.Random) -> Source:
    glad = ("[laughter]", "[Audience laughs]", "(applause)", "[crowd cheering]", "[LAUGHING]")
    other = ("[music]", "[door closes]", "(sighs)", "They laughed at him.")
    texts = [source.choice(glad if label else other) for label in labels]
    return _video(cues=tuple(Cue(PART_SECONDS * at + 4, PART_SECONDS * at + 5, text) for at, text in enumerate(texts)))


def _bursts(labels: Sequence[bool], source: random.Random) -> Source:
    levels = []
    for label in labels:
        part = [source.gauss(-26, 3) for _ in range(round(10 * PART_SECONDS))]
        for at in range(0, len(part), 37):
            part[at : at + 5] = [-58.0] * len(part[at : at + 5])
        if label:
            for first in (30, 120):
                part[first : first + 8] = [source.gauss(-14, 1) for _ in range(8)]
        levels += part
    return _video(analysis=MediaAnalysis(width=1920, height=1080, seconds=PART_SECONDS * len(labels), levels_db=tuple(levels)))


def _turns(labels: Sequence[bool], source: random.Random) -> Source:
    turns: list[Turn] = []
    speaker = 0
    for at, label in enumerate(labels):
        start = PART_SECONDS * at
        changes = sorted(source.uniform(2, 18) for _ in range(2)) if label else []
        for low, high in zip([0.0, *changes], [*changes, PART_SECONDS], strict=True):
            turns.append(Turn(start_seconds=start + low, end_seconds=start + high, speaker=speaker % 2))
            speaker += high < PART_SECONDS
    return _video(turns=tuple(turns))


def _heat(labels: Sequence[bool], source: random.Random) -> Source:
    """100 marks, as the platform has; the first is the highest, as it always is."""
    total, marks = PART_SECONDS * len(labels), []
    for at in range(100):
        start, end = total * at / 100, total * (at + 1) / 100
        label = labels[min(len(labels) - 1, int((start + end) / 2 / PART_SECONDS))]
        marks.append(HeatMark(start, end, 1.0 if at == 0 else min(1.0, max(0.0, source.gauss(0.55 if label else 0.25, 0.05)))))
    return _video(heat=tuple(marks))


def _retention(labels: Sequence[bool], source: random.Random) -> Source:
    points = [RetentionPoint((at + 1) / len(labels), source.gauss(0.65 if label else 0.35, 0.06)) for at, label in enumerate(labels)]
    return _video(retention=tuple(points))


def _looked(labels: Sequence[bool], samples: list[Sample], cuts: list[float]) -> Source:
    seconds = PART_SECONDS * len(labels)
    return _video(analysis=MediaAnalysis(width=1920, height=1080, seconds=seconds, samples=tuple(samples), cuts=tuple(cuts)))


def _faces(labels: Sequence[bool], source: random.Random) -> Source:
    """A detector that misses one face in ten and sees one where there is none in twenty pictures."""
    face = Face(left=0.4, top=0.2, width=0.1, height=0.2)
    samples = [
        Sample(at_seconds=PART_SECONDS * at + step / 5, faces=(face,) if source.random() < (0.9 if label else 0.05) else ())
        for at, label in enumerate(labels)
        for step in range(round(5 * PART_SECONDS))
    ]
    return _looked(labels, samples, [])


def _cuts(labels: Sequence[bool], source: random.Random) -> Source:
    counts = [source.randint(3, 6) if label else source.randint(0, 1) for label in labels]
    return _looked(
        labels, [], sorted(PART_SECONDS * at + source.uniform(0.5, 19.5) for at, count in enumerate(counts) for _ in range(count))
    )


def _motion(labels: Sequence[bool], source: random.Random) -> Source:
    samples = [
        Sample(at_seconds=PART_SECONDS * at + step, motion=abs(source.gauss(0.3 if label else 0.05, 0.03)))
        for at, label in enumerate(labels)
        for step in range(round(PART_SECONDS))
    ]
    return _looked(labels, samples, [])


def _effects(labels: Sequence[bool], source: random.Random) -> Source:
    texts = [source.choice(ASKING if label else TELLING) for label in labels]
    effect = Effect(
        feature="is_question", contrast="", estimand="", verdict=Verdict.CAUSAL_SUPPORTED, design=Design.WITHIN_ACCOUNT, n=200, accounts=5,
        treated=80, control=120, estimate=math.log(1.3),
    )  # fmt: skip
    return _video(sentences=_sentences(texts), effects=(effect,))


def _judge(labels: Sequence[bool], source: random.Random) -> Source:
    """A judge that is right nine times in ten."""
    seen = [label == (source.random() < 0.9) for label in labels]
    return _video(answers={(at, at): {"stands_alone": "yes" if is_good else "no"} for at, is_good in enumerate(seen)})


_PLANTS = {
    "laughter": _laughter, "loud_bursts": _bursts, "speaker_turns": _turns, "most_replayed": _heat, "retention": _retention, "face": _faces,
    "cuts": _cuts, "motion": _motion, "proven_here": _effects, "judged": _judge,
}  # fmt: skip
