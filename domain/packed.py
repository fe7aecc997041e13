"""Posts, features and vocabulary as JSON values, by column, and out of them again: what a release keeps of its inputs.

Where rows come from, and how bytes are made of the values, is in `services.insights`.

Figures have ten significant digits, missing is null, a moment is ISO 8601; what is read back is what was written, in any order of rows.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias, get_type_hints

import pandas as pd

from domain.features.feature import Feature
from domain.features.table import Entity, FeatureTable, Vocabulary
from domain.features.topic_model import topic_model_of
from domain.posts import posts_frame

DIGITS = 10
Columns: TypeAlias = Mapping[str, Sequence[Any]]
# (video, figures by feature, words by name)
Measured: TypeAlias = tuple[str, Mapping[str, Any], Mapping[str, Any]]


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """A table by column. Every row has the names of the first."""
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def rows_of(table: Columns) -> list[dict[str, Any]]:
    """The table by row again."""
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


def moment_of(word: str | None) -> datetime | None:
    """A moment as it was before it was packed, where there was one."""
    return None if word is None else datetime.fromisoformat(word)


def posts_of(table: Columns) -> pd.DataFrame:
    """The frame of packed posts (columns: `domain.posts.COLUMNS`)."""
    return posts_frame({**row, "posted_at": moment_of(row["posted_at"])} for row in rows_of(table))


def vocabulary_of(
    sound_ranks: Mapping[str, Sequence[tuple[str, int]]],
    topics: Mapping[str, Any] | None = None,
    entities: Sequence[Mapping[str, Any]] = (),
    thumbnails: Mapping[str, Mapping[str, float]] | None = None,
) -> Vocabulary:
    """The vocabulary out of what was packed of it. `topics`: those of the last release."""
    ranks = {sound: [(pd.Timestamp(at), rank) for at, rank in places] for sound, places in sound_ranks.items()}
    named = tuple(Entity(each["name"], each["kind"], tuple(each["aliases"])) for each in entities)
    return Vocabulary(named, ranks, thumbnails or {}, None if topics is None else topic_model_of(topics))


def measured_of(table: FeatureTable) -> list[Measured]:
    """One entry per video, in the order of the table."""
    rows = zip(table.frame.index, table.frame.to_dict("records"), table.words.to_dict("records"), strict=True)
    return [(str(video), _plain_row(figures), _plain_row(words)) for video, figures, words in rows]


def definitions_of(table: FeatureTable) -> list[dict[str, Any]]:
    """What each feature is, exactly: its step is a constant, and no figure."""
    return [asdict(each) for each in table.features]


def features_of(measured: Sequence[Measured], definitions: Sequence[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """Measured videos packed by column, with what each feature is."""
    return {
        "version": version, "definitions": list(definitions), "video_id": [video for video, _, _ in measured],
        "figures": columns_of([figures for _, figures, _ in measured]), "words": columns_of([words for _, _, words in measured]),
    }  # fmt: skip


def table_of(packed: Mapping[str, Any], videos: Sequence[str]) -> FeatureTable:
    """The table of features of these videos, in their order; one that was not measured has missing features."""
    features = features_defined(packed["definitions"])
    index = pd.Series(packed["video_id"], name="video_id", dtype="object")
    frame = pd.DataFrame(packed["figures"], index=index, columns=[each.name for each in features], dtype="float64")
    words = pd.DataFrame(packed["words"], index=index, dtype="object")
    order = pd.Index(pd.Series(list(videos), name="video_id", dtype="object"))
    return FeatureTable(frame.reindex(order), features, words.reindex(order), packed["version"])


def features_defined(definitions: Sequence[Mapping[str, Any]]) -> tuple[Feature, ...]:
    """Features out of what was packed of them."""
    return tuple(map(_feature, definitions))


def _feature(definition: Mapping[str, Any]) -> Feature:
    """What a feature is, with its words as the members of enumerations that they stand for."""
    kinds = {name: kind for name, kind in get_type_hints(Feature).items() if isinstance(kind, type) and issubclass(kind, Enum)}
    words: dict[str, Any] = {name: kinds[name](value) if name in kinds else value for name, value in definition.items()}
    return Feature(**words)


def _plain_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.{DIGITS}g}")
    if isinstance(value, set | frozenset):
        return sorted(value)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
