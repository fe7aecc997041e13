"""Rules about the running parts: API, Dagster's webserver, code and daemon, and what starts runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.doctor.findings import Finding, fail, not_running, ok, warn

# The daemon beats every 30 s; a busy one is late.
LATE_SECONDS, SILENT_SECONDS = 120.0, 300.0
# Some of its threads begin late after a start.
FIRST_SECONDS = 90.0
# Those that our dagster.yaml asks for, under Dagster's names.
DAEMONS = ("SENSOR", "SCHEDULER", "BACKFILL", "QUEUED_RUN_COORDINATOR", "MONITORING", "ASSET")
LOGS = "see the logs in WHYRAL_HOME/run"
POSTGRES_LOG = "see WHYRAL_HOME/postgres/postgres.log"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last one of a daemon: its age, and how many errors it came with."""

    age_seconds: float
    errors: int


def api(status: int | None, *, is_running: bool) -> Finding:
    """Its answer to /health/ready; None where there was none."""
    if status is None:
        return fail("api", "does not answer", f"{LOGS}: api.log") if is_running else not_running("api")
    if status != 200:
        return fail("api", f"answers {status}: it is not ready", f"{LOGS}: api.log")
    return ok("api", "ready")


def dagster(parts: Mapping[str, str], *, is_running: bool) -> list[Finding]:
    """Webserver and code location, as the webserver tells."""
    if parts.get("dagster_webserver") != "healthy":
        names = ("dagster webserver", "dagster code")
        return [fail(each, "does not answer", f"{LOGS}: webserver.log") if is_running else not_running(each) for each in names]
    code = parts["dagster_code"]
    loaded = ok("dagster code", "loaded") if code == "healthy" else fail("dagster code", code, f"{LOGS}: code-server.log")
    return [ok("dagster webserver", "answers"), loaded]


def daemon(beats: Mapping[str, Heartbeat], *, running_seconds: float | None) -> Finding:
    """`running_seconds` of the daemon on this machine; None where it is not, then it may run on another one."""
    check, advice = "dagster daemon", f"{LOGS}: daemon.log"
    ages = {name: beats[name].age_seconds for name in DAEMONS if name in beats}
    lasting = {name: age for name, age in ages.items() if age <= SILENT_SECONDS}
    if not lasting and running_seconds is None:
        return not_running(check)
    if running_seconds is not None and running_seconds < FIRST_SECONDS and len(lasting) < len(DAEMONS):
        return warn(check, f"just started, {len(lasting)} of {len(DAEMONS)} heartbeats yet", "look again in a minute")
    if failing := [name for name in lasting if beats[name].errors]:
        return fail(check, f"errors in {_named(failing)}", advice)
    if silent := [name for name in DAEMONS if name not in lasting]:
        return fail(check, f"no heartbeat in five minutes: {_named(silent)}", advice)
    if late := [name for name, age in ages.items() if age > LATE_SECONDS]:
        return warn(check, f"late: {_named(late)}, {max(ages.values()):.0f} s ago", f"look again in a minute; when it stays so, {advice}")
    return ok(check, f"{len(DAEMONS)} heartbeats, the oldest {max(ages.values()):.0f} s ago")


def _named(names: list[str]) -> str:
    return ", ".join(name.lower().replace("_", " ") for name in names)


def launcher(health: Mapping[str, object]) -> Finding:
    """What the fork server says of itself."""
    pid, live, limit, threads = (health.get(name) for name in ("pid", "live", "limit", "threads"))
    if health.get("ok") is not True or None in (pid, live, limit, threads):
        return fail("launcher", f"it answered {str(dict(health))[:200]}", f"{LOGS}: launcher.log; then restart `whyral up`")
    if threads != 1:
        return fail("launcher", f"process {pid} has {threads} threads, and must not fork", "report it with WHYRAL_HOME/run/launcher.log")
    return ok("launcher", f"process {pid}: {live} of {limit} runs live")


def other_launcher(name: str | None) -> Finding:
    return ok("launcher", f"not used: runs are started by {name or 'the launcher that Dagster brings'}")


def platforms(readers: Sequence[str], lacking: Mapping[str, str], *, is_sandbox: bool) -> Finding:
    """Who reads which platforms; what is not configured is a choice, and told."""
    if is_sandbox:
        return ok("platforms", "the sandbox: made-up accounts; no real platform is read")
    words = f"read by {', '.join(readers)}" if readers else "none is read"
    left_out = f"; left out: {', '.join(sorted(lacking))} (docs/reference/settings.md)" if lacking else ""
    return ok("platforms", words + left_out)


def speech(who: str, why: str, *, lacks: str | None) -> Finding:
    """Who listens to videos without captions. The one that comes with us is a stand-in."""
    if lacks is not None:
        return fail("speech", f"{who} ({why}) cannot listen", lacks)
    if who == "off":
        return ok("speech", f"nobody listens ({why})")
    if who == "pocketsphinx":
        advice = "docs/guides/speech.md tells how to get transcripts that are worth reading"
        return warn("speech", f"{who}, a stand-in that gets almost every second word wrong ({why})", advice)
    return ok("speech", f"{who} ({why})")
