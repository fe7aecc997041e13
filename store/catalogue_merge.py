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
_NEWEST = ("observed_at desc", "line")
_EXACT = ("posted_error_seconds", *_NEWEST)


def newest_here(name: str, rows: str = "") -> str:
    """A fact's newest word in the batch, silent rows passed over; `rows` is the prefix of the batch's columns."""
    newest, exact = (f"order by {', '.join(f'{rows}{each}' for each in order)}" for order in (_NEWEST, _EXACT))
    word, posted = f"{rows}{name}", f"{rows}posted_at"
    if name in LISTS:
        return f"coalesce((array_agg({word}::text {newest}) filter (where {word} is not null))[1]::text[], '{{}}')"
    if name == "posted_at":
        return f"(array_agg({word} {exact}) filter (where {posted} is not null))[1]"
    if name == "posted_error_seconds":
        return f"coalesce((array_agg({word} {exact}) filter (where {posted} is not null))[1], 0)"
    if name == "is_removed":
        return f"(array_agg({word} {newest}))[1]"
    if name == "missing":
        stated = f"coalesce((array_agg({word} {newest}))[1]::jsonb, '{{}}')"
        return _without_known(stated, {each: f"max({rows}{each})" for each in ("posted_at", *COUNTERS)})
    return f"(array_agg({word} {newest}) filter (where {word} is not null))[1]"


def only_here(name: str) -> str:
    """The same where the batch has one row of the post."""
    if name in LISTS:
        return f"coalesce(i.{name}, '{{}}')"
    if name == "posted_error_seconds":
        return "case when i.posted_at is null then 0 else i.posted_error_seconds end"
    if name == "missing":
        return _without_known("coalesce(i.missing::jsonb, '{}')", {each: f"i.{each}" for each in ("posted_at", *COUNTERS)})
    return f"i.{name}"


def account_merge() -> tuple[str, str]:
    """What an upsert sets, and whether that is a change."""
    is_newer = "excluded.last_seen_at >= accounts.last_seen_at"
    merged = {name: _newer_first("accounts", name, is_newer) for name in ACCOUNT_FACTS}
    merged |= {
        "known_as": "array(select distinct unnest(accounts.known_as || excluded.known_as) order by 1)",
        "first_seen_at": "least(accounts.first_seen_at, excluded.first_seen_at)",
        "last_seen_at": "greatest(accounts.last_seen_at, excluded.last_seen_at)",
        **_clock("accounts", is_newer),
    }
    return _sets(merged), _changed("accounts", merged)


def video_merge(new: str, *, table: str = "v", leave: frozenset[str] = frozenset()) -> tuple[str, str]:
    """What an update sets, and whether that is a change. `new` and `table` name the new and the stored row; facts of `leave` stay."""
    is_newer = f"{new}.observed_at >= {table}.observed_at"
    merged = {name: _video_fact(name, is_newer, new, table) for name in VIDEO_FACTS}
    merged["missing"] = _missing_of_both(is_newer, new, table, {each: merged[each] for each in ("posted_at", *COUNTERS)})
    # What changes most often comes first: a row is compared up to the first difference.
    merged = {
        "observed_at": f"greatest({table}.observed_at, {new}.observed_at)",
        **merged,
        "first_seen_at": f"least({table}.first_seen_at, {new}.first_seen_at)",
        "selection": f"case when 'census' in ({table}.selection, :selection) then 'census' else {table}.selection end",
        **_clock(table, is_newer),
    }
    merged = {name: fact for name, fact in merged.items() if name not in leave}
    gone = merged["is_removed"]
    # They follow from it, and are no change of their own.
    follows = {
        "removed_since": f"case when {gone} then coalesce({table}.removed_since, {new}.observed_at) end",
        "removed_reason": f"case when {gone} then {table}.removed_reason end",
    }
    return _sets(merged | follows), _changed(table, merged)


def _video_fact(name: str, is_newer: str, new: str, table: str) -> str:
    if name in LISTS:
        return f"case when {new}.{name} <> '{{}}' and ({is_newer} or {table}.{name} = '{{}}') then {new}.{name} else {table}.{name} end"
    if name in {"posted_at", "posted_error_seconds"}:
        closer, as_close = (f"{new}.posted_error_seconds {sign} {table}.posted_error_seconds" for sign in ("<", "="))
        better = f"{table}.posted_at is null or {closer} or ({as_close} and {is_newer})"
        return f"case when {new}.posted_at is not null and ({better}) then {new}.{name} else {table}.{name} end"
    if name == "is_removed":
        # A source that saw it before we learned that it is gone does not bring it back.
        return f"case when {is_newer} and {new}.observed_at >= coalesce({table}.removed_since, '-infinity') then {new}.is_removed else {table}.is_removed end"
    return _newer_first(table, name, is_newer, new)


def _clock(table: str, is_newer: str) -> dict[str, str]:
    """A platform that was read again is the source from now on, and what it told may be kept for longer; a file changes neither.

    A day more or less is not worth a write.
    """
    until = f"cast(:expires_at as timestamptz) > coalesce({table}.expires_at, '-infinity') + interval '1 day'"
    return {
        "source": f"case when {is_newer} and :source not like 'import:%' then :source else {table}.source end",
        "expires_at": f"case when {is_newer} and {until} then cast(:expires_at as timestamptz) else {table}.expires_at end",
    }


def _missing_of_both(is_newer: str, new: str, table: str, facts: dict[str, str]) -> str:
    """Nearly always nothing is missing: then nothing is taken apart."""
    both = f"(case when {is_newer} then {table}.missing || {new}.missing else {new}.missing || {table}.missing end)"
    return f"case when {table}.missing = '{{}}' and {new}.missing = '{{}}' then {table}.missing else {_without_known(both, facts)} end"


def _newer_first(table: str, name: str, is_newer: str, new: str = "excluded") -> str:
    return f"case when {is_newer} then coalesce({new}.{name}, {table}.{name}) else coalesce({table}.{name}, {new}.{name}) end"


def _without_known(missing: str, facts: dict[str, str]) -> str:
    """What is known is not missing, whoever else does not know it."""
    known = ", ".join(f"case when ({fact}) is not null then '{name}' end" for name, fact in facts.items())
    return f"{missing} - array_remove(array[{known}], null)"


def _sets(merged: dict[str, str]) -> str:
    return ", ".join(f"{name} = {fact}" for name, fact in merged.items())


def _changed(table: str, merged: dict[str, str]) -> str:
    return f"({', '.join(f'{table}.{name}' for name in merged)}) is distinct from ({', '.join(merged.values())})"
