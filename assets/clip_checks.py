"""Checks of clips, each about the clips of its run. What they judge by is in `domain.transcripts` and `domain.clips`."""

from collections.abc import Iterator
from uuid import UUID

import dagster as dg

from assets.clips import (
    core_clips__candidates,
    core_media__analyses,
    core_media__transcripts,
    out_clips__checked,
    out_clips__renders,
    raw_media__files,
)
from assets.partitions import tenant_of
from domain.clips.checking import disorder, edge_faults, misfit, overreach, shape_faults
from domain.clips.delivery import faults, is_deliverable
from domain.clips.states import ClipState
from domain.errors import NotFound, SourceFailed, Unacceptable
from domain.ports import FilePort, MediaTools
from domain.requests import REQUEST_TAG
from store.clip_rows import Clip
from store.database import Database
from store.work import UnitOfWork

# A run that nobody asked for may be about any clip: its checks look at so many of the newest.
_CHECKED = 20
_MADE = (ClipState.CHECKING, ClipState.RENDERED, ClipState.BLOCKED)


def _clips_of(context: dg.AssetCheckExecutionContext, uow: UnitOfWork) -> list[Clip]:
    """The clips that the run was asked for, else the newest ones; what failed already has said so."""
    request_id = context.run.tags.get(REQUEST_TAG)
    found = uow.clips.of_request(UUID(request_id)) if request_id else uow.clips.page(limit=_CHECKED)
    return [clip for clip in found if clip.state not in (ClipState.FAILED, ClipState.CANCELED)]


def _verdict(wrong: dict[str, list[str]]) -> dg.AssetCheckResult:
    found = {subject: sentences for subject, sentences in wrong.items() if sentences}
    return dg.AssetCheckResult(passed=not found, metadata={"checked": len(wrong), "wrong": dg.MetadataValue.json(found)})


@dg.asset_check(asset=raw_media__files, blocking=True, description="The bytes of every video, and of its captions, are there.")
def media_bytes_are_kept(
    context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database], kept_files: dg.ResourceParam[FilePort]
) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = {clip.media_id: uow.media.get(clip.media_id) for clip in _clips_of(context, uow)}
    here = {key: each for key, each in found.items() if each.expired_at is None}
    return _verdict({str(key): list(_lost(kept_files, each.file_key, each.captions_key)) for key, each in here.items()})


def _lost(files: FilePort, *keys: str | None) -> Iterator[str]:
    for key in filter(None, keys):
        try:
            files.size(key)
        except NotFound as error:
            yield str(error)


@dg.asset_check(asset=core_media__transcripts, blocking=True, description="Sentences hold words, are in order, and lie inside their video.")
def transcripts_fit_their_media(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    wrong: dict[str, list[str]] = {}
    with database.begin(tenant_of(context)) as uow:
        for clip in _clips_of(context, uow):
            transcript = uow.media.transcript(clip.media_id)
            if transcript is not None:
                wrong[str(clip.media_id)] = disorder(transcript, duration_seconds=uow.media.get(clip.media_id).duration_seconds)
    return _verdict(wrong)


@dg.asset_check(asset=core_media__analyses, blocking=False, description="A look at a video is as long as the video; its cuts lie inside.")
def looks_fit_their_media(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    wrong: dict[str, list[str]] = {}
    with database.begin(tenant_of(context)) as uow:
        for media_id in {clip.media_id for clip in _clips_of(context, uow)}:
            analysis = uow.media.analysis(media_id)
            if analysis is not None:
                wrong[str(media_id)] = misfit(analysis, duration_seconds=uow.media.get(media_id).duration_seconds)
    return _verdict(wrong)


@dg.asset_check(
    asset=core_clips__candidates,
    blocking=True,
    description="A candidate lies inside its video, begins and ends at sentences, and is as long as was asked.",
)
def candidates_are_whole_sentences(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    wrong: dict[str, list[str]] = {}
    with database.begin(tenant_of(context)) as uow:
        # A part that its user chose may begin and end anywhere; nothing ranked it.
        for clip in (each for each in _clips_of(context, uow) if each.method is not None):
            transcript = uow.media.transcript(clip.media_id)
            if clip.span is not None and transcript is not None:
                duration = uow.media.get(clip.media_id).duration_seconds
                wrong[str(clip.clip_id)] = overreach(clip.span, transcript.sentences, duration_seconds=duration, wanted=clip.wanted)
        wrong.update(_split(context, uow))
    return _verdict(wrong)


def _split(context: dg.AssetCheckExecutionContext, uow: UnitOfWork) -> Iterator[tuple[str, list[str]]]:
    """The candidates of the run, and where they do not begin and end with sentences."""
    request_id = context.run.tags.get(REQUEST_TAG)
    for found in uow.candidates.of_request(UUID(request_id)) if request_id else ():
        transcript = uow.media.transcript(found.media_id)
        yield str(found.candidate_id), edge_faults((found.start_seconds, found.end_seconds), transcript.sentences if transcript else ())


@dg.asset_check(
    asset=out_clips__renders, description="What came out can be opened, and has the size and length that were planned.", blocking=False
)
def renders_are_as_promised(
    context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database], media_tools: dg.ResourceParam[MediaTools]
) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        made = [clip for clip in _clips_of(context, uow) if clip.state in _MADE and clip.expired_at is None]
    return _verdict({str(clip.clip_id): [*_misshapen(clip), *_unopened(media_tools, clip)] for clip in made})


def _misshapen(clip: Clip) -> list[str]:
    """What comes before and after a clip is as long as it is."""
    start, end = clip.span or (0.0, 0.0)
    planned = sum(piece.seconds for piece in clip.pieces) or end - start
    seconds = planned if clip.look.intro_media_id or clip.look.outro_media_id else clip.seconds or 0.0
    return shape_faults((clip.width or 0, clip.height or 0), seconds=seconds, planned_seconds=planned, planned_size=clip.look.size)


def _unopened(tools: MediaTools, clip: Clip) -> Iterator[str]:
    """The stored bytes are opened anew; what the renderer said of them is not believed."""
    try:
        tools.probe(clip.file_key or "")
    except (NotFound, Unacceptable, SourceFailed) as error:
        yield str(error)


@dg.asset_check(
    asset=out_clips__checked, blocking=True, description="A delivered clip failed none of its checks; a blocked one says which it failed."
)
def deliveries_passed_their_checks(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        judged = [clip for clip in _clips_of(context, uow) if clip.state in (ClipState.RENDERED, ClipState.BLOCKED)]
    return _verdict({str(clip.clip_id): _misjudged(clip) for clip in judged})


def _misjudged(clip: Clip) -> list[str]:
    if is_deliverable(clip.findings) == (clip.state is ClipState.RENDERED):
        return []
    return faults(clip.findings) or [f"it is {clip.state}, and no check says why"]
