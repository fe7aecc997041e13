"""What is measured of every video. The rules are in `domain.features`; people and brands, charts and pictures come in as vocabulary."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.insights.kind import Given, Inputs, Issue, Made, Reading, ReleaseKind, Section
from services.insights.posts import DEFINITIONS, read_posts
from store.work import UnitOfWork

# The section that the next release reads, so that topics keep their labels.
TOPICS = "topics"


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    from domain.packed import columns_of

    posts, until = read_posts(uow, reading)
    topics = uow.releases.finding("features", TOPICS)
    kept = {
        "posts": columns_of(posts), "sound_ranks": _sound_ranks(uow, posts), "topics": topics.value if topics else None,
        "entities": [asdict(each) for each in uow.entities.all()], "thumbnails": uow.thumbnails.vocabulary(),
    }  # fmt: skip
    return Inputs(kept, len(posts), until)


def _sound_ranks(uow: UnitOfWork, posts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Ids of sounds are a platform's own; where two platforms use one id, nobody can tell the two apart, and it is left out."""
    used: dict[str, set[str]] = {}
    for post in posts:
        if post["sound_id"] is not None:
            used.setdefault(post["sound_id"], set()).add(post["platform"])
    found: dict[str, Any] = {}
    for platform in sorted({name for names in used.values() for name in names}):
        ids = sorted(sound for sound, names in used.items() if names == {platform})
        found |= uow.posts.sound_ranks(platform, ids)
    return found


def _make(given: Given) -> Made:
    from domain.features.table import feature_table
    from domain.packed import definitions_of, measured_of, posts_of, vocabulary_of

    kept = given.kept
    # A release from before there were lists of people, or thumbnails, knew none.
    words = vocabulary_of(kept["sound_ranks"], kept["topics"], kept.get("entities", ()), kept.get("thumbnails"))
    table = feature_table(posts_of(kept["posts"]), words)
    return Made(table.version, measured_of(table), (Section(DEFINITIONS, definitions_of(table)), Section(TOPICS, table.topics.as_json())))


def _write(uow: UnitOfWork, issue: Issue) -> None:
    uow.features.put(issue.made.rows, version=issue.made.method, now=issue.terms.as_of)


FEATURES = ReleaseKind("features", _read, _make, _write)
