"""Features of the thumbnail, where its image was at hand. Measuring images is a gateway's work."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from domain.features.feature import Group, amount, presence

FEATURES = (
    amount(
        "thumbnail_faces", Group.THUMBNAIL, ("faces on the thumbnail", "one more face on the thumbnail"), "faces", 1.0, is_hypothesis=False
    ),
    presence("has_thumbnail_face", Group.THUMBNAIL, "a face on the thumbnail, compared with none", of="thumbnails"),
    amount(
        "thumbnail_brightness",
        Group.THUMBNAIL,
        ("brightness of the thumbnail", "a thumbnail ten points brighter"),
        "share, 0 black to 1 white",
        0.1,
    ),
    amount(
        "thumbnail_text_share",
        Group.THUMBNAIL,
        ("text on the thumbnail", "ten points more of the thumbnail covered by text"),
        "share of the area",
        0.1,
    ),
    amount(
        "thumbnail_colourfulness",
        Group.THUMBNAIL,
        ("colourfulness of the thumbnail", "a thumbnail ten points more colourful"),
        "Hasler-Suesstrunk measure / 100",
        0.1,
    ),
)
# Column to the name of its measure in `Vocabulary.thumbnails`.
MEASURES: Mapping[str, str] = {
    "thumbnail_faces": "faces",
    "thumbnail_brightness": "brightness",
    "thumbnail_text_share": "text_share",
    "thumbnail_colourfulness": "colourfulness",
}


def thumbnail_features(video_ids: Sequence[str], thumbnails: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """One row per video; what was not measured, or is no finite number, is missing."""
    columns = {name: [_finite(thumbnails.get(video, {}).get(measure)) for video in video_ids] for name, measure in MEASURES.items()}
    columns["has_thumbnail_face"] = [float(faces > 0) if faces == faces else faces for faces in columns["thumbnail_faces"]]
    return pd.DataFrame(columns, columns=[feature.name for feature in FEATURES], dtype="float64")


def _finite(value: float | None) -> float:
    return float(value) if value is not None and math.isfinite(value) else float("nan")
