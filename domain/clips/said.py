"""What is said in a part of a transcript, and how: opening, questions, numbers, pace, pauses, whole sentences, topics."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from domain.clips.hook_words import CONTRAST, NUMBERS, OPENINGS, QUESTION_EN
from domain.clips.runs import Measure, Run, between
from domain.clips.source import Source
from domain.features.power_words import power_words
from domain.features.title_words import FIRST_PERSON, SECOND_PERSON
from domain.features.writing import fold, is_unspaced, tokens
from domain.transcripts import Sentence

HOOK_SECONDS = 3.0
# What one kind of hook is worth, and two or more.
_HOOKED = (0.0, 0.6, 1.0)
# From here on talk is dense enough; less than the first figure is mostly silence. Signs of scripts without spaces count as half a word.
SLOW_WORDS, DENSE_WORDS = 0.5, 2.2
PAUSE_SECONDS = (0.7, 3.0)
# English words that point back at something that was said before the clip.
_POINTING_BACK = (
    "and but so because or also then therefore however which he she it they them his her its their that those these it's that's they're"
    " he's she's anyway plus yeah yes no well again otherwise instead"
)
_DANGLING = frozenset(_POINTING_BACK.split())
_WORD = re.compile(r"[\w'’]+")
_MARK = re.compile("[?？؟]")
_ENDED = re.compile(r"[.!?…。！？؟]")
_QUESTION = re.compile(QUESTION_EN)


def complete(source: Source) -> Measure:
    """Of the first and the last sentence: a clip that begins or ends in the middle is worse than one with a cut inside."""

    def measure(run: Run) -> tuple[float, float]:
        share = (source.sentences[run.first].is_complete + source.sentences[run.last].is_complete) / 2
        return share, share

    return measure


def opens_by_itself(source: Source) -> Measure | str:
    """Whether the first word points back."""
    if source.language_code != "en":
        return "words that point back are known for English only"
    free = [float(bool(words) and words[0] not in _DANGLING) for words in (_plain(each.text) for each in source.sentences)]
    return lambda run: (free[run.first], free[run.first])


def hook(source: Source) -> Measure:
    """How many kinds of hook the first 3 s hold: a question, a number, a contrast, "you", a strong opening."""
    asks = asking(source)
    kinds = [
        len(hooks_of(text, source.language_code, asks=asks(each))) for each, text in zip(source.sentences, openings(source), strict=True)
    ]
    return lambda run: (float(kinds[run.first]), _HOOKED[min(2, kinds[run.first])])


def hooks_of(opening: str, language: str | None, *, asks: bool) -> frozenset[str]:
    """The kinds of hook in the words of an opening. `asks`: its sentence is a question."""
    folded = bare(opening)
    words = tokens(folded)
    contrasts = _listed(CONTRAST.get(language or "", ""))
    # "Never" presses as well; a word is one kind of hook.
    others = " ".join(word for word in words if word not in contrasts)
    found = {
        "question": asks,
        "number": has_number(opening, language),
        "contrast": not contrasts.isdisjoint(words[1:]) or words[:1] in (["nobody"], ["never"], ["stop"]),
        "you": says(SECOND_PERSON, folded, language),
        "strong": power_words(others, language) > 0 or _is_opening(words, language),
    }
    return frozenset(name for name, is_there in found.items() if is_there)


def openings(source: Source) -> list[str]:
    """What is said in the first 3 s of each sentence, and after it where it is shorter; by its letters where words have no times."""
    begins = [word.start_seconds for word in source.words]
    found = []
    for sentence in source.sentences:
        at = bisect_left(begins, sentence.start_seconds - 0.001)
        until = bisect_left(begins, sentence.start_seconds + HOOK_SECONDS)
        spoken = " ".join(word.text for word in source.words[at:until])
        found.append(spoken or _by_letters(sentence))
    return found


def question(source: Source) -> Measure | str:
    """How many sentences ask."""
    if not _is_punctuated(source.sentences) and source.language_code != "en":
        return "the captions have no marks, and questions without marks are known for English only"
    asks = asking(source)
    return _counted([float(asks(each)) for each in source.sentences], enough=1.0)


def number(source: Source) -> Measure:
    """How many sentences hold a number."""
    return _counted([float(has_number(each.text, source.language_code)) for each in source.sentences], enough=1.0)


def words_per_second(source: Source) -> Measure:
    sums = list(accumulate((_words(each.text) for each in source.sentences), initial=0.0))

    def measure(run: Run) -> tuple[float, float]:
        rate = (sums[run.last + 1] - sums[run.first]) / run.seconds if run.seconds > 0 else 0.0
        return rate, between(rate, SLOW_WORDS, DENSE_WORDS)

    return measure


def longest_pause(source: Source) -> Measure:
    """The longest silence between two words, where words have times, else between two sentences."""
    begins = [each.start_seconds for each in source.sentences]
    spoken: Sequence[tuple[float, float]] = [(each.start_seconds, each.end_seconds) for each in source.words or source.sentences]
    inside, after = [0.0] * len(begins), [0.0] * len(begins)
    for (start, end), (following, _) in pairwise(spoken):
        one, other = (max(0, bisect_left(begins, at + 0.001) - 1) for at in (start, following))
        gaps = inside if one == other else after
        gaps[one] = max(gaps[one], following - end)

    def measure(run: Run) -> tuple[float, float]:
        longest = max([0.0, *inside[run.first : run.last + 1], *after[run.first : run.last]])
        return longest, 1 - between(longest, *PAUSE_SECONDS)

    return measure


def has_number(text: str, language: str | None) -> bool:
    if any(map(str.isdigit, text)):
        return True
    return not _listed(NUMBERS.get(language or "", "")).isdisjoint(tokens(bare(text)))


def says(person: object, folded: str, language: str | None) -> bool:
    """Whether the words of a person (of `FIRST_PERSON` or `SECOND_PERSON`) stand there; in unspaced scripts, as a piece."""
    lists = FIRST_PERSON if person is FIRST_PERSON else SECOND_PERSON
    words = _listed(lists.get(language or "", ""))
    return not words.isdisjoint(tokens(folded)) or any(is_unspaced(word) and word in folded for word in words)


def asking(source: Source) -> Callable[[Sentence], bool]:
    """Tells questions in this transcript: by their mark, or in English without marks by their order of words."""
    is_marked = _is_punctuated(source.sentences)

    def asks(sentence: Sentence) -> bool:
        if is_marked or source.language_code != "en":
            return _MARK.search(sentence.text) is not None
        return "?" in sentence.text or _QUESTION.match(bare(sentence.text)) is not None

    return asks


def _is_punctuated(sentences: Sequence[Sentence]) -> bool:
    return sum(_ENDED.search(each.text) is not None for each in sentences) > 0.2 * len(sentences)


def _counted(flags: Sequence[float], *, enough: float) -> Measure:
    sums = list(accumulate(flags, initial=0.0))

    def measure(run: Run) -> tuple[float, float]:
        count = sums[run.last + 1] - sums[run.first]
        return count, min(1.0, count / enough)

    return measure


def _is_opening(words: Sequence[str], language: str | None) -> bool:
    starts = (" ".join(words) + " ", " ".join(words[1:]) + " ")
    return any(start.startswith(f"{each} ") for start in starts for each in OPENINGS.get(language or "", "").split(", "))


def _by_letters(sentence: Sentence) -> str:
    seconds = sentence.end_seconds - sentence.start_seconds
    if seconds <= HOOK_SECONDS:
        return sentence.text
    return sentence.text[: round(len(sentence.text) * HOOK_SECONDS / seconds)]


def _words(text: str) -> float:
    return sum(len(word) / 2 if is_unspaced(word) else 1.0 for word in text.split())


def _plain(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))


def bare(text: str) -> str:
    """Folded, without apostrophes and marks: "Here's" is "heres"."""
    return " ".join(tokens(fold(text.replace("’", "").replace("'", ""))))


@lru_cache(maxsize=256)
def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())
