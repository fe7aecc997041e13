"""Runs one of the programs beside this file in a confined process: a question as JSON in a file, its answer as lines of JSON.

A listener reads what nobody vouches for and may want much memory, so neither its crash nor its memory takes the worker.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import SourceRefused, Unwanted
from domain.ports.kept import IsUnwanted, Report
from gateways.media.confined import ignore, python, run_confined, tail_of
from gateways.media.troubles import Bounds

_TAIL_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a program is asked, where it works, and what it may read and spend. `reads` come besides the program's own file."""

    name: str
    program: Path
    told: Mapping[str, Any]
    folder: Path
    bounds: Bounds
    reads: tuple[Path, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def ask(question: Question, *, is_unwanted: IsUnwanted, report: Report = ignore) -> list[dict[str, Any]]:
    """Its answer, line by line; lines with a `share` go to `report`, and are not in it. Raises as `run_confined` does."""
    if is_unwanted():
        raise Unwanted(f"{question.name}: nobody wants the result any more")
    asked = question.folder / f"{question.name}.json"
    asked.write_text(json.dumps(question.told), encoding="utf-8")
    tool = python(
        question.program, str(asked), name=question.name, folder=question.folder, bounds=question.bounds,
        environment=question.environment, reads=question.reads,
    )  # fmt: skip
    said = question.folder / f"{question.name}.out"
    run_confined(tool, is_unwanted=is_unwanted, watch=lambda: _tell(said, report))
    try:
        return [each for each in _lines(said) if "share" not in each]
    except ValueError as error:
        raise SourceRefused(question.name, "it answered something else than what it was asked for") from error


def bounds_for(seconds: float, *, memory_bytes: int, times_real: float) -> Bounds:
    """Of processor time `times_real` times as long as the sound lasts, and a minute; of the wall clock twice that, for others work too."""
    spend = 60 + times_real * seconds
    return Bounds(memory_bytes=memory_bytes, cpu_seconds=round(spend), wall_seconds=2 * spend, file_bytes=1_000_000_000)


def _lines(said: Path) -> Iterator[dict[str, Any]]:
    with said.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _tell(said: Path, report: Report) -> None:
    """The newest share that stands whole at the end of what it has said so far."""
    *whole, _ = tail_of(said, _TAIL_BYTES).split(b"\n")
    shares = [line for line in whole if line.startswith(b'{"share"')]
    if shares:
        report(min(1.0, float(json.loads(shares[-1])["share"])))
