"""Rules about the databases: addresses, roles, row-level security, migrations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.doctor.findings import Finding, fail, ok, warn

NEEDED_POSTGRES = 15
DAGSTER_DRIVER = "postgresql+psycopg2"
GUIDE = "docs/guides/production.md"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Role:
    """One that serves: what it may do although it must not."""

    name: str
    is_superuser: bool
    passes_security: bool
    owned_objects: int
    powerful_groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Walls:
    """What the catalogue says about row-level security."""

    tables: int
    unforced: Sequence[str]
    without_policy: Sequence[str]


def addresses(schemes: Mapping[str, str | None]) -> Finding:
    """The four URLs' schemes by setting: None where a setting is unset, "" where it cannot be read as a URL."""
    given = [name for name, scheme in schemes.items() if scheme is not None]
    if not given:
        return ok("settings", "the embedded PostgreSQL; no database of your own is set")
    if unset := [name for name in schemes if name not in given]:
        return fail("settings", f"{', '.join(given)} without {', '.join(unset)}", f"set all four, or none ({GUIDE})")
    if unread := [name for name in given if not schemes[name]]:
        return fail("settings", f"{', '.join(unread)} cannot be read as a URL", "write @, : and / in a password as %40, %3A and %2F")
    if schemes["WHYRAL_DAGSTER_DATABASE_URL"] != DAGSTER_DRIVER:
        return fail("settings", "WHYRAL_DAGSTER_DATABASE_URL names another driver than psycopg2", f"begin it with {DAGSTER_DRIVER}://")
    return ok("settings", "a PostgreSQL of your own, for all four roles")


def secrets(weaknesses: Sequence[str]) -> list[Finding]:
    """One for each weakness, as `domain.secrets` words it: what is wrong, a colon, what to do."""
    told = (each.partition(": ") for each in weaknesses)
    return [fail("settings", found, advice) for found, _, advice in told]


def token_keys(*, is_readable: bool) -> Finding | None:
    if is_readable:
        return None
    return fail("settings", "WHYRAL_TOKEN_KEYS cannot be read", "write <id>:<32 bytes in base64>: openssl rand -base64 32")


def server(version: int, where: str) -> Finding:
    """`version` as PostgreSQL counts: 180004 is 18.4."""
    words = f"PostgreSQL {version // 10_000}.{version % 10_000} at {where}"
    if version < NEEDED_POSTGRES * 10_000:
        return fail("database", words, f"move to PostgreSQL {NEEDED_POSTGRES} or later")
    return ok("database", words)


def role(check: str, found: Role, *, setting: str) -> Finding:
    wrong = [
        words
        for words, is_so in (
            ("is a superuser", found.is_superuser),
            ("passes row-level security", found.passes_security),
            (f"owns {found.owned_objects} objects", found.owned_objects > 0),
            (f"is a member of {', '.join(found.powerful_groups)}", bool(found.powerful_groups)),
        )
        if is_so
    ]
    if wrong:
        return fail(check, f"{found.name} {' and '.join(wrong)}", f"give {setting} a role as deploy/roles.sql makes it")
    return ok(check, f"{found.name}: no superuser, no BYPASSRLS, owns nothing")


def walls(found: Walls) -> Finding:
    holes = [f"{name} does not force it" for name in found.unforced] + [f"{name} has no policy" for name in found.without_policy]
    if holes:
        more = f" and {len(holes) - _SHOWN} more" if len(holes) > _SHOWN else ""
        advice = "as the owner: alter table ... enable row level security, force row level security; a lost policy is in store/migrations"
        return fail("row-level security", ", ".join(holes[:_SHOWN]) + more, advice)
    if not found.tables:
        return warn("row-level security", "there are no tables yet", "bring the schema to head: `whyral up` does at each start")
    return ok("row-level security", f"forced on all {found.tables} tables and partitions")


def migrations(current: Sequence[str], heads: Sequence[str]) -> Finding:
    if set(current) == set(heads):
        return ok("migrations", f"at head ({', '.join(heads)})")
    found = f"the database is at {', '.join(current) or 'nothing'}, the code at {', '.join(heads)}"
    return fail("migrations", found, "make a backup and restart `whyral up`, which migrates; where the database is ahead, deploy its code")
