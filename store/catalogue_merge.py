"""How several words about one account or video become one: SQL expressions for `store.catalogue_sql`.

A newer word replaces an older one, an older word only fills a gap, and a source that is silent about a fact takes nothing away:
so the order in which batches arrive does not matter to what is stated once. A publish time is replaced only by one as exact.
"""

COUNTERS = ("views", "likes", "dislikes", "comments", "shares", "bookmarks")
ACCOUNT_FACTS = (
    "username",
    "title",
    "description",
    "avatar_url",
    "is_verified",
    "followers",
    "following",
    "declared_videos",
    "declared_likes",
)
LISTS = ("tags", "hashtags", "mentions")
VIDEO_FACTS = (
    "url", "title", "description", "thumbnail_url", "posted_at", "posted_error_seconds", "duration_seconds", "format", "category", "sound_id",
    "sound_title", *LISTS, "is_removed", "missing", *COUNTERS,
)  # fmt: skip
_NEWEST = "order by observed_at desc, line"
_EXACT = "order by posted_error_seconds, observed_at desc, line"


def newest_here(name: str) -> str:
    """A fact's newest word in the batch, silent rows passed over."""
    if name in LISTS:
        return f"coalesce((array_agg(nullif({name}, '{{}}')::text {_NEWEST}) filter (where {name} <> '{{}}'))[1]::text[], '{{}}')"
    if name == "posted_at":
        return f"(array_agg(posted_at {_EXACT}) filter (where posted_at is not null))[1]"
    if name == "posted_error_seconds":
        return f"coalesce((array_agg(posted_error_seconds {_EXACT}) filter (where posted_at is not null))[1], 0)"
    if name == "is_removed":
        return f"(array_agg(is_removed {_NEWEST}))[1]"
    if name == "missing":
        return _without_known(f"(array_agg(missing {_NEWEST}))[1]", {each: f"max({each})" for each in ("posted_at", *COUNTERS)})
    return f"(array_agg({name} {_NEWEST}) filter (where {name} is not null))[1]"


def account_merge() -> tuple[str, str]:
    """What an upsert sets, and whether that is a change."""
    is_newer = "excluded.last_seen_at >= accounts.last_seen_at"
    merged = {name: _newer_first("accounts", name, is_newer) for name in ACCOUNT_FACTS}
    merged |= {
        "known_as": "array(select distinct unnest(accounts.known_as || excluded.known_as) order by 1)",
        "first_seen_at": "least(accounts.first_seen_at, excluded.first_seen_at)",
        "last_seen_at": "greatest(accounts.last_seen_at, excluded.last_seen_at)",
    }
    return _sets(merged), _changed("accounts", merged)


def video_merge() -> tuple[str, str]:
    """What an upsert sets, and whether that is a change."""
    is_newer = "excluded.observed_at >= videos.observed_at"
    merged = {name: _video_fact(name, is_newer) for name in VIDEO_FACTS}
    both = f"(case when {is_newer} then videos.missing || excluded.missing else excluded.missing || videos.missing end)"
    merged["missing"] = _without_known(both, {each: merged[each] for each in ("posted_at", *COUNTERS)})
    merged |= {
        "first_seen_at": "least(videos.first_seen_at, excluded.first_seen_at)",
        "observed_at": "greatest(videos.observed_at, excluded.observed_at)",
        "selection": "case when 'census' in (videos.selection, excluded.selection) then 'census' else videos.selection end",
    }
    return _sets(merged), _changed("videos", merged)


def _video_fact(name: str, is_newer: str) -> str:
    if name in LISTS:
        return f"case when excluded.{name} <> '{{}}' and ({is_newer} or videos.{name} = '{{}}') then excluded.{name} else videos.{name} end"
    if name in {"posted_at", "posted_error_seconds"}:
        closer, as_close = (
            "excluded.posted_error_seconds < videos.posted_error_seconds",
            "excluded.posted_error_seconds = videos.posted_error_seconds",
        )
        better = f"videos.posted_at is null or {closer} or ({as_close} and {is_newer})"
        return f"case when excluded.posted_at is not null and ({better}) then excluded.{name} else videos.{name} end"
    if name == "is_removed":
        return f"case when {is_newer} then excluded.is_removed else videos.is_removed end"
    return _newer_first("videos", name, is_newer)


def _newer_first(table: str, name: str, is_newer: str) -> str:
    return f"case when {is_newer} then coalesce(excluded.{name}, {table}.{name}) else coalesce({table}.{name}, excluded.{name}) end"


def _without_known(missing: str, facts: dict[str, str]) -> str:
    """What is known is not missing, whoever else does not know it."""
    known = ", ".join(f"case when ({fact}) is not null then '{name}' end" for name, fact in facts.items())
    return f"{missing} - array_remove(array[{known}], null)"


def _sets(merged: dict[str, str]) -> str:
    return ", ".join(f"{name} = {fact}" for name, fact in merged.items())


def _changed(table: str, merged: dict[str, str]) -> str:
    return f"({', '.join(f'{table}.{name}' for name in merged)}) is distinct from ({', '.join(merged.values())})"
