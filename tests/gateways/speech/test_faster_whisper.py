"""faster-whisper loads a real model directory and listens in a process of its own, or says what it lacks."""

import shutil
from pathlib import Path

import pytest

from domain.errors import SourceRefused, Unwanted
from domain.ports.kept import Hears
from domain.speech import Speech
from gateways.speech.models import find_model
from gateways.speech.whisper import FasterWhisper
from tests.sounds import Said


def hear(name: str | Path, sound: Path, models: Path, *, language: str | None = None) -> Speech:
    port: Hears = FasterWhisper(str(name), models)
    return port.hear(sound, language=language, report=lambda _: None, is_unwanted=lambda: False)


def test_it_hears_what_the_model_says_with_times_and_probabilities(talk: Said, whisper_model: Path, tmp_path: Path) -> None:
    sound, shares = Path(shutil.copy(talk.path, tmp_path / "sound.wav")), list[float]()

    found = FasterWhisper(str(whisper_model), tmp_path).hear(sound, language=None, report=shares.append, is_unwanted=lambda: False)

    assert (found.model, found.language, found.error_rate) == ("faster-whisper/tiny-talk", "en", None)
    assert [each.text for each in found.words[:4]] == ["So", "ask", "one", "thing."]
    assert [each.start_seconds for each in found.words[:4]] == [pytest.approx(0.75 * at, abs=0.2) for at in range(4)]
    assert all(each.probability == pytest.approx(1.0, abs=0.01) for each in found.words)
    assert 0 < shares[-1] <= 1


def test_a_named_model_is_found_in_our_own_folder(talk: Said, whisper_model: Path, tmp_path: Path) -> None:
    shutil.copytree(whisper_model, tmp_path / "models" / "faster-whisper-tiny.en")

    assert find_model("tiny.en", models=tmp_path / "models").folder == tmp_path / "models" / "faster-whisper-tiny.en"


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("small", "hf download Systran/faster-whisper-small --local-dir .*models/faster-whisper-small"),
        ("someone/some-model", "hf download someone/some-model --local-dir .*models/some-model"),
        ("/no/such/folder", "neither a folder nor a model"),
        ("enormous", "large-v3"),
        ("../../no-such-place", "neither a folder nor a model"),
    ],
)
def test_a_model_that_is_not_here_is_refused_with_what_to_do(talk: Said, tmp_path: Path, name: str, how: str) -> None:
    with pytest.raises(SourceRefused, match=how):
        hear(name, talk.path, tmp_path / "models")


def test_a_part_of_a_model_is_refused_with_what_is_missing(talk: Said, whisper_model: Path, tmp_path: Path) -> None:
    shutil.copytree(whisper_model, tmp_path / "half")
    (tmp_path / "half" / "tokenizer.json").unlink()

    with pytest.raises(SourceRefused, match=r"holds no tokenizer\.json"):
        hear(tmp_path / "half", talk.path, tmp_path)


def test_a_damaged_model_is_refused_and_harms_nobody(talk: Said, whisper_model: Path, tmp_path: Path) -> None:
    sound = Path(shutil.copy(talk.path, tmp_path / "sound.wav"))
    shutil.copytree(whisper_model, tmp_path / "damaged")
    (tmp_path / "damaged" / "model.bin").write_bytes(b"\x06\x00\x00\x00" + b"\xff" * 1000)

    with pytest.raises(SourceRefused, match="whisper"):
        hear(tmp_path / "damaged", sound, tmp_path)


def test_an_english_model_refuses_another_language_and_does_not_translate(talk: Said, whisper_model: Path, tmp_path: Path) -> None:
    sound = Path(shutil.copy(talk.path, tmp_path / "sound.wav"))

    with pytest.raises(SourceRefused, match="does not know the language es"):
        hear(whisper_model, sound, tmp_path, language="es")


def test_listening_that_nobody_wants_ends(talk: Said, whisper_model: Path, tmp_path: Path) -> None:
    sound = Path(shutil.copy(talk.path, tmp_path / "sound.wav"))

    with pytest.raises(Unwanted):
        FasterWhisper(str(whisper_model), tmp_path).hear(sound, language=None, report=lambda _: None, is_unwanted=lambda: True)
