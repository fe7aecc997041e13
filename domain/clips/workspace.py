"""What works in this workspace: its own effects of features that the opening of a clip can have. Estimating them is in `domain.effects`.

Effects are of titles; the opening sentence stands for the title here, which is an assumption and said so. Only a verdict that may be
worded as cause and consequence weighs anything; an association is shown with weight 0.
"""

from collections.abc import Callable, Mapping, Sequence

from domain.clips.runs import Measure, Run
from domain.clips.said import asking, bare, has_number, says
from domain.clips.source import KnownEffect, Source
from domain.effects.verdicts import CAUSAL_VERDICTS, Verdict
from domain.features.power_words import power_words
from domain.features.title_words import FIRST_PERSON, SECOND_PERSON
from domain.transcripts import Sentence

Reader = Callable[[Source], Callable[[Sentence], bool]]


def _of_text(read: Callable[[str, str | None], bool]) -> Reader:
    return lambda source: lambda sentence: read(sentence.text, source.language_code)


# Features of `domain.features`, as they are read in an opening sentence.
READERS: Mapping[str, Reader] = {
    "is_question": asking,
    "has_number": _of_text(has_number),
    "starts_with_number": _of_text(lambda text, language: has_number(" ".join(text.split()[:1]), language)),
    "addresses_viewer": _of_text(lambda text, language: says(SECOND_PERSON, bare(text), language)),
    "is_first_person": _of_text(lambda text, language: says(FIRST_PERSON, bare(text), language)),
    "has_power_word": _of_text(lambda text, language: power_words(text, language) > 0),
    "has_exclamation": _of_text(lambda text, _: "!" in text or "！" in text),
}


def proven_here(source: Source) -> Measure | str:
    """The sum of this workspace's causal effects that the opening has, in log points; its share: between the worst and the best sum."""
    return _summed(source, [each for each in source.effects if each.verdict in CAUSAL_VERDICTS], "no effect here carries a causal verdict")


def associated_here(source: Source) -> Measure | str:
    """The same of effects that are associations only: shown, and of no weight."""
    return _summed(source, [each for each in source.effects if each.verdict is Verdict.ASSOCIATIONAL], "no association is known here")


def _summed(source: Source, effects: Sequence[KnownEffect], why_none: str) -> Measure | str:
    if not source.effects:
        return "no effects of this workspace are known yet"
    if not effects:
        return why_none
    known = [(READERS[each.feature](source), each.estimate) for each in effects if each.feature in READERS and each.estimate is not None]
    worst, best = (sum(pick(0.0, estimate) for _, estimate in known) for pick in (min, max))
    if worst == best:
        return "its effects are of nothing that an opening can have"
    sums = [sum(estimate for has, estimate in known if has(sentence)) for sentence in source.sentences]

    def measure(run: Run) -> tuple[float, float]:
        return sums[run.first], (sums[run.first] - worst) / (best - worst)

    return measure
