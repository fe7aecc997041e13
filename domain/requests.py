"""Requests: whatever somebody asked Dagster to do, its states, and the rules of launching and retrying.

Claiming is in `store.requests`, starting runs in `gateways.dagster`, the context manager that runs use in `assets.claims`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.errors import FieldProblem, Unacceptable


class State(StrEnum):
    """`pending -> launched -> running -> succeeded | failed | canceled | skipped`."""

    PENDING = "pending"
    LAUNCHED = "launched"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELED, State.SKIPPED})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: the Dagster job that does it, what it claims, and the parameters it takes."""

    job: str
    claim_on: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    max_attempts: int = 3
    can_be_asked: bool = True


# Kinds that write the same tables of a tenant share a claim: one of them runs at a time per tenant. Clips have tables of their own.
GRAPH, CLIPS, CHANNELS, TRACKING = "graph", "clips", "channels", "tracking"
# Added links and what expires are rows among others', put one batch of a tenant at a time: they wait for no run of the graph.
ADDING, RETENTION, EXPORT, BILLING = "scraping", "retention", "export", "billing"
# Reading one platform shares no claim with another: a slow one holds up nobody (docs/decisions/0014-claims-per-platform.md).
SCRAPES: Mapping[str, str] = {each: f"scrape.{each}" for each in ("tiktok", "youtube", "instagram", "x")}
KINDS: Mapping[str, Kind] = {
    "import": Kind(job="import_file", claim_on=GRAPH, required=("import_id",), can_be_asked=False),
    "refresh": Kind(job="refresh_accounts", claim_on=GRAPH, optional=("account_ids",)),
    "insights": Kind(job="publish_insights", claim_on=GRAPH),
    "deep": Kind(job="deep_analysis", claim_on=GRAPH),
    "causal": Kind(job="causal_analysis", claim_on=GRAPH),
    "media": Kind(job="make_clips", claim_on=CLIPS, required=("media_id", "clip_id"), can_be_asked=False),
    "clip": Kind(job="make_clips", claim_on=CLIPS, required=("media_id", "clip_id"), can_be_asked=False),
    "clips": Kind(job="make_clips", claim_on=CLIPS, required=("clip_ids",), can_be_asked=False),
    "suggest": Kind(
        job="suggest_clips", claim_on=CLIPS, optional=("media_id", "video_id", "min_seconds", "max_seconds", "count"), can_be_asked=False
    ),
    "sync": Kind(job="sync_channel", claim_on=CHANNELS, required=("channel_id",), can_be_asked=False),
    **{kind: Kind(job=f"scrape_{each}", claim_on=kind, optional=("account_ids",), can_be_asked=False) for each, kind in SCRAPES.items()},
    "add_urls": Kind(job="add_urls", claim_on=ADDING, required=("scrape_id",), can_be_asked=False),
    "export": Kind(job="export_tenant", claim_on=EXPORT, can_be_asked=False),
    # What payment providers told of the workspace.
    BILLING: Kind(job="hear_payments", claim_on=BILLING, can_be_asked=False),
    # What these claim depends on what their run makes: see `claim_of_run`.
    "manual": Kind(job="", claim_on=GRAPH, max_attempts=1, can_be_asked=False),
    "scheduled": Kind(job="", claim_on=GRAPH, max_attempts=1, can_be_asked=False),
}

# A worker that is frozen for so long has lost its work; what takes it away looks every 5 s.
LEASE = timedelta(seconds=40)
# A request that was launched but claimed by no run for so long is launched again: its run was lost.
LAUNCH_TIMEOUT = timedelta(seconds=90)
BUSY_DELAY = timedelta(seconds=5)
PROGRESS_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as stored. `progress` is a share from 0 to 1; `call_id` the X-Request-ID of the call that asked for it."""

    tenant_id: UUID
    request_id: UUID
    kind: str
    subject: str
    params: Mapping[str, object]
    state: State
    attempt: int
    max_attempts: int
    launches: int
    run_id: str | None
    progress: float
    note: str
    error: Mapping[str, object] | None
    is_cancel_requested: bool
    version: int
    created_at: datetime
    not_before: datetime
    launched_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    lease_until: datetime | None
    steps_done: Sequence[str] = ()
    call_id: str | None = None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def run_key(self) -> str:
        """Unique per launch: a lost launch is made again under another key, the claim lets one of them work."""
        return f"{self.request_id}:{self.attempt}:{self.launches}"

    @property
    def tags(self) -> dict[str, str]:
        asked_by = {CALL_TAG: self.call_id} if self.call_id else {}
        return {REQUEST_TAG: str(self.request_id), ATTEMPT_TAG: str(self.attempt), **asked_by}


REQUEST_TAG, ATTEMPT_TAG, CALL_TAG = "whyral/request_id", "whyral/attempt", "whyral/call_id"


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a request's timeline."""

    version: int
    at: datetime
    state: State
    attempt: int
    progress: float
    note: str
    error: Mapping[str, object] | None


