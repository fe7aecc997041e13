"""A talk that is synthesised once, and a model that says what it is told to."""

from pathlib import Path

import pytest

from tests.sounds import Said, said
from tests.whisper import write_model


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Said:
    return said(tmp_path_factory.mktemp("talk"))


@pytest.fixture(scope="session")
def whisper_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Says four words in the first three seconds of every thirty."""
    return write_model(tmp_path_factory.mktemp("model") / "tiny-talk", ["So", "ask", "one", "thing."], seconds=3.0)
