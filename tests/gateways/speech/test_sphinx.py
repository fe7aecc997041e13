"""The stand-in that listens offline hears English, and says how badly."""

import shutil
import wave
from pathlib import Path

import pytest

from domain.errors import SourceRefused, Unacceptable
from domain.ports.kept import Hears
from gateways.speech.sphinx import PocketSphinx
from tests.sounds import listenable


@pytest.mark.real_data
def test_it_hears_words_with_times_and_admits_its_error_rate(real_data: Path, tmp_path: Path) -> None:
    sound = listenable(real_data / "speech/jfk.flac", tmp_path / "sound.wav", seconds=7)
    shares: list[float] = []
    port: Hears = PocketSphinx()

    found = port.hear(sound, language="en", report=shares.append, is_unwanted=lambda: False)

    assert (found.error_rate, found.model, found.language) == (0.44, "pocketsphinx/en-us", "en")
    country = [each for each in found.words if each.text == "country"]
    assert country
    assert country[0].start_seconds == pytest.approx(5.86, abs=0.3)
    assert all(one.end_seconds <= other.start_seconds for one, other in zip(found.words, found.words[1:], strict=False))
    assert shares[-1] == 1.0


def test_it_refuses_other_languages_and_says_what_hears_them(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="English only, not es: install faster-whisper"):
        PocketSphinx().hear(tmp_path / "none.wav", language="es", report=lambda _: None, is_unwanted=lambda: False)


def test_silence_has_no_words_and_no_language_is_made_up(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "sound.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(64_000))

    found = PocketSphinx().hear(tmp_path / "sound.wav", language=None, report=lambda _: None, is_unwanted=lambda: False)

    assert (found.words, found.language) == ((), None)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x00" * 100])
def test_what_is_no_sound_is_unacceptable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sound.wav").write_bytes(content)

    with pytest.raises(Unacceptable, match="cannot be listened to"):
        PocketSphinx().hear(tmp_path / "sound.wav", language=None, report=lambda _: None, is_unwanted=lambda: False)


def test_sound_of_another_shape_is_unacceptable(tmp_path: Path) -> None:
    shutil.copy(listenable_stereo(tmp_path), tmp_path / "sound.wav")

    with pytest.raises(Unacceptable, match="2 channels of 16 bit at 8000 Hz"):
        PocketSphinx().hear(tmp_path / "sound.wav", language=None, report=lambda _: None, is_unwanted=lambda: False)


def listenable_stereo(folder: Path) -> Path:
    path = folder / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(400))
    return path
