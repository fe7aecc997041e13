"""Kept bytes and media tools as Dagster resources."""

from collections.abc import Callable

import dagster as dg

from domain.clips.aids import RankingAids
from domain.ports import FilePort, MediaTools
from domain.retention import BytesKept


def kept_files_resource(make: Callable[[], FilePort]) -> dg.ResourceDefinition:
    @dg.resource(description="bytes by their key: videos, captions, clips")
    def kept_files(_: dg.InitResourceContext) -> FilePort:
        return make()

    return kept_files


def media_tools_resource(make: Callable[[], MediaTools]) -> dg.ResourceDefinition:
    @dg.resource(description="probes videos, reads their subtitles, renders clips")
    def media_tools(_: dg.InitResourceContext) -> MediaTools:
        return make()

    return media_tools


def bytes_kept_resource(make: Callable[[], BytesKept]) -> dg.ResourceDefinition:
    @dg.resource(description="for how many days bytes of videos, clips and thumbnails are kept")
    def bytes_kept(_: dg.InitResourceContext) -> BytesKept:
        return make()

    return bytes_kept


def ranking_aids_resource(make: Callable[[], RankingAids]) -> dg.ResourceDefinition:
    @dg.resource(description="what helps to rank parts of videos: a sentence embedding, where the operator has one")
    def ranking_aids(_: dg.InitResourceContext) -> RankingAids:
        return make()

    return ranking_aids
