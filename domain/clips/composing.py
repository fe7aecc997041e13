"""How a clip is put together out of everything that is known of its video: which pieces, words, places to keep clear of.

What is cut out inside is decided in `cutting`, windows in `framing`, words on the screen in `pages`; drawing it is in `gateways.media`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.clips.analysis import MediaAnalysis
from domain.clips.captions import cues_of
from domain.clips.cutting import Cutting, Heard, kept_pieces
from domain.clips.framing import frame_clip, obstacles_of
from domain.clips.look import Captions, Look
from domain.clips.pages import shown_words
from domain.clips.pieces import Piece
from domain.media import ClipPlan
from domain.transcripts import Transcript, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is known. `span` is seconds of the video; `analysis` is None where nobody looked at it: then it is shown whole."""

    span: tuple[float, float]
    look: Look
    transcript: Transcript
    analysis: MediaAnalysis | None
    duration_seconds: float
    video_index: int
    audio_index: int | None
    watermark: str | None = None
    music_key: str | None = None
    intro_key: str | None = None
    outro_key: str | None = None


def compose(given: Given) -> ClipPlan:
    """The plan of a clip; the same given makes the same one."""
    look = given.look
    pieces = pieces_of(given)
    size = look.size
    words = shown_words(
        words_of(given.transcript, duration_seconds=given.duration_seconds), pieces, is_masked=look.is_profanity_masked,
        language=given.transcript.language,
    )  # fmt: skip
    captions = cues_of(words, seconds=sum(piece.seconds for piece in pieces))
    return ClipPlan(
        start_seconds=given.span[0],
        end_seconds=given.span[1],
        video_index=given.video_index,
        audio_index=given.audio_index,
        captions=() if look.captions is Captions.NONE else captions,
        width=size[0],
        height=size[1],
        pieces=pieces,
        words=words if look.captions is Captions.WORDS else (),
        accent=look.accent,
        player=look.player,
        obstacles=obstacles_of(pieces, given.analysis, size) if given.analysis else (),
        hook_text=look.hook_text,
        watermark=given.watermark,
        music_key=given.music_key,
        music_db=look.music_db,
        intro_key=given.intro_key,
        outro_key=given.outro_key,
    )


def pieces_of(given: Given) -> tuple[Piece, ...]:
    """What stays of the span, laid out."""
    kept = kept_pieces(given.span, _heard(given), Cutting.of(given.look))
    if given.analysis is None:
        return kept
    return frame_clip(given.analysis, _spans(kept), given.look) or kept


def _spans(pieces: Sequence[Piece]) -> list[tuple[float, float]]:
    return [(piece.start_seconds, piece.end_seconds) for piece in pieces]


def _heard(given: Given) -> Heard:
    return Heard(
        levels_db=given.analysis.levels_db if given.analysis else (),
        words=words_of(given.transcript, duration_seconds=given.duration_seconds),
        has_exact_times=bool(given.transcript.timed),
        language=given.transcript.language,
    )
