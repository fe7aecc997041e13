"""Examples of media and clips."""

from datetime import timedelta

import msgspec

from api.examples.shape import CLIP, CURSOR, MEDIA, NOON, REQUEST, Example
from api.examples.work import EXAMPLES as WORK
from api.figures import MethodOut
from api.media.links import LinkOut
from api.media.shapes import (
    METHOD_URL,
    AudioStreamOut,
    ClipIn,
    ClipOut,
    MediaOut,
    ReasonOut,
    SubtitleStreamOut,
    TakenInOut,
    TranscriptOut,
    VideoStreamOut,
)
from api.pages import Page
from domain.clips.choosing import METHOD

_TEXT = "Why do some videos travel further than others? We looked at forty channels for a year. A question in the title helped."
_TAKEN_IN = MediaOut(
    media_id=MEDIA, request_id=REQUEST, file_name="talk.mp4", file=f"/api/v1/media/{MEDIA}/file",
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", size_bytes=41_204_881,
    container="mov", duration_seconds=312.4,
    video=[VideoStreamOut(index=0, codec="h264", width=1920, height=1080, frames_per_second=25.0)],
    audio=[AudioStreamOut(index=1, codec="aac", channels=2, sample_rate_hz=48_000, language="eng")],
    subtitles=[SubtitleStreamOut(index=2, codec="mov_text", language="eng", title=None)], has_captions=False, transcript=None,
    created_at=NOON,
)  # fmt: skip
_MEDIA = msgspec.structs.replace(_TAKEN_IN, transcript=TranscriptOut(source="track", language="eng", cues=96, sentences=58, words=811))
_ASKED = ClipOut(
    clip_id=CLIP, media_id=MEDIA, request_id=REQUEST, state="asked", min_seconds=15.0, max_seconds=60.0, start_seconds=None,
    end_seconds=None, text=None, ranking_score=None, reasons=[], method=None, file=None, captions=None, size_bytes=None, seconds=None,
    width=None, height=None, loudness_lufs=None, error=None, created_at=NOON, rendered_at=None,
)  # fmt: skip
_RENDERED = msgspec.structs.replace(
    _ASKED, state="rendered", start_seconds=12.65, end_seconds=41.9, text=_TEXT, ranking_score=0.93,
    reasons=[
        ReasonOut(name="whole_sentences", value=1.0, share=1.0, weight=3.0),
        ReasonOut(name="words_per_second", value=2.4, share=1.0, weight=1.5),
        ReasonOut(name="length", value=29.25, share=0.95, weight=1.5),
    ],
    method=MethodOut(id=METHOD, url=METHOD_URL), file=f"/api/v1/clips/{CLIP}/file", captions=f"/api/v1/clips/{CLIP}/captions.vtt",
    size_bytes=9_100_442, seconds=29.26, width=1080, height=1920, loudness_lufs=-14.1, rendered_at=NOON + timedelta(seconds=31),
)  # fmt: skip
_LINK = LinkOut(url="https://api.example.org/api/v1/files/kZ3mXo4...", expires_at=NOON + timedelta(hours=1))
_VTT = "WEBVTT\n\n00:00:00.350 --> 00:00:01.700\nWhy do some videos\n"

EXAMPLES = {
    "POST /media": Example(TakenInOut(media=_TAKEN_IN, clip=_ASKED)),
    "GET /media": Example(Page(items=[_MEDIA], next_cursor=CURSOR, has_more=True)),
    "GET /media/{media_id}": Example(_MEDIA),
    "GET /media/{media_id}/file": Example("(the video)", media_type="video/mp4"),
    "GET /media/{media_id}/link": Example(_LINK),
    "POST /clips": Example(_ASKED, ClipIn(media_id=MEDIA, min_seconds=20, max_seconds=40)),
    "GET /clips": Example(Page(items=[_RENDERED], next_cursor=None, has_more=False)),
    "GET /clips/{clip_id}": Example(_RENDERED),
    "GET /clips/{clip_id}/events": WORK["GET /requests/{request_id}/events"],
    "GET /clips/{clip_id}/file": Example("(the clip)", media_type="video/mp4"),
    "GET /clips/{clip_id}/link": Example(_LINK),
    "GET /files/{token}": Example("(the file)", media_type="video/mp4"),
    "GET /clips/{clip_id}/captions.vtt": Example(_VTT, media_type="text/vtt"),
}
