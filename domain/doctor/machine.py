"""Rules about the machine: Python, libraries, the home, room, ports, clocks, ffmpeg, fonts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from domain.doctor.findings import Finding, fail, listed, not_running, ok, warn

NEEDED_PYTHON = (3, 11)
# Dagster's libraries are numbered 0.(n + 16).p beside Dagster 1.n.p; others have not been tried together.
DAGSTER_LEAD = 16
NEEDED_BYTES, COMFORTABLE_BYTES = 500_000_000, 2_000_000_000
WARN_SECONDS, FAIL_SECONDS = 5.0, 30.0
FOR_OTHERS, WRITABLE_BY_ALL = 0o077, 0o002

# What clips are made with: picture, captions, loudness.
FILTERS = frozenset((
    "aformat", "alimiter", "anullsrc", "aresample", "ass", "boxblur", "crop", "ebur128", "format", "fps", "gblur", "loudnorm", "lutyuv",
    "overlay", "scale", "setparams", "setsar", "split", "subtitles", "tonemap", "volume", "zscale",
))  # fmt: skip
ENCODERS = frozenset(("libx264", "aac"))


@dataclass(frozen=True, slots=True)
class Library:
    """One requirement of ours: what is asked for, and what is there (None: nothing)."""

    name: str
    wanted: str
    version: str | None
    is_fit: bool


@dataclass(frozen=True, slots=True)
class PortUse:
    """Who has a port. `is_ours`: one of our own running parts has it; None where the system does not tell us whose it is."""

    is_free: bool
    holder: str | None = None
    is_ours: bool | None = None


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an ffmpeg says it can do."""

    version: str
    filters: Collection[str]
    encoders: Collection[str]


def python(version: tuple[int, int, int]) -> Finding:
    words = ".".join(map(str, version))
    if version[:2] < NEEDED_PYTHON:
        return fail("python", f"{words}, 3.11 or later is needed", "make clean install PYTHON=/path/to/python3.11")
    return ok("python", words)


def libraries(found: Sequence[Library], broken: Mapping[str, str]) -> Finding:
    """`broken`: those that are there and cannot be loaded, with the reason."""
    wrong = {each.name: f"{each.version or 'missing'} ({each.wanted or 'any'} is needed)" for each in found if not each.is_fit}
    versions = {each.name: each.version for each in found if each.version}
    wrong |= _strangers(versions.get("dagster"), versions) | dict(broken)
    if wrong:
        return fail("libraries", listed(wrong), "install what constraints.txt names: make clean install")
    if not found:
        return warn("libraries", "Whyral is not installed as a package: what it needs is not known", "install it: make install")
    return ok("libraries", f"{len(found)} as needed, dagster {versions.get('dagster')} among them")


def _strangers(dagster: str | None, versions: Mapping[str, str]) -> dict[str, str]:
    """Dagster's libraries of another release than its own."""
    if dagster is None:
        return {}
    _, minor, patch = dagster.split(".")[:3]
    lead = f"0.{int(minor) + DAGSTER_LEAD}.{patch}"
    due = {name: dagster if name in ("dagster-graphql", "dagster-webserver") else lead for name in versions if name.startswith("dagster-")}
    return {
        name: f"{versions[name]} does not go with dagster {dagster} ({word} does)" for name, word in due.items() if versions[name] != word
    }


def home(path: str, *, mode: int | None, is_writable: bool) -> Finding:
    """`mode` None: it is not there yet."""
    if mode is None:
        return warn("home", f"{path} is not there yet", "`whyral up` makes it; or set WHYRAL_HOME to the home that you mean")
    if not is_writable:
        return fail("home", f"{path} cannot be written by this user", "run as its owner, or set WHYRAL_HOME to a folder of yours")
    if mode & WRITABLE_BY_ALL:
        return fail("home", f"{path} can be written by everybody (mode {mode:04o})", f"chmod o-w {path}")
    return ok("home", f"{path} (mode {mode:04o})")