class Claimed(StrEnum):
    """What a run that claims is told."""

    YES = "yes"
    TAKEN = "taken"
    BUSY = "busy"
    CANCELED = "canceled"
    SUSPENDED = "of a suspended workspace"


def check_asked(kind: str, params: Mapping[str, object]) -> Kind:
    """The kind somebody may ask for, its parameters checked by name."""
    found = KINDS.get(kind)
    if found is None or not found.can_be_asked:
        asked = ", ".join(name for name, each in KINDS.items() if each.can_be_asked)
        raise Unacceptable(f"request kind {kind!r} cannot be asked for", (FieldProblem("/kind", f"choose from {asked}"),))
    unknown = [FieldProblem(f"/params/{name}", f"{kind} takes {', '.join(found.required + found.optional) or 'no parameters'}")
               for name in params if name not in found.required + found.optional]  # fmt: skip
    lacking = [FieldProblem(f"/params/{name}", "is required") for name in found.required if name not in params]
    problems = unknown + lacking + faulty(params)
    if problems:
        raise Unacceptable(f"the parameters of {kind} cannot be accepted", tuple(problems))
    return found


def faulty(params: Mapping[str, object]) -> list[FieldProblem]:
    """The parameters that are known and whose values are none."""
    return [FieldProblem(f"/params/{name}", PARAMS[name].advice) for name, word in params.items()
            if name in PARAMS and not PARAMS[name].is_good(word)]  # fmt: skip


def _is_id(word: object) -> bool:
    try:
        return str(UUID(str(word))) == word
    except ValueError:
        return False


def _is_number(word: object) -> bool:
    return isinstance(word, (int, float)) and not isinstance(word, bool)


def _are_ids(words: object) -> bool:
    return isinstance(words, list) and all(map(_is_id, words))


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of requests: whether a value of it is one, and what to say where it is not."""

    is_good: Callable[[object], bool]
    advice: str


PARAMS: Mapping[str, Param] = {
    "account_ids": Param(_are_ids, "give a list of account ids (UUIDs), or leave it out for all accounts"),
    "media_id": Param(_is_id, "give the id of a media file (a UUID)"),
    "scrape_id": Param(_is_id, "give the id of links that were given together (a UUID)"),
    "clip_id": Param(_is_id, "give the id of a clip (a UUID)"),
    "clip_ids": Param(_are_ids, "give a list of ids of clips (UUIDs)"),
    "video_id": Param(_is_id, "give the id of a video (a UUID)"),
    "min_seconds": Param(_is_number, "give the shortest clip in seconds"),
    "max_seconds": Param(_is_number, "give the longest clip in seconds"),
    "count": Param(_is_number, "give how many candidates are wanted"),
    "channel_id": Param(_is_id, "give the id of a channel (a UUID)"),
}


def backoff(attempt: int) -> timedelta:
    """How long attempt n+1 waits after attempt n failed: 2 s, 8 s, 32 s ... at most 10 minutes."""
    return timedelta(seconds=min(600, 2 * 4 ** (attempt - 1)))


def may_retry(request: Request, *, retryable: bool) -> bool:
    return retryable and request.attempt < request.max_attempts and not request.is_cancel_requested


def plan_launches(waiting: Iterable[Request], *, live: int, limit: int, busy: frozenset[tuple[UUID, str]] = frozenset()) -> list[Request]:
    """Which requests to launch now: oldest first, one tenant after the other, at most `limit` live runs.

    A tenant whose claim is held, or who gets a launch in this round, waits: a second run would only find the claim taken.
    """
    queues: dict[UUID, deque[Request]] = {}
    for request in sorted(waiting, key=lambda each: (each.created_at, each.request_id)):
        queues.setdefault(request.tenant_id, deque()).append(request)
    chosen: list[Request] = []
    for queue in queues.values():
        first = next((each for each in queue if (each.tenant_id, claim_of(each)) not in busy), None)
        if first is not None and live + len(chosen) < limit:
            chosen.append(first)
    return chosen


def claim_of(request: Request) -> str:
    return KINDS[request.kind].claim_on


def claim_of_run(groups: Iterable[str], assets: Iterable[str] = ()) -> str:
    """What a run claims that nobody asked us for, by the groups and names of the assets that it makes.

    One that makes nothing but the tracking of a platform claims that platform; what makes more than clips, or than own channels, is the
    graph's.
    """
    made, found = set(assets), set(groups)
    if found == {TRACKING} and len(made) == 1:
        return SCRAPES[made.pop().rpartition("__")[2]]
    return found.pop() if len(found) == 1 and found <= {CLIPS, CHANNELS, ADDING, RETENTION, EXPORT, BILLING} else GRAPH
