"""The other files that a clip's plan names by key: music below the voice, films before and after. Opened and probed like any other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import FieldProblem, Unacceptable
from domain.media import ClipPlan, MediaLimits
from gateways.media.films import NOTHING, Around, Film, open_film
from gateways.media.mixing import Music
from gateways.media.probe import probe_sound, recognised, recognised_sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What is added to a clip."""

    music: Music | None = None
    around: Around = NOTHING


NONE = Extras()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How they are opened. `path_of` gives the file behind a key, and raises NotFound."""

    path_of: Callable[[str], Path]
    limits: MediaLimits
    folder: Path
    is_unwanted: Callable[[], bool]

    def extras(self, plan: ClipPlan) -> Extras:
        """Raises Unacceptable, naming the field of the plan, for a file that does not do."""
        films = [self._film(pointer, key) for pointer, key in (("intro_key", plan.intro_key), ("outro_key", plan.outro_key))]
        return Extras(music=self._music(plan.music_key), around=Around(intro=films[0], outro=films[1]))

    def _music(self, key: str | None) -> Music | None:
        if key is None:
            return None
        try:
            source = recognised_sound(self.path_of(key))
            audio = probe_sound(source, self.limits, self.folder, is_unwanted=self.is_unwanted)
        except Unacceptable as error:
            raise _of("music_key", error) from error
        return Music(source=source, index=max(audio, key=lambda each: (each.channels, -each.index)).index)

    def _film(self, pointer: str, key: str | None) -> Film | None:
        if key is None:
            return None
        try:
            return open_film(recognised(self.path_of(key)), self.limits, self.folder, is_unwanted=self.is_unwanted)
        except Unacceptable as error:
            raise _of(pointer, error) from error


def _of(pointer: str, error: Unacceptable) -> Unacceptable:
    return Unacceptable(error.detail, tuple(FieldProblem(pointer, each.detail) for each in error.problems))
