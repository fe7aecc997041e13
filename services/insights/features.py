"""What is measured of every video. The rules are in `domain.features`; people and brands, charts and pictures come in as vocabulary."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from services.insights.kind import Given, Inputs, Issue, Kept, Made, Reading, ReleaseKind, Section
from services.insights.packing import columns
from services.insights.posts import DEFINITIONS, DIGITS, posts_of, read_posts
from store.work import UnitOfWork

if TYPE_CHECKING:
    from domain.features.table import Vocabulary


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    posts, until = read_posts(uow, reading)
    return Inputs({"posts": columns(posts), "sound_ranks": _sound_ranks(uow, posts)}, len(posts), until)


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

    table = feature_table(posts_of(given.kept["posts"]), _vocabulary(given.kept))
    figures, words = table.frame.to_dict("records"), table.words.to_dict("records")
    measured = [
        (str(video), {str(name): _plain(value) for name, value in row.items()}, {str(name): _plain(value) for name, value in said.items()})
        for video, row, said in zip(table.frame.index, figures, words, strict=True)
    ]
    definitions = Section(DEFINITIONS, [{name: _plain(value) for name, value in asdict(each).items()} for each in table.features])
    return Made(table.version, measured, (definitions,))


def _vocabulary(kept: Kept) -> "Vocabulary":
    import pandas as pd

    from domain.features.table import Vocabulary

    return Vocabulary(sound_ranks={
        sound: [(pd.Timestamp(at), rank) for at, rank in places] for sound, places in kept["sound_ranks"].items()
    })  # fmt: skip


def _write(uow: UnitOfWork, issue: Issue) -> None:
    uow.features.put(issue.made.rows, version=issue.made.method, now=issue.terms.as_of)


def _plain(value: Any) -> Any:
    """As JSON has it: floats to ten digits, missing is null."""
    if isinstance(value, float):
        return None if value != value else float(f"{value:.{DIGITS}g}")
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in (value if isinstance(value, list | tuple) else sorted(value))]
    return value


FEATURES = ReleaseKind("features", _read, _make, _write)
