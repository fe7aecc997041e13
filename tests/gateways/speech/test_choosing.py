"""Who listens follows from the settings and from what is on the machine."""

import shutil
from pathlib import Path

import pytest

from domain.errors import Unacceptable
from gateways.speech.choosing import Listeners, SpeechOptions
from gateways.speech.sphinx import PocketSphinx
from gateways.speech.whisper import FasterWhisper
from gateways.speech.whisper_api import WhisperApi


def test_by_itself_the_stand_in_listens_and_says_what_would_be_better(tmp_path: Path) -> None:
    found = Listeners(SpeechOptions(models=tmp_path))

    assert isinstance(found.hears(), PocketSphinx)
    assert "hf download Systran/faster-whisper-small" in found.choice()[1]
    assert found.lacks() is None


def test_a_model_that_comes_later_is_used_without_a_restart(tmp_path: Path, whisper_model: Path) -> None:
    found = Listeners(SpeechOptions(models=tmp_path))
    assert isinstance(found.hears(), PocketSphinx)

    shutil.copytree(whisper_model, tmp_path / "faster-whisper-small")

    assert isinstance(found.hears(), FasterWhisper)


def test_a_key_goes_first(tmp_path: Path, whisper_model: Path) -> None:
    shutil.copytree(whisper_model, tmp_path / "faster-whisper-small")

    assert isinstance(Listeners(SpeechOptions(models=tmp_path, api_key="k")).hears(), WhisperApi)


@pytest.mark.parametrize(
    ("speech", "kind", "lacks"),
    [
        ("faster-whisper", FasterWhisper, "hf download"),
        ("api", WhisperApi, "set WHYRAL_SPEECH_API_KEY"),
        ("pocketsphinx", PocketSphinx, None),
    ],
)
def test_a_choice_stands_and_what_it_lacks_is_told(tmp_path: Path, speech: str, kind: type, lacks: str | None) -> None:
    found = Listeners(SpeechOptions(models=tmp_path, speech=speech))

    assert isinstance(found.hears(), kind)
    assert (lacks is None and found.lacks() is None) or lacks in (found.lacks() or "")  # type: ignore[operator]  # None only where told


def test_where_listening_is_off_nobody_listens_or_aligns(tmp_path: Path) -> None:
    found = Listeners(SpeechOptions(models=tmp_path, speech="off", api_key="k"))

    for ask in (found.hears, found.aligns):
        with pytest.raises(Unacceptable, match="listening is off"):
            ask()


def test_a_key_is_not_printed(tmp_path: Path) -> None:
    assert "a-secret" not in repr(Listeners(SpeechOptions(models=tmp_path, api_key="a-secret")))
