"""Examples of media and clips."""

from datetime import timedelta

import msgspec

from api.examples.shape import CANDIDATE, CLIP, CURSOR, MEDIA, NOON, REQUEST, VIDEO, Example
from api.examples.work import EXAMPLES as WORK
from api.figures import MethodOut
from api.media.jobs import JobIn, JobOut
from api.media.links import LinkOut
from api.media.looks import LookIn
from api.media.shapes import (
    METHOD_URL,
    AudioStreamOut,
    CalibrationOut,
    CandidateOut,
    ClipIn,
    ClipOut,
    FindingOut,
    MediaOut,
    PieceOut,
    PostIn,
    ReasonOut,
    SubtitleStreamOut,
    TakenInOut,
    TranscriptOut,
    VideoStreamOut,
)
from api.media.suggesting import CandidatesOut, HeatIn, PiecesOut, PreviewIn, SuggestIn, SuggestionOut
from api.media.transcripts import ScriptIn, TranscriptFullOut
from api.pages import Page
from domain.clips.choosing import METHOD

_TEXT = "Why do some videos travel further than others? We looked at forty channels for a year. A question in the title helped."
_TAKEN_IN = MediaOut(
    media_id=MEDIA, purpose="source", request_id=REQUEST, file_name="talk.mp4", file=f"/api/v1/media/{MEDIA}/file",
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", size_bytes=41_204_881,
    container="mov", duration_seconds=312.4,
    video=[VideoStreamOut(index=0, codec="h264", width=1920, height=1080, frames_per_second=25.0)],
    audio=[AudioStreamOut(index=1, codec="aac", channels=2, sample_rate_hz=48_000, language="eng")],
    subtitles=[SubtitleStreamOut(index=2, codec="mov_text", language="eng", title=None)], has_captions=False, transcript=None,
    video_id=None, origin="upload", has_script=False, has_heat=False, heat_from=None, expired_at=None, created_at=NOON,
)  # fmt: skip
_MEDIA = msgspec.structs.replace(_TAKEN_IN, transcript=TranscriptOut(source="track", language="eng", cues=96, sentences=58, words=811))
_ASKED = ClipOut(
    clip_id=CLIP, media_id=MEDIA, request_id=REQUEST, state="asked", min_seconds=15.0, max_seconds=60.0, start_seconds=None,
    end_seconds=None, text=None, ranking_score=None, reasons=[], method=None, file=None, captions=None, size_bytes=None, seconds=None,
    width=None, height=None, loudness_lufs=None, error=None, created_at=NOON, rendered_at=None, candidate_id=None, look=LookIn(), pieces=[],
    checks=[], thumbnail=None, video_id=None, published_at=None, expired_at=None,
)  # fmt: skip
_WINDOW = {"width": 0.316, "height": 1.0, "left": 0.41, "top": 0.0}
_RENDERED = msgspec.structs.replace(
    _ASKED, state="rendered", start_seconds=12.65, end_seconds=41.9, text=_TEXT, ranking_score=0.93,
    reasons=[
        ReasonOut(name="whole_sentences", value=1.0, share=1.0, weight=3.0),
        ReasonOut(name="words_per_second", value=2.4, share=1.0, weight=1.5),
        ReasonOut(name="length", value=29.25, share=0.95, weight=1.5),
    ],
    method=MethodOut(id=METHOD, url=METHOD_URL), file=f"/api/v1/clips/{CLIP}/file", captions=f"/api/v1/clips/{CLIP}/captions.vtt",
    candidate_id=CANDIDATE, thumbnail=f"/api/v1/clips/{CLIP}/thumbnail",
    pieces=[PieceOut(start_seconds=12.65, end_seconds=41.9, layout="focus", windows=[_WINDOW])],
    checks=[
        FindingOut(
            name="duration", is_passed=True, value=29.26, limit=0.15, detail="it has 29.26 s, as planned", at_seconds=None, picture=None
        ),
        FindingOut(name="loudness", is_passed=True, value=-14.1, limit=0.5, detail="it has -14.1 LUFS", at_seconds=None, picture=None),
    ],
    size_bytes=9_100_442, seconds=29.26, width=1080, height=1920, loudness_lufs=-14.1, rendered_at=NOON + timedelta(seconds=31),
)  # fmt: skip
_LINK = LinkOut(url="https://api.example.org/api/v1/files/kZ3mXo4...", expires_at=NOON + timedelta(hours=1))
_CANDIDATE = CandidateOut(
    candidate_id=CANDIDATE, media_id=MEDIA, request_id=REQUEST, rank=1, start_seconds=12.65, end_seconds=41.9, seconds=29.25, text=_TEXT,
    ranking_score=0.93, reasons=_RENDERED.reasons, absent={"heat": "no heat-map of this video is known: send one as heat"},
    method=MethodOut(id=METHOD, url=METHOD_URL), clips=1, preview=f"/api/v1/clips/candidates/{CANDIDATE}/preview",
    picture=f"/api/v1/clips/candidates/{CANDIDATE}/picture", created_at=NOON,
)  # fmt: skip
_SUGGESTION = SuggestionOut(
    request_id=REQUEST, media_id=MEDIA, video_id=None, state="queued", candidates=f"/api/v1/clips/candidates?media_id={MEDIA}"
)
_JOB = JobOut(
    request_id=REQUEST, state="running", progress=0.4, note="rendering", clips=[_RENDERED], events=f"/api/v1/clips/jobs/{REQUEST}/events"
)
_TRANSCRIPT = TranscriptFullOut(
    source="track", language="en", model=None, error_rate=None,
    sentences=[{"start_seconds": 12.65, "end_seconds": 16.1, "text": "Why do some videos travel further?", "is_complete": True}],
    chapters=[{"start_seconds": 0.0, "end_seconds": 62.0, "title": "Titles"}], turns=[], statistics={"words": 811, "sentences": 58},
)  # fmt: skip
_CALIBRATION = CalibrationOut(
    n=3, verdict="cannot say yet: 3 clips have an outcome, about 17 more are needed", correlation=None, low=None, high=None, curve=[]
)
_HEAT = [HeatIn(start_seconds=0.0, end_seconds=3.1, value=1.0), HeatIn(start_seconds=3.1, end_seconds=6.2, value=0.42)]
_SRT = "1\n00:00:00,350 --> 00:00:01,700\nWhy do some videos\n"
_VTT = "WEBVTT\n\n00:00:00.350 --> 00:00:01.700\nWhy do some videos\n"

