"""The sound of clips of pieces, with music and films, measured on the finished file; and their picture beside it."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from domain.clips.pieces import Piece
from domain.errors import NotFound, Unacceptable
from domain.media import PEAK_DBTP, TARGET_LUFS
from tests.gateways.media.conftest import TENANT, Bench
from tests.gateways.media.making import RED, color_at, ffmpeg, frames, is_near, loudness, made

Sample = Callable[[str], Path]
TINY = {"width": 108, "height": 192}
RATE = 48_000
GRAY_PICTURE = "color=gray:s=90x160:r=25:d=3"
# Somebody speaks for a second, and is silent for one.
SPEAKING = "aevalsrc='0.1*sin(2*PI*300*t)*lt(mod(t,2),1)':duration=6:sample_rate=48000"
MUSIC = "aevalsrc='0.4*sin(2*PI*3000*t)':duration=1.5:sample_rate=44100"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sounds")


@pytest.fixture(scope="module")
def talk(folder: Path) -> Path:
    return made(folder / "talk.mp4", "testsrc2=s=160x90:r=25:d=6", "-c:a", "aac", sound=SPEAKING)


@pytest.fixture(scope="module")
def music(folder: Path) -> Path:
    return music_as(folder, "mp3")


def music_as(folder: Path, kind: str) -> Path:
    path = folder / f"music.{kind}"
    ffmpeg("-f", "lavfi", "-i", MUSIC, str(path))
    return path


@pytest.fixture(scope="module")
def red_film(folder: Path) -> Path:
    """Much louder than the talk, and of another shape."""
    return made(folder / "red.mp4", "color=red:s=120x120:r=30:d=0.7", "-c:a", "aac", sound="aevalsrc='0.9*sin(2*PI*800*t)':duration=0.7")


@pytest.fixture(scope="module")
def blue_film(folder: Path) -> Path:
    return made(folder / "blue.mp4", "color=blue:s=90x160:r=24:d=0.5")


def with_key(pointer: str, key: str) -> dict[str, Any]:
    return {pointer: key}


def wave_of(path: Path) -> np.ndarray[Any, Any]:
    """The left channel."""
    with av.open(str(path)) as media:
        return np.concatenate([frame.to_ndarray()[0] for frame in media.decode(audio=0)])


def power_db(wave: np.ndarray[Any, Any], pitch: float, start: float, end: float) -> float:
    """Of one tone, for some seconds."""
    part = wave[round(start * RATE) : round(end * RATE)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2 / len(part) ** 2
    near = np.abs(np.fft.rfftfreq(len(part), 1 / RATE) - pitch) < 20
    return float(10 * np.log10(spectrum[near].sum() + 1e-15))


def assert_as_loud_as_it_shall_be(path: Path, told: float | None) -> None:
    heard = loudness(path)
    assert heard.lufs == pytest.approx(TARGET_LUFS, abs=0.5)
    assert heard.peak_dbtp <= PEAK_DBTP
    assert told == pytest.approx(heard.lufs, abs=0.1)


def test_picture_and_sound_stay_together_over_many_joins(stored: Bench, folder: Path):
    """A flash and a beep of one picture's length every 0.6 s, and a piece around each, none of them whole pictures long."""
    flash = "color=black:s=64x64:r=25:d=10,geq=lum='16+219*lt(mod(T-0.239,0.6),0.04)*gte(T,0.23)':cb=128:cr=128"
    beep = "aevalsrc='0.5*sin(2*PI*2000*t)*lt(mod(t-0.24,0.6),0.04)*gte(t,0.24)':duration=10:sample_rate=48000"
    source = made(folder / "flashes.mov", flash, "-c:a", "pcm_s16le", sound=beep)
    pieces = tuple(Piece(start_seconds=0.6 * at + 0.05, end_seconds=0.6 * at + 0.3617) for at in range(16))

    clip, path = stored.render(source, end_seconds=10.0, pieces=pieces, **TINY)

    lit = [number / 25 for number, picture in enumerate(frames(path)) if picture.mean() > 128]
    loud = np.abs(wave_of(path)) > 0.05
    starts = np.flatnonzero(loud & ~np.concatenate([[True] * 480, loud[:-480]])) / RATE
    heard = [starts[0], *(after for before, after in pairwise(starts) if after - before > 0.1)]
    assert clip.seconds == pytest.approx(16 * 0.3117, abs=0.05)
    assert len(lit) == len(heard) == 16
    assert max(abs(one - other) for one, other in zip(lit, heard, strict=True)) <= 0.042


def test_a_join_is_faded_and_no_click_is_heard(stored: Bench, folder: Path):
    """A steady tone, cut where its phases do not meet: nowhere is it steeper than the tone itself."""
    source = made(folder / "tone.mov", GRAY_PICTURE, "-c:a", "pcm_s16le", sound="sine=frequency=440:duration=3:sample_rate=48000")
    pieces = tuple(Piece(start_seconds=start, end_seconds=start + 0.31) for start in (0.0, 0.8017, 1.6023, 2.4059))

    _, path = stored.render(source, end_seconds=3.0, pieces=pieces, **TINY)

    wave = wave_of(path)[4800:-4800]
    steepest = 2 * np.pi * 440 / RATE * np.sqrt(2) * np.abs(wave).max()
    assert np.abs(np.diff(wave)).max() <= 1.1 * steepest


