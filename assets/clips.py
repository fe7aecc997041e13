"""Clips: a video, its words, what a look at it saw, the parts worth showing, clips made and checked. Checks are in `clip_checks`."""

import base64
from collections import Counter

import dagster as dg

from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenants
from domain.clips.aids import RankingAids
from domain.clips.candidates import Candidate
from domain.clips.choosing import METHOD
from domain.errors import NotFound
from domain.ports import FilePort, MediaTools, Platforms
from domain.requests import CLIPS
from services import analysing, checking, clip_subjects, clips, sourcing, suggesting, transcribing
from services.checking import Checked
from store.database import Database

_GROUP = CLIPS
# What hears, decodes or encodes whole videos: so many steps of it at a time as pools have places (dagster.yaml, or a limit of its own).
POOL = "media"
# Where in a clip its picture is taken: late enough to show a caption.
_PICTURE_SHARE = 0.3


class ClipConfig(dg.Config):
    """Clips of which video; empty: every clip that no run has brought to an end."""

    media_id: str = ""


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"file", "postgres"},
    owners=OWNERS,
    tags={"layer": "raw", "pii": "true"},
    metadata=table_metadata("media"),
)
def raw_media__files(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    kept_files: dg.ResourceParam[FilePort],
    media_tools: dg.ResourceParam[MediaTools],
    platforms: dg.ResourceParam[Platforms],
    config: ClipConfig,
) -> dg.MaterializeResult[None]:
    """One row per video that came in: what was probed in it, and the keys of the bytes that are kept, its captions' among them."""
    with claim(context, database) as work:
        found = sourcing.ready(work, kept_files, media_tools, platforms)
    seconds = round(sum(each.duration_seconds for each in found), 1)
    return result(len(found), bytes=sum(each.size_bytes for each in found), seconds=seconds)


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"ffmpeg", "postgres"},
    owners=OWNERS,
    tags={"layer": "core", "pii": "true"},
    deps=[raw_media__files],
    metadata=table_metadata("transcripts"),
    pool=POOL,
)
def core_media__transcripts(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    media_tools: dg.ResourceParam[MediaTools],
    kept_files: dg.ResourceParam[FilePort],
) -> dg.MaterializeResult[None]:
    """One row per video whose words are known: its cues, cleaned, and the sentences made of them, with times."""
    with claim(context, database) as work:
        read = clip_subjects.each_media(work, lambda media_id: transcribing.read(work, media_tools, kept_files, media_id))
    sources = dg.MetadataValue.json(dict(Counter(each.source.value for each in read)))
    return result(len(read), sentences=sum(len(each.sentences) for each in read), words=sum(each.words for each in read), sources=sources)


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"opencv", "postgres"},
    owners=OWNERS,
    tags={"layer": "core", "pii": "true"},
    deps=[raw_media__files],
    metadata=table_metadata("media_analyses"),
    pool=POOL,
)
def core_media__analyses(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], media_tools: dg.ResourceParam[MediaTools]
) -> dg.MaterializeResult[None]:
    """One row per video that was looked at: its cuts, the faces in five pictures a second, and how loud it is."""
    with claim(context, database) as work:
        seen = clip_subjects.each_media(work, lambda media_id: analysing.look_at(work, media_tools, media_id))
    faces = sum(bool(sample.faces) for each in seen for sample in each.samples)
    samples = sum(len(each.samples) for each in seen)
    return result(len(seen), cuts=sum(len(each.cuts) for each in seen), samples=samples, samples_with_faces=faces)


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"postgres"},
    owners=OWNERS,
    tags={"layer": "core", "pii": "true"},
    deps=[core_media__transcripts, core_media__analyses],
    metadata=table_metadata("clip_candidates"),
)
def core_clips__candidates(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], ranking_aids: dg.ResourceParam[RankingAids]
) -> dg.MaterializeResult[None]:
    """One row per part of a video that could be a clip: whole sentences, ranked by named signals, the reasons beside them."""
    with claim(context, database) as work:
        found = suggesting.suggest_all(work, ranking_aids)
    scores = dg.MetadataValue.json([each.ranking_score for each in found])
    return result(len(found), method=METHOD, ranking_scores=scores, parts=dg.MetadataValue.md(_table(found)))


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"ffmpeg", "file"},
    owners=OWNERS,
    tags={"layer": "out", "pii": "true"},
    deps=[core_clips__candidates],
    metadata=table_metadata("clips"),
    pool=POOL,
)
def out_clips__renders(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    media_tools: dg.ResourceParam[MediaTools],
    kept_files: dg.ResourceParam[FilePort],
) -> dg.MaterializeResult[None]:
    """One row per clip: the video that came out, as measured, with its captions burned in."""
    with claim(context, database) as work:
        made = clips.render_all(work, media_tools, kept_files)
    seconds = round(sum(each.rendered.seconds for each in made), 1)
    return result(len(made), seconds=seconds, bytes=sum(each.rendered.size_bytes for each in made))


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"ffmpeg", "postgres"},
    owners=OWNERS,
    tags={"layer": "out", "pii": "true"},
    deps=[out_clips__renders],
    metadata=table_metadata("clips"),
    pool=POOL,
)
def out_clips__checked(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    media_tools: dg.ResourceParam[MediaTools],
    kept_files: dg.ResourceParam[FilePort],
) -> dg.MaterializeResult[None]:
    """One row per clip that was checked before delivery: what was found, and whether it is delivered or blocked."""
    with claim(context, database) as work:
        checked = checking.check_all(work, media_tools, kept_files)
    blocked = dg.MetadataValue.json({str(each.clip_id): list(each.failed) for each in checked if each.failed})
    return result(len(checked), blocked=blocked, picture=_picture(media_tools, checked))


def _table(found: list[Candidate]) -> str:
    rows = [
        f"| {each.start_seconds:.1f} - {each.end_seconds:.1f} s | {each.ranking_score:.2f} | {_cell(each.text)} |" for each in found[:20]
    ]
    return "\n".join(["| part | ranking score | words |", "|---|---|---|", *rows])


def _cell(text: str, most: int = 80) -> str:
    shown = text if len(text) <= most else text[:most].rstrip() + "…"
    return shown.replace("|", "\\|").replace("\n", " ")


def _picture(tools: MediaTools, checked: list[Checked]) -> dg.MarkdownMetadataValue | None:
    """A frame of the first clip that is delivered, as it was stored; what was blocked may hold none, and what was deleted is gone."""
    clip = next((each for each in checked if not each.failed), None)
    if clip is None:
        return None
    try:
        encoded = base64.b64encode(tools.thumbnail(clip.key, at_seconds=clip.seconds * _PICTURE_SHARE)).decode()
    except NotFound:
        return None
    return dg.MetadataValue.md(f"![frame of the clip](data:image/jpeg;base64,{encoded})")
