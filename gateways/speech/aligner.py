"""When the words of a known script are said: aligned with PocketSphinx, English only. What its answers mean is in `domain.scripts`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import SourceRefused
from domain.ports.kept import IsUnwanted
from domain.quiet import Span
from domain.scripts import Anchor, anchors, confirmed, in_order, stretches, timed
from domain.speech import HeardWord
from domain.spoken import script_of
from domain.transcripts import is_english
from gateways.speech.program import Question, ask, bounds_for
from gateways.speech.sound import cut_at_pauses, seconds_of
from gateways.speech.sphinx import PIECE_SECONDS, listen

# So much of a script has to be heard where the alignment puts it.
LEAST_SHARE = 0.5
_PRONOUNCING = Path(__file__).with_name("pronouncing_program.py")
_MEMORY_BYTES = 512 * 1024**2
_SOURCE = "alignment"


class Aligner:
    """Fills the port `Aligns`."""

    def align(self, sound: Path, words: Sequence[str], *, language: str | None, is_unwanted: IsUnwanted) -> tuple[HeardWord, ...]:
        """One per word given, in order, written as given. Raises SourceRefused where they are not said there, or not in English."""
        if language is not None and not is_english(language):
            raise SourceRefused(_SOURCE, f"only English can be aligned with a script, not {language}")
        said = script_of(words)
        phones = _pronounced(sound.parent, {word for _, word in said}, is_unwanted)
        owners = [owner for owner, word in said if word in phones]
        script = tuple(word for _, word in said if word in phones)
        if not script:
            raise SourceRefused(_SOURCE, "no word of the script can be said in English")
        return timed(words, owners, _Work(sound, script, phones, is_unwanted).placed())


@dataclass(frozen=True, slots=True)
class _Work:
    """One sound and the words of one script, each with its pronunciations."""

    sound: Path
    script: tuple[str, ...]
    phones: Mapping[str, Sequence[str]]
    is_unwanted: IsUnwanted

    def placed(self) -> dict[int, Span]:
        """The spans of the script's words, by their place."""
        found = self._anchors()
        placed = in_order(self._aligned(found))
        share = confirmed(found, placed) / len(self.script)
        if share < LEAST_SHARE:
            detail = f"only {share:.0%} of the script's {len(self.script):,} words were heard in their place: it may be another script"
            raise SourceRefused(_SOURCE, detail)
        return placed

    def _anchors(self) -> tuple[Anchor, ...]:
        spans = cut_at_pauses(self.sound, longest_seconds=PIECE_SECONDS)
        told = {"do": "hear", "script": [self.script], "phones": self.phones}
        heard = listen(self.sound, spans, told, is_unwanted=self.is_unwanted)
        return anchors(self.script, [word for piece in heard for word in piece or ()])

    def _aligned(self, found: Sequence[Anchor]) -> dict[int, Span]:
        """Where an alignment fails, what was heard stands."""
        placed = {each.place: each.span for each in found}
        wanted = stretches(len(self.script), found, seconds_of(self.sound))
        words = [[self.script[place] for place in each.places] for each in wanted]
        told = {"do": "align", "phones": self.phones}
        answers = listen(self.sound, [each.span for each in wanted], told, words=words, is_unwanted=self.is_unwanted)
        for stretch, answer in zip(wanted, answers, strict=True):
            placed |= {place: Span(word.start_seconds, word.end_seconds) for place, word in zip(stretch.places, answer or (), strict=False)}
        return placed


def _pronounced(folder: Path, words: set[str], is_unwanted: IsUnwanted) -> dict[str, list[str]]:
    """The words that can be said, with the phones of the acoustic model."""
    question = Question(
        name="pronouncing", program=_PRONOUNCING, told={"words": sorted(words)}, folder=folder,
        bounds=bounds_for(0, memory_bytes=_MEMORY_BYTES, times_real=0),
    )  # fmt: skip
    return {each["word"]: each["phones"] for each in ask(question, is_unwanted=is_unwanted)}