def test_what_was_cut_out_is_not_heard(stored: Bench, folder: Path):
    """A filler of another pitch, cut closely: a fade may reach into it by an eighth on each side."""
    sound = "aevalsrc='0.3*sin(2*PI*if(between(t,1,1.4),2500,400)*t)':duration=3:sample_rate=48000"
    source = made(folder / "filler.mov", GRAY_PICTURE, "-c:a", "pcm_s16le", sound=sound)
    pieces = (Piece(start_seconds=0.2, end_seconds=1.0), Piece(start_seconds=1.4, end_seconds=2.2))

    _, path = stored.render(source, end_seconds=3.0, pieces=pieces, **TINY)

    wave = wave_of(path)
    assert power_db(wave, 2500, 0.0, 0.74) < power_db(wave, 400, 0.0, 0.74) - 50
    assert power_db(wave, 2500, 0.86, 1.6) < power_db(wave, 400, 0.86, 1.6) - 50


def test_music_goes_on_below_the_voice_and_gives_way_to_it(stored: Bench, talk: Path, music: Path):
    """It is shorter than the clip, so it begins again; at the end it fades out."""
    clip, path = stored.render(talk, end_seconds=6.0, music_key=stored.key(music), music_db=-12.0, **TINY)

    wave = wave_of(path)
    spoken = [power_db(wave, 3000, at + 0.3, at + 0.9) for at in (0, 2)]
    paused = [power_db(wave, 3000, at + 0.6, at + 0.98) for at in (1, 3)]
    voice = power_db(wave, 300, 2.3, 2.9)
    assert min(paused) - max(spoken) > 4
    assert voice - max(spoken) > 12
    assert power_db(wave, 3000, 5.9, 6.0) < min(paused) - 10
    assert_as_loud_as_it_shall_be(path, clip.loudness_lufs)


@pytest.mark.parametrize("kind", ["wav", "m4a"])
def test_music_alone_carries_a_clip_without_a_voice(stored: Bench, sample: Sample, folder: Path, kind):
    clip, path = stored.render(sample("no sound"), music_key=stored.key(music_as(folder, kind)), **TINY)

    assert_as_loud_as_it_shall_be(path, clip.loudness_lufs)


def test_films_stand_before_and_after_as_loud_as_the_clip(stored: Bench, talk: Path, red_film: Path, blue_film: Path, music: Path):
    pieces = (Piece(start_seconds=0.0, end_seconds=1.0), Piece(start_seconds=2.0, end_seconds=3.0))

    clip, path = stored.render(
        talk,
        end_seconds=6.0,
        pieces=pieces,
        music_key=stored.key(music),
        intro_key=stored.key(red_film),
        outro_key=stored.key(blue_film),
        **TINY,
    )

    pictures, wave = frames(path), wave_of(path)
    lead, length = round(0.7 * 25), 2 * 25
    assert clip.lead_seconds == pytest.approx(lead / 25)
    assert len(pictures) == pytest.approx(lead + length + 12.5, abs=0.5)
    edge = [is_near(color_at(pictures[number], 0.5, 0.5), RED) for number in (0, lead - 1, lead)]
    assert edge == [True, True, False]
    assert [color_at(picture, 0.5, 0.5)[2] > 200 for picture in (pictures[lead + length], pictures[-1])] == [True, True]
    assert abs(power_db(wave, 800, 0.1, 0.6) - power_db(wave, 300, 0.9, 1.6)) < 6
    assert power_db(wave, 300, 2.85, 3.1) < -60
    assert_as_loud_as_it_shall_be(path, clip.loudness_lufs)


@pytest.mark.parametrize("pointer", ["music_key", "intro_key", "outro_key"])
def test_a_file_that_does_not_do_is_named_by_its_field(stored: Bench, sample: Sample, pointer):
    text = stored.files.put(TENANT, [b"nothing that plays"], limit_bytes=99)

    with pytest.raises(Unacceptable) as refusal:
        stored.render(sample("moving"), **TINY, **with_key(pointer, text.key))
    with pytest.raises(NotFound):
        stored.render(sample("moving"), **TINY, **with_key(pointer, f"{TENANT}/ab/{'ab' * 32}"))

    assert [each.pointer for each in refusal.value.problems] == [pointer]
    assert stored.left == []


def test_a_film_that_is_too_long_and_music_without_sound_are_refused(stored: Bench, sample: Sample, folder: Path):
    long = made(folder / "long.mp4", "color=gray:s=32x32:r=5:d=31")

    for pointer, sentence in (("intro_key", "30 s is the limit"), ("music_key", "holds no sound")):
        with pytest.raises(Unacceptable) as refusal:
            stored.render(sample("moving"), **TINY, **with_key(pointer, stored.key(long)))
        assert sentence in refusal.value.problems[0].detail
