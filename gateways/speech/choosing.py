"""Who listens, by the settings. What each of them does is in its own module beside this one."""

from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import FieldProblem, SourceRefused, Unacceptable
from domain.media import CAPTIONS_ADVICE
from domain.ports.kept import Aligns, Hears
from gateways.speech.aligner import Aligner
from gateways.speech.models import INSTALL, find_model, is_installed
from gateways.speech.sphinx import PocketSphinx
from gateways.speech.whisper import FasterWhisper
from gateways.speech.whisper_api import ApiOptions, WhisperApi

AUTO, WHISPER, API, SPHINX, OFF = "auto", "faster-whisper", "api", "pocketsphinx", "off"
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechOptions:
    """The settings `speech...`. `speech`: who listens; `models`: the folder in which Whisper models are looked for by name."""

    models: Path
    speech: str = AUTO
    model: str = "small"
    api_url: str = OPENAI_URL
    api_key: str | None = field(default=None, repr=False)
    api_model: str = "whisper-1"


@dataclass(frozen=True, slots=True)
class Listeners:
    """Chosen anew each time it is asked: a model may have come since."""

    options: SpeechOptions

    def choice(self) -> tuple[str, str]:
        """Who listens, and why."""
        options = self.options
        if options.speech != AUTO:
            return options.speech, "chosen by WHYRAL_SPEECH"
        if options.api_key:
            return API, "a key is set"
        if not is_installed():
            return SPHINX, f"no key of a transcription API is set, and faster-whisper is not installed ({INSTALL})"
        try:
            find_model(options.model, models=options.models)
        except SourceRefused as error:
            return SPHINX, f"no key of a transcription API is set; {error}"
        return WHISPER, "it is installed, and its model is here"

    def hears(self) -> Hears:
        """Raises Unacceptable where nobody listens."""
        who, options = self.choice()[0], self.options
        if who == API:
            return WhisperApi(ApiOptions(options.api_url, options.api_model, options.api_key))
        if who == WHISPER:
            return FasterWhisper(options.model, options.models)
        if who == SPHINX:
            return PocketSphinx()
        raise _nobody()

    def aligns(self) -> Aligns:
        """Raises Unacceptable where nobody listens."""
        if self.choice()[0] == OFF:
            raise _nobody()
        return Aligner()

    def lacks(self) -> str | None:
        """What the chosen one needs and has not, with what to do."""
        who, options = self.choice()[0], self.options
        if who == API and options.api_url == OPENAI_URL and not options.api_key:
            return "set WHYRAL_SPEECH_API_KEY, or WHYRAL_SPEECH_API_URL to a server that wants none"
        if who == WHISPER and not is_installed():
            return INSTALL
        if who == WHISPER:
            try:
                find_model(options.model, models=options.models)
            except SourceRefused as error:
                return str(error)
        return None


def _nobody() -> Unacceptable:
    what = "what is said in the video is not known: listening is off (WHYRAL_SPEECH)"
    return Unacceptable(what, (FieldProblem("captions", CAPTIONS_ADVICE),))
