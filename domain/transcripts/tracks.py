"""Which subtitle track of a video is read, and what language tags say."""

import re
from collections.abc import Sequence

from domain.errors import FieldProblem, Unacceptable
from domain.media import CAPTIONS_ADVICE, SubtitleStream

# Subtitle codecs whose cues are text; others are pictures of text.
TEXT_CODECS = frozenset({"mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text"})
ENGLISH = ("en", "eng")


def has_track(subtitles: Sequence[SubtitleStream]) -> bool:
    """Whether a track's cues are text."""
    return any(each.codec in TEXT_CODECS for each in subtitles)


def choose_track(subtitles: Sequence[SubtitleStream]) -> SubtitleStream:
    """The first English track of text by its language tag, else the first of text. Raises Unacceptable where there is none."""
    readable = [each for each in subtitles if each.codec in TEXT_CODECS]
    if not readable:
        what = "only subtitles that are pictures" if subtitles else "no subtitle track"
        raise Unacceptable(
            f"the video has {what}, no captions were sent, and there is no sound to listen to: what is said is not known",
            (FieldProblem("captions", CAPTIONS_ADVICE),),
        )
    return next((each for each in readable if is_english(each.language)), readable[0])


def is_english(language: str | None) -> bool:
    return language is not None and re.split(r"[-_]", language.lower())[0] in ENGLISH


def is_same_language(one: str | None, other: str | None) -> bool:
    """Whether two tags say so: files tag by three letters, people by two."""
    return one is not None and (one == other or (is_english(one) and is_english(other)))
