"""Clips: a video that came in, its words, the part that is chosen, the clip that is rendered. Checks are in `assets.clip_checks`."""

import base64

import dagster as dg

from assets.claims import claim
from assets.described import OWNERS, result, table_metadata
from assets.partitions import tenants
from domain.clips.choosing import METHOD
from domain.ports import FilePort, MediaTools
from domain.requests import CLIPS
from services import clips, media
from services.clips import Rendering
from store.database import Database

_GROUP = CLIPS
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
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], kept_files: dg.ResourceParam[FilePort], config: ClipConfig
) -> dg.MaterializeResult[None]:
    """One row per video that came in: what was probed in it, and the keys of the bytes that are kept, its captions' among them."""
    with claim(context, database) as work:
        found = clips.each(work, clips.wanted(work), lambda clip: media.find(work, kept_files, clip))
    videos = {each.media_id: each for each in found}.values()
    seconds = round(sum(each.duration_seconds for each in videos), 1)
    return result(len(videos), bytes=sum(each.size_bytes for each in videos), seconds=seconds)


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"ffmpeg", "postgres"},
    owners=OWNERS,
    tags={"layer": "core", "pii": "true"},
    deps=[raw_media__files],
    metadata=table_metadata("transcripts"),
)
def core_media__transcripts(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    media_tools: dg.ResourceParam[MediaTools],
    kept_files: dg.ResourceParam[FilePort],
) -> dg.MaterializeResult[None]:
    """One row per video whose words are known: its cues, cleaned, and the sentences made of them, with times."""
    with claim(context, database) as work:
        read = clips.each(work, clips.wanted(work), lambda clip: media.read_transcript(work, media_tools, kept_files, clip))
    return result(len(read), sentences=sum(len(each.sentences) for each in read), words=sum(each.words for each in read))


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"postgres"},
    owners=OWNERS,
    tags={"layer": "core", "pii": "true"},
    deps=[core_media__transcripts],
    metadata=table_metadata("clips"),
)
def core_clips__candidates(context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """One row per clip that was asked for: the run of whole sentences that ranks first within its bounds, and the reasons."""
    with claim(context, database) as work:
        chosen = clips.each(work, clips.wanted(work), lambda clip: clips.suggest(work, clip))
    scores = dg.MetadataValue.json([each.ranking_score for each in chosen])
    return result(len(chosen), method=METHOD, ranking_scores=scores, seconds=round(sum(each.seconds for each in chosen), 1))


@dg.asset(
    group_name=_GROUP,
    partitions_def=tenants,
    kinds={"ffmpeg", "file"},
    owners=OWNERS,
    tags={"layer": "out", "pii": "true"},
    deps=[core_clips__candidates],
    metadata=table_metadata("clips"),
)
def out_clips__renders(
    context: dg.AssetExecutionContext,
    database: dg.ResourceParam[Database],
    media_tools: dg.ResourceParam[MediaTools],
    kept_files: dg.ResourceParam[FilePort],
) -> dg.MaterializeResult[None]:
    """One row per clip: the upright video that came out, as measured, with its captions burned in."""
    with claim(context, database) as work:
        made = clips.render_all(work, media_tools, kept_files)
    seconds = round(sum(each.rendered.seconds for each in made), 1)
    return result(len(made), seconds=seconds, bytes=sum(each.rendered.size_bytes for each in made), picture=_picture(media_tools, made))


def _picture(tools: MediaTools, made: list[Rendering]) -> dg.MarkdownMetadataValue | None:
    """A frame of the first clip, as it was stored."""
    if not made:
        return None
    clip = made[0].rendered
    encoded = base64.b64encode(tools.thumbnail(clip.key, at_seconds=clip.seconds * _PICTURE_SHARE)).decode()
    return dg.MetadataValue.md(f"![frame of the clip](data:image/jpeg;base64,{encoded})")
