"""Every feature that there is, whatever the posts. Features of people, brands and topics are made from a tenant's own: `FAMILIES`."""

from collections.abc import Mapping

from domain.features import (
    controversy,
    descriptions,
    formats,
    hashtags,
    people,
    sounds,
    thumbnails,
    timing,
    title_patterns,
    titles,
)
from domain.features.feature import Feature, Group

CATALOGUE: tuple[Feature, ...] = (
    *titles.FEATURES,
    *title_patterns.FEATURES,
    *descriptions.FEATURES,
    *hashtags.FEATURES,
    *sounds.FEATURES,
    *formats.FEATURES,
    *timing.FEATURES,
    *people.COUNTED,
    *controversy.FEATURES,
    *thumbnails.FEATURES,
)
# What a family's column begins with, and the group that it belongs to.
FAMILIES: Mapping[str, Group] = {"person:": Group.PEOPLE, "brand:": Group.PEOPLE, "topic:": Group.TOPIC}
