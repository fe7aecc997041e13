"""Six minutes of synthesised English, whose word times are known: 120 sentences that the benchmark composes, with a pause after each.
The script is aligned as it was said, and once more with every tenth sentence replaced by one that nobody says (those words are not
counted). The error is between the found and the known start of each word; the speed is seconds of sound per second of the wall clock;
memory is the largest of the processes that listen. Where the real recordings are at hand (WHYRAL_TEST_DATA), the lines of a read sonnet
are measured against its published map.
"""

import itertools
import os
import random
import re
import resource
import statistics
import tempfile
import time
from pathlib import Path

from bench.harness.rows import Row, Scale
from gateways.speech.aligner import Aligner
from tests.sounds import listenable, said

TITLE = "Aligning a known script with its sound"

SENTENCES = 120
WHO = ("The channel", "Every viewer", "My neighbor", "A careful editor", "Nobody", "The first guest", "Our camera", "This question")
DOES = ("changes", "remembers", "watches", "explains", "forgets", "measures", "repeats", "answers")
WHAT = ("the opening line", "a longer story", "seven small details", "the second half", "one honest number", "their favorite song")
WHEN = ("on Monday", "before breakfast", "in 2024", "for 15 minutes", "without a reason", "at the end", "every single week")


def run(scale: Scale) -> list[Row]:
    sentences = _sentences(scale.rows(SENTENCES), seed=5)
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        talk = said(Path(name), sentences)
        began = time.monotonic()
        errors = _errors(talk.path, talk.words)
        spent = time.monotonic() - began
        told = _with_strangers(talk.words, sentences, seed=6)
        strange = _errors(talk.path, told)
        sonnet = _sonnet(Path(name))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = [
        _error("synthesised, mean error", errors, bar=0.10),
        Row(name="synthesised, 95th percentile", ours=statistics.quantiles(errors, n=20)[-1], unit="s"),
        _error("a tenth of the script never said, mean error of the rest", strange, bar=0.15),
        Row(name="speed", ours=talk.seconds / spent, unit="x real time", bar=">= 5", passed=talk.seconds / spent >= 5),
        Row(name="memory", ours=memory, unit="MB", bar="<= 700", passed=memory <= 700),
    ]
    return [*rows, *([_error("line starts of a read sonnet, mean error", sonnet, bar=0.20)] if sonnet else [])]


def _error(name: str, errors: list[float], *, bar: float) -> Row:
    mean = statistics.mean(errors)
    return Row(
        name=name, ours=mean, unit="s", bar=f"<= {bar:.2f} s", passed=mean <= bar, note=f"{len(errors):,} words, worst {max(errors):.2f} s"
    )


def _sentences(count: int, *, seed: int) -> list[str]:
    every = [f"{who} {does} {what} {when}." for who, does, what, when in itertools.product(WHO, DOES, WHAT, WHEN)]
    return random.Random(seed).sample(every, count)


def _with_strangers(words: tuple[tuple[float, str], ...], sentences: list[str], *, seed: int) -> list[tuple[float | None, str]]:
    """Words that are not said have no time."""
    other, told, at = _sentences(len(sentences), seed=seed), list[tuple[float | None, str]](), 0
    for number, sentence in enumerate(sentences):
        size = len(sentence.split())
        if number % 10 == 5:
            told += ((None, word) for word in other[number].split())
        else:
            told += words[at : at + size]
        at += size
    return told


def _errors(sound: Path, words: "tuple[tuple[float, str], ...] | list[tuple[float | None, str]]") -> list[float]:
    found = Aligner().align(sound, [word for _, word in words], language="en", is_unwanted=lambda: False)
    return [abs(word.start_seconds - start) for word, (start, _) in zip(found, words, strict=True) if start is not None]


def _sonnet(folder: Path) -> list[float]:
    """Empty where the recordings are not at hand."""
    real = os.environ.get("WHYRAL_TEST_DATA")
    if not real:
        return []
    speech = Path(real) / "speech"
    lines = re.findall(r'^f\d+ (\S+) \S+ "(.*)"', (speech / "sonnet001.txt").read_text(encoding="utf-8"), re.MULTILINE)
    script = [(float(start) if at == 0 else None, word) for start, text in lines for at, word in enumerate(text.split())]
    return _errors(listenable(speech / "p001.mp3", folder / "sonnet.wav"), script)
