"""Claiming: how a run proves, at every write, that the work is still its own. What a claim is, is in `domain.requests`.

    with claim(context, database) as work:
        found = fetch()                    # no transaction open here
        with work.begin() as uow:          # fenced: fails once another attempt owns the work
            uow.videos.put(found)
        work.report(0.5, "120 of 240 videos")

A run launched for a request carries its id and attempt as tags. A run without (UI, backfill, schedule) records a request
of its own. A duplicate finds the claim taken and ends its run as canceled: nothing was to be done, so nobody is alarmed.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, TypedDict
from uuid import UUID

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from assets.failures import as_failure, described, is_retryable
from assets.hearts import Heart
from domain.errors import ClaimLost, Conflict, SourceUnavailable, Unwanted, WhyralError
from domain.requests import ATTEMPT_TAG, LEASE, PROGRESS_STEP, REQUEST_TAG, Claimed, Request, State, claim_of_run
from services.requests import no_more_attempts
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork

HEARTBEAT_SECONDS = LEASE.total_seconds() / 4
# How long a run that nobody asked us for waits for other work of its tenant.
PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 1.0


STOPPED: Mapping[str, object] = {
    "code": "interrupted", "detail": "the run was stopped, as when Whyral stops; the work is done by the next attempt", "is_retryable": True
}  # fmt: skip


class _OwnRequest(TypedDict):
    request_id: UUID
    kind: str
    subject: str
    claim_on: str
    params: Mapping[str, object]
    run_id: str


class claim:  # noqa: N801 - used like a function, in a with statement
    """One step's hold on its tenant's work; the request succeeds with the last planned step of the run."""

    def __init__(
        self,
        context: dg.AssetExecutionContext,
        database: Database,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._context, self._database = context, database
        self._patience_seconds, self._look_seconds = patience_seconds, look_seconds
        self.tenant_id = UUID(context.partition_key)
        self.run_id, self.step = context.run.run_id, context.assets_def.node_def.name
        self._has_more = False

    def __enter__(self) -> "claim":
        outcome = self._claimed()
        deadline = time.monotonic() + self._patience_seconds
        while outcome is Claimed.BUSY and REQUEST_TAG not in self._context.run.tags and time.monotonic() < deadline:
            time.sleep(1)
            outcome = self._claimed()
        if outcome is not Claimed.YES:
            self._leave(outcome)
        self._heart = Heart.of(self._database, self.request, self.run_id, beat_seconds=HEARTBEAT_SECONDS, warn=self._context.log.warning)
        self._reported, self._looked = 0.0, 0.0
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        ended = error or self._finished()
        if ended is None and self._has_more:
            self._heart.wait()
        else:
            self._heart.stop()
        if ended is not None and not isinstance(ended, ClaimLost):
            self._record(ended)
        if isinstance(ended, WhyralError):
            raise as_failure(ended) from ended

    @property
    def params(self) -> Mapping[str, object]:
        return self.request.params

    @property
    def account_ids(self) -> list[UUID] | None:
        """The accounts that were asked for; None for all."""
        asked = self.request.params.get("account_ids")
        return [UUID(str(each)) for each in asked] if isinstance(asked, list) and asked else None

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A transaction that holds the claim's row until it commits: nobody takes over meanwhile. Raises ClaimLost, Unwanted."""
        with self._database.begin(self.tenant_id) as uow:
            if uow.requests.renew(self.request.request_id, self.request.attempt, self.run_id):
                raise Unwanted("the work was canceled")
            yield uow

    def tidying(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that proves no claim: to take back what will not be recorded."""
        return self._database.begin(self.tenant_id)

    def ensure_months(self, months: set[str]) -> None:
        self._database.ensure_months(sorted(months))

    def report(self, share: float, note: str) -> None:
        """Progress of this step as a share of it; steps too small to see are not written."""
        if share - self._reported < PROGRESS_STEP and share < 1:
            return
        self._reported = share
        planned = _planned_steps(self._context)
        whole = (len(set(self.request.steps_done) & set(planned)) + share) / max(1, len(planned))
        with self.begin() as uow:
            uow.requests.report(self.request.request_id, progress=min(whole, 0.999), note=note)

    def is_unwanted(self) -> bool:
        """Whether the work was canceled, or taken over, meanwhile: for long work outside a transaction. Looks once a second at most."""
        now = time.monotonic()
        if now - self._looked < self._look_seconds:
            return False
        self._looked = now
        try:
            with self._database.begin(self.tenant_id) as uow:
                return uow.requests.renew(self.request.request_id, self.request.attempt, self.run_id)
        except ClaimLost:
            return True
        except SourceUnavailable:
            return False  # a database that is away for a moment says nothing about the wish

    def _claimed(self) -> Claimed:
        tags = self._context.run.tags
        with self._database.begin(self.tenant_id) as uow:
            if uow.overrides.is_suspended():
                return Claimed.SUSPENDED
            if REQUEST_TAG in tags:
                request_id = UUID(tags[REQUEST_TAG])
                outcome = uow.requests.claim(request_id, int(tags[ATTEMPT_TAG]), self.run_id)
                self.request: Request = uow.requests.get(request_id)
                return outcome
            try:
                self.request, outcome = uow.requests.adopt(**_own_request(self._context))
            except Conflict:
                return Claimed.BUSY
            return outcome

    def _finished(self) -> WhyralError | None:
        """Note the finished step; what kept it from being noted, where the work was taken away or canceled at the very end."""
        try:
            with self.begin() as uow:
                uow.requests.finish_step(self.request.request_id, self.step, planned=_planned_steps(self._context))
                self._has_more = uow.requests.get(self.request.request_id).state is State.RUNNING
        except WhyralError as error:
            return error
        return None

    def _leave(self, outcome: Claimed) -> None:
        """End this run without an alarm: a twin does the work, nobody wants it any more, or its workspace is suspended."""
        tags = self._context.run.tags
        if REQUEST_TAG not in tags and outcome in (Claimed.BUSY, Claimed.SUSPENDED):
            with self._database.begin(self.tenant_id) as uow:
                uow.requests.skip(**_own_request(self._context))
        why = f"skipped: request {tags.get(REQUEST_TAG, 'of this run')} is {outcome}"
        self._context.log.info(why)
        self._context.instance.report_run_canceling(self._context.run, message=why)
        raise DagsterExecutionInterruptedError(why)

    def _record(self, error: BaseException) -> None:
        is_stopped = isinstance(error, DagsterExecutionInterruptedError)
        is_ended = isinstance(error, Unwanted) or (is_stopped and self._was_terminated())
        try:
            with self._database.begin(self.tenant_id) as uow:
                is_unwanted = uow.requests.renew(self.request.request_id, self.request.attempt, self.run_id)
                if is_ended or (is_stopped and is_unwanted):
                    uow.requests.end(self.request.request_id, State.CANCELED)
                    no_more_attempts(uow, uow.requests.get(self.request.request_id))
                    return
                why = STOPPED if is_stopped else described(error, step=self.step)
                retryable = is_stopped or is_retryable(error)
                after = uow.requests.fail(uow.requests.get(self.request.request_id), error=why, retryable=retryable)
                no_more_attempts(uow, after)
        except (ClaimLost, SourceUnavailable) as late:
            # The reaper or the next attempt knows; the first error is the one to show.
            self._context.log.warning("the failure could not be recorded: %s", late)

    def _was_terminated(self) -> bool:
        """Whether somebody ended the run in Dagster. Else the machine is stopping, and the work is still wanted."""
        run = self._context.instance.get_run_by_id(self.run_id)
        return run is not None and run.status is dg.DagsterRunStatus.CANCELING


def _planned_steps(context: dg.AssetExecutionContext) -> list[str]:
    """The steps of this run that make assets; checks are not waited for."""
    layer = context.job_def.asset_layer
    return sorted({layer.get(key).assets_def.node_def.name for key in layer.executable_asset_keys})


def _own_request(context: dg.AssetExecutionContext) -> _OwnRequest:
    """The request that a run without one records for itself."""
    run, layer = context.run, context.job_def.asset_layer
    groups = {layer.get(key).group_name or "" for key in layer.executable_asset_keys}
    names = {key.to_user_string() for key in layer.executable_asset_keys}
    return {
        "request_id": new_id(), "kind": _origin(run.tags), "subject": run.job_name, "claim_on": claim_of_run(groups, names),
        "params": _asked(context), "run_id": run.run_id,
    }  # fmt: skip


def _origin(tags: Mapping[str, str]) -> str:
    return "scheduled" if {"dagster/schedule_name", "dagster/sensor_name", "dagster/from_automation_condition"} & set(tags) else "manual"


def _asked(context: dg.AssetExecutionContext) -> dict[str, Any]:
    """What a run that nobody asked us for was given as config, so that its request says it."""
    merged: dict[str, Any] = {}
    ops: dict[str, Any] = dict(context.run.run_config).get("ops", {})  # type: ignore[assignment]  # Dagster types run config as object
    for op in ops.values():
        merged.update({name: value for name, value in op.get("config", {}).items() if value})
    return merged