def secrets(modes: Mapping[str, int]) -> Finding:
    """The files that hold secrets, with their modes."""
    loose = [path for path, mode in modes.items() if mode & FOR_OTHERS]
    if loose:
        return fail("secrets", f"others on this machine may read {', '.join(loose)}", f"chmod 600 {' '.join(loose)}; then change them")
    return ok("secrets", f"{len(modes)} files, readable by their owner only" if modes else "none yet: the first `whyral up` makes them")


def disk(check: str, path: str, free_bytes: int, *, advice: str) -> Finding:
    found = f"{free_bytes / 1e9:.1f} GB free at {path}"
    if free_bytes < NEEDED_BYTES:
        return fail(check, f"{found}, {NEEDED_BYTES / 1e9:.1f} GB are needed", f"make room, or {advice}")
    if free_bytes < COMFORTABLE_BYTES:
        return warn(check, found, "make room before it runs out: imports, the database and logs grow")
    return ok(check, found)


def postgres_folder(folder: str, place: str, *, is_used: bool, has_data: bool) -> Finding:
    """`place` is elsewhere than `folder` where the user whom PostgreSQL runs as cannot reach the home."""
    check, is_moved = "postgres folder", place != folder
    if not is_used:
        return ok(check, "not used: DATABASE_URL is set")
    if is_moved and not has_data:
        return fail(check, f"{folder}/.location names {place}, and no data are there", "restore them, or delete that file to begin anew")
    if not has_data:
        return ok(check, f"{place}: made at the first start")
    return ok(check, f"{place}: moved out of the home, which PostgreSQL's user cannot reach" if is_moved else place)


def port(check: str, number: int, setting: str, use: PortUse, *, is_running: bool) -> Finding:
    if use.is_free and is_running:
        return fail(check, f"nobody listens on {number}", "see the logs in WHYRAL_HOME/run")
    if use.is_free:
        return ok(check, f"{number} is free")
    if use.is_ours:
        return ok(check, f"{number} is ours: {use.holder}")
    if use.is_ours is None and is_running:
        return warn(check, f"{number} is taken; the system does not tell this user by whom", "run this as the user who runs Whyral")
    return fail(check, f"{number} is taken by {use.holder or 'another program'}", f"stop it, or set {setting}")


def clock(skews: Mapping[str, float], *, jumped_seconds: float) -> Finding:
    """How far other clocks are ahead of ours, and how far ours jumped while we looked."""
    measured = {**skews, "our own, while looking,": jumped_seconds}
    worst = max(measured, key=lambda name: abs(measured[name]))
    found = listed({name: f"{round(seconds, 1) + 0:+.1f} s" for name, seconds in measured.items()})
    advice = "keep the clocks of all machines together: chrony or systemd-timesyncd"
    if abs(measured[worst]) > FAIL_SECONDS:
        return fail("clock", found, f"{advice}; leases and schedules go wrong")
    return warn("clock", found, advice) if abs(measured[worst]) > WARN_SECONDS else ok("clock", found)


def ffmpeg(found: Abilities) -> Finding:
    missing = sorted(FILTERS - set(found.filters)) + sorted(ENCODERS - set(found.encoders))
    if missing:
        advice = "unset IMAGEIO_FFMPEG_EXE to use the one that comes with Whyral, or build yours with them"
        return fail("ffmpeg", f"{found.version} lacks {', '.join(missing)}", advice)
    return ok("ffmpeg", f"{found.version}, with all {len(FILTERS)} filters and {len(ENCODERS)} encoders that are needed")


def fonts(sizes: Mapping[str, int | None]) -> Finding:
    """The fonts that come with Whyral, by path; None where the file cannot be read."""
    lost = [path for path, size in sizes.items() if not size]
    if lost or not sizes:
        return fail("fonts", f"cannot read {', '.join(lost) or 'any font'}", "install Whyral anew: make clean install")
    return ok("fonts", ", ".join(sizes))


def whyral(owner: str | None) -> Finding:
    return ok("whyral", f"running (process {owner})") if owner else not_running("whyral")