EXAMPLES = {
    "POST /media": Example(TakenInOut(media=_TAKEN_IN, clip=_ASKED)),
    "GET /media": Example(Page(items=[_MEDIA], next_cursor=CURSOR, has_more=True)),
    "GET /media/{media_id}": Example(_MEDIA),
    "GET /media/{media_id}/file": Example("(the video)", media_type="video/mp4"),
    "GET /media/{media_id}/link": Example(_LINK),
    "POST /clips": Example(_ASKED, ClipIn(media_id=MEDIA, min_seconds=20, max_seconds=40)),
    "GET /clips": Example(Page(items=[_RENDERED], next_cursor=None, has_more=False)),
    "GET /clips/{clip_id}/thumbnail": Example("(the picture)", media_type="image/jpeg"),
    "GET /clips/{clip_id}/checks/{name}/picture": Example("(the picture)", media_type="image/jpeg"),
    "GET /clips/{clip_id}/captions.srt": Example(_SRT, media_type="application/x-subrip"),
    "PUT /clips/{clip_id}/post": Example(msgspec.structs.replace(_RENDERED, video_id=VIDEO, published_at=NOON), PostIn(video_id=VIDEO)),
    "GET /clips/calibration": Example(_CALIBRATION),
    "POST /clips/suggest": Example(_SUGGESTION, SuggestIn(media_id=MEDIA, min_seconds=20, max_seconds=60, count=6, heat=_HEAT)),
    "GET /clips/candidates": Example(CandidatesOut(items=[_CANDIDATE], reason=None)),
    "GET /clips/candidates/{candidate_id}": Example(_CANDIDATE),
    "GET /clips/candidates/{candidate_id}/pieces": Example(PiecesOut(items=_RENDERED.pieces)),
    "GET /clips/candidates/{candidate_id}/picture": Example("(the picture)", media_type="image/jpeg"),
    "GET /clips/candidates/{candidate_id}/preview": Example("(the film)", media_type="video/mp4"),
    "POST /clips/candidates/{candidate_id}/preview": Example(
        "(the film)", PreviewIn(look=LookIn(hook_text="What travels")), media_type="video/mp4"
    ),
    "POST /clips/jobs": Example(_JOB, JobIn(candidate_ids=[CANDIDATE], look=LookIn(hook_text="What travels"))),
    "GET /clips/jobs/{request_id}": Example(_JOB),
    "GET /clips/jobs/{request_id}/events": WORK["GET /requests/{request_id}/events"],
    "DELETE /clips/jobs/{request_id}": Example(_JOB),
    "GET /media/{media_id}/transcript": Example(_TRANSCRIPT),
    "GET /media/{media_id}/transcript.vtt": Example(_VTT, media_type="text/vtt"),
    "GET /media/{media_id}/transcript.srt": Example(_SRT, media_type="application/x-subrip"),
    "GET /media/{media_id}/transcript.txt": Example("Why do some videos travel further than others?", media_type="text/plain"),
    "PUT /media/{media_id}/script": Example(_SUGGESTION, ScriptIn(text="Why do some videos travel further than others?")),
    "GET /clips/{clip_id}": Example(_RENDERED),
    "GET /clips/{clip_id}/events": WORK["GET /requests/{request_id}/events"],
    "GET /clips/{clip_id}/file": Example("(the clip)", media_type="video/mp4"),
    "GET /clips/{clip_id}/link": Example(_LINK),
    "GET /files/{token}": Example("(the file)", media_type="video/mp4"),
    "GET /clips/{clip_id}/captions.vtt": Example(_VTT, media_type="text/vtt"),
}
