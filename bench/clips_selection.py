"""Topics: Pk (0 is best, 0.5 is chance) on sources composed of twenty made-up documents of 1,500 words or more, ours against TextTiling on
the same vectors, with the best of its windows for that kind of source; means over seeds, every source paired. *Parts* are 300 to 900 words
of a document, *unlike* ones 150 to 1,500, *hard* worlds share most of their words. No seed is one that the method was tried on.

Signals: precision and recall on labelled parts, made by hand (what is said) or planted by a seed (everything else).

Speed: an hour of talk, 9,000 words in some 550 sentences of ten topics, with levels and samples of an analysis; processor seconds of
`rank`, topics and all, in a process that has loaded numpy and scipy already.
"""

import random
import time
from collections.abc import Sequence

import numpy as np

from bench.baselines import texttiling
from bench.harness.documents import Style, World, pk
from bench.harness.labelled import Told, measured
from bench.harness.rows import Row, Scale
from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.asked import Wanted
from domain.clips.choosing import rank
from domain.clips.segmenting import topics_of
from domain.clips.source import Source
from domain.clips.vectors import latent, weighed
from domain.transcripts import Sentence, Word

TITLE = "Choosing clips: topics, signals, speed"

HARD = Style(own_share=0.2, neighbour_share=0.25, section_shift=0.6)
BURSTY = Style(repeat_share=0.5, section_words=(80, 300), section_shift=0.7)
KINDS = {"whole documents": (1500,) * 20, "parts": (300, 500, 700, 900) * 5, "unlike parts": (150, 300, 600, 1200, 1500) * 4}
WORLDS = {"": Style(), ", hard": HARD, ", bursty": BURSTY}
SEEDS = 8
HOUR_SECONDS, HOUR_WORDS = 3600.0, 9_000
PRECISION, RECALL = 0.8, 0.8


def run(scale: Scale) -> list[Row]:
    seeds = range(100, 100 + scale.rows(SEEDS))
    compared = {f"{kind}{world}": _compared(style, lengths, seeds) for kind, lengths in KINDS.items() for world, style in WORLDS.items()}
    topics = [_topics(f"Pk, {name}", pairs, bar="<= 0.25") for name, pairs in compared.items()]
    together = _topics("Pk, all of them", [pair for pairs in compared.values() for pair in pairs], bar="<= 0.25 and below TextTiling's")
    return [*topics, together] + [row for told in measured() for row in _signal(told)] + [_speed(scale)]


def _compared(style: Style, lengths: Sequence[int], seeds: range) -> list[tuple[float, float]]:
    """Pk of ours and of TextTiling's best window on the same sources."""
    found, rivals = [], []
    for seed in seeds:
        source = World(seed, topics=50, style=style).composed(random.Random(seed).sample(lengths, len(lengths)))
        count = len(source.sentences)
        vectors = latent(weighed(source.sentences, "en"))
        found.append(pk(source.boundaries, topics_of(source.sentences, "en").starts, count))
        rivals.append([pk(source.boundaries, texttiling.boundaries(vectors, window), count) for window in texttiling.WINDOWS])
    best = int(np.mean(rivals, axis=0).argmin())
    return [(ours, theirs[best]) for ours, theirs in zip(found, rivals, strict=True)]


def _topics(name: str, pairs: Sequence[tuple[float, float]], *, bar: str) -> Row:
    ours, baseline = (float(each) for each in np.mean(pairs, axis=0))
    worst = np.max(pairs, axis=0)
    better = sum(one < other for one, other in pairs)
    note = f"worst {worst[0]:.2f} to {worst[1]:.2f}; better on {better} of {len(pairs)} sources"
    passed = ours <= 0.25 and ("below" not in bar or ours < baseline)
    return Row(name=name, ours=ours, baseline=baseline, ratio=ours / baseline, unit="Pk", bar=bar, passed=passed, note=note)


def _signal(told: Told) -> list[Row]:
    note = f"of {told.parts} parts"
    return [
        Row(name=f"{told.name}: {what}", ours=value, unit="share", bar=f">= {bar}", passed=value >= bar, note=note)
        for what, value, bar in (("precision", told.precision, PRECISION), ("recall", told.recall, RECALL))
    ]


def _speed(scale: Scale) -> Row:
    source = hour(seed=1)
    rank(source, Wanted.of())
    seconds = []
    for _ in range(scale.rounds):
        began = time.process_time()
        rank(source, Wanted.of())
        seconds.append(time.process_time() - began)
    took = float(np.median(seconds))
    note = f"{len(source.sentences)} sentences, {len(source.words)} words"
    return Row(name="an hour of talk", ours=took, unit="s", bar="<= 2 s", passed=took <= 2, note=note)


def hour(seed: int) -> Source:
    """An hour of talk with an analysis: words at an even pace, a pause after each sentence."""
    texts = World(seed, topics=20).composed((HOUR_WORDS // 10,) * 10).sentences
    pace = HOUR_SECONDS / (sum(len(text.split()) for text in texts) + 2 * len(texts))
    at, sentences, words = 0.0, [], []
    for text in texts:
        said = [Word(at + pace * place, at + pace * (place + 1), word, 0) for place, word in enumerate(text.split())]
        sentences.append(Sentence(at, said[-1].end_seconds, text, is_complete=True))
        words += said
        at = said[-1].end_seconds + 2 * pace
    return Source(
        sentences=tuple(sentences),
        words=tuple(words),
        duration_seconds=HOUR_SECONDS,
        language="en",
        analysis=_analysis(random.Random(seed)),
    )


def _analysis(source: random.Random) -> MediaAnalysis:
    face = Face(left=0.4, top=0.2, width=0.1, height=0.2)
    samples = [
        Sample(at_seconds=at / 5, faces=(face,) * source.randint(0, 1), motion=source.random()) for at in range(round(5 * HOUR_SECONDS))
    ]
    levels = [source.gauss(-25, 6) for _ in range(round(10 * HOUR_SECONDS))]
    cuts = sorted(source.uniform(0, HOUR_SECONDS) for _ in range(400))
    return MediaAnalysis(width=1920, height=1080, seconds=HOUR_SECONDS, cuts=tuple(cuts), samples=tuple(samples), levels_db=tuple(levels))
