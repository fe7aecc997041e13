"""The corpus of `poison`, sent through all that we do with files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from domain.errors import Unacceptable
from domain.media import Probe
from tests.gateways.media.conftest import Bench
from tests.gateways.media.gauntlet import Gauntlet, gauntlet
from tests.gateways.media.poison import CORPUS, HARMLESS, REFUSED, flipped

Sample = Callable[[str], Path]
FLIPS = 12
KINDS = ("marked", "no sound", "fast")


@pytest.fixture
def run(stored: Bench) -> Iterator[Gauntlet]:
    with gauntlet(stored) as found:
        yield found


@pytest.mark.parametrize("name", [name for name in CORPUS if name not in HARMLESS])
def test_poison_ends_in_an_answer_or_a_typed_error_and_leaves_nothing(run: Gauntlet, tmp_path: Path, name):
    found, _ = run.run(CORPUS[name](tmp_path, run.port))

    if name in REFUSED:
        assert isinstance(found, Unacceptable)
        assert REFUSED[name] in found.problems[0].detail


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_what_is_only_odd_opens_and_harms_nobody(run: Gauntlet, tmp_path: Path, name):
    found, cues = run.run(CORPUS[name](tmp_path, run.port))

    assert isinstance(found, Probe)
    assert found.duration_seconds == pytest.approx(1.0, abs=0.65)
    assert not any(mark in cue.text for cue in cues for mark in ("{", "\\", "passwd"))


@pytest.mark.parametrize("kind", KINDS)
def test_flipped_bits_end_in_an_answer_or_a_typed_error(run: Gauntlet, sample: Sample, tmp_path: Path, kind):
    """A dozen are met, and one goes all the way."""
    for seed in range(FLIPS):
        path = _flipped(sample(kind), tmp_path, seed)
        if isinstance(run.probe(path), Probe) and seed == 1:
            run.run(path)


@pytest.mark.fuzz
@pytest.mark.parametrize("hundred", range(100))
def test_ten_thousand_flips_go_as_far_as_they_can(run: Gauntlet, sample: Sample, tmp_path: Path, hundred):
    """`make fuzz`: an hour or two."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        run.run(_flipped(sample(KINDS[seed % len(KINDS)]), tmp_path, seed))


def _flipped(sample: Path, folder: Path, seed: int) -> Path:
    path = folder / "flipped"
    path.write_bytes(flipped(sample.read_bytes(), seed))
    return path
