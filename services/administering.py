"""What administrators of the platform do to users and workspaces. Each act is noted in the same transaction, with before and after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.admin import AdminTenant, AdminUser, DeadKind, Impersonation, PlanOverride
from domain.admin_rules import PERIODS, check_expiry, check_override, checked_reason, checked_switch
from domain.billing.states import Provider
from domain.errors import Conflict, FieldProblem, NotFound, Refused, Unacceptable
from domain.impersonation import LIFE
from domain.letters import plain_name
from domain.requests import Request
from services import mailing
from store.admin import AdminWork
from store.ids import new_id

_ENDED = "ended by an administrator of the platform"


@dataclass(frozen=True, slots=True)
class Act:
    """Why, and in which call. The reason has been checked."""

    reason: str | None = None
    request_id: str | None = None


def set_active(work: AdminWork, user_id: UUID, act: Act, *, is_active: bool) -> AdminUser:
    """Deactivate a user, which ends all their sessions and holds their keys, or take that back. Raises NotFound, Conflict."""
    if user_id == work.user_id and not is_active:
        raise Conflict("an administrator cannot deactivate themselves")
    was = work.set_active(user_id, is_active=is_active)
    ended = 0 if is_active else work.end_sessions(user_id, "deactivated")
    if was != is_active:
        action = "user.reactivated" if is_active else "user.deactivated"
        after = {"is_active": is_active, "sessions_ended": ended}
        work.note(action, str(user_id), before={"is_active": was}, after=after, reason=act.reason, request_id=act.request_id)
    return work.user(user_id)


def end_sessions(work: AdminWork, user_id: UUID, act: Act) -> int:
    """How many were live. Raises NotFound."""
    work.user(user_id)
    ended = work.end_sessions(user_id, _ENDED)
    work.note("user.sessions_ended", str(user_id), before={"live": ended}, after={"live": 0}, reason=act.reason, request_id=act.request_id)
    return ended


def suspend(work: AdminWork, tenant_id: UUID, act: Act, *, is_suspended: bool) -> AdminTenant:
    """Nobody enters it and none of its runs are launched, until it is restored. Raises NotFound."""
    uow = work.within(tenant_id)
    changed = uow.overrides.suspend(checked_reason(act.reason or "")) if is_suspended else uow.overrides.restore()
    if changed:
        action = "tenant.suspended" if is_suspended else "tenant.restored"
        before, after = {"is_suspended": not is_suspended}, {"is_suspended": is_suspended}
        work.note(action, str(tenant_id), tenant_id=tenant_id, before=before, after=after, reason=act.reason, request_id=act.request_id)
    return work.tenant(tenant_id)


def override(work: AdminWork, tenant_id: UUID, wanted: PlanOverride, act: Act, *, now: datetime) -> PlanOverride:
    """Another plan, or another limit of one meter, for a time. Raises NotFound, Unacceptable."""
    check_expiry(wanted.expires_at, now=now)
    check_override(wanted.what, wanted.most)
    if (wanted.what == "plan") != (wanted.plan is not None):
        raise Unacceptable("the override cannot be accepted", (FieldProblem("/plan", "name a plan for `plan`, and none for a meter"),))
    uow = work.within(tenant_id)
    known = next((each for each in uow.overrides.meters(now=now) if each.meter == wanted.what), None)
    if wanted.plan is None:
        period = wanted.period or (known.period if known else None)
        if period not in PERIODS:
            raise Unacceptable("the override cannot be accepted", (FieldProblem("/period", "use day, month or total"),))
        wanted = replace(wanted, period=period)
    else:
        wanted = replace(wanted, most=None, period=None)
    before = uow.overrides.find(wanted.what)
    wanted = replace(wanted, reason=checked_reason(wanted.reason))
    uow.overrides.put(wanted)
    work.note(
        "plan.overridden", wanted.what, tenant_id=tenant_id, before=asdict(before) if before else None, after=asdict(wanted),
        reason=wanted.reason, request_id=act.request_id,
    )  # fmt: skip
    return wanted


def drop_override(work: AdminWork, tenant_id: UUID, what: str, act: Act) -> None:
    """The plan's own counts again. Raises NotFound."""
    uow = work.within(tenant_id)
    before = uow.overrides.find(what)
    uow.overrides.drop(what)
    work.note("plan.override_dropped", what, tenant_id=tenant_id, before=asdict(before) if before else None, request_id=act.request_id)


def impersonate(work: AdminWork, user_id: UUID, tenant_id: UUID, act: Act) -> Impersonation:
    """A session in a member's name, for half an hour. The owner is told at once by an alert, and by mail when its time is up."""
    session_id, tenant = new_id(), work.tenant(tenant_id)
    outcome = work.impersonate(session_id, user_id=user_id, tenant_id=tenant_id, reason=checked_reason(act.reason or ""), life=LIFE)
    if outcome == "missing":
        raise NotFound("member", user_id)
    if outcome != "opened":
        raise Refused("nobody acts as an administrator of the platform" if outcome == "admin" else "the user is deactivated")
    made = find_impersonation(work, session_id)
    uow, key = work.within(tenant_id), f"impersonation:{session_id}"
    details = {"session_id": session_id, "user_id": user_id, "reason": made.reason, "ends_at": made.ends_at}
    title = "An administrator of the platform acts as a member"
    uow.trust.raise_once(dedupe_key=key, kind="impersonation", severity="info", title=title, details=details)
    if tenant.owner_email is not None:
        mailing.send_impersonated(uow, tenant.owner_email, event=key, paragraphs=_told(tenant, made))
        uow.overrides.mail_later(key, made.ends_at)
    after = {"user_id": user_id, "session_id": session_id, "ends_at": made.ends_at}
    work.note("impersonation.began", str(session_id), tenant_id=tenant_id, after=after, reason=made.reason, request_id=act.request_id)
    return made


def end_impersonation(work: AdminWork, session_id: UUID, act: Act, *, now: datetime) -> Impersonation:
    """Ended on all workers at once; the owner's mail goes out. Raises NotFound."""
    found = find_impersonation(work, session_id)
    if found.tenant_id is None:
        return found  # the workspace was erased: nobody acts in it any more
    uow = work.within(found.tenant_id)
    if uow.sessions.end(session_id, _ENDED):
        uow.overrides.mail_later(f"impersonation:{session_id}", now)
        before, after = {"ended_at": None}, {"ended_at": now}
        work.note("impersonation.ended", str(session_id), tenant_id=found.tenant_id, before=before, after=after, request_id=act.request_id)
    return find_impersonation(work, session_id)


def find_impersonation(work: AdminWork, session_id: UUID) -> Impersonation:
    found = work.impersonations(only=session_id, limit=1)
    if not found:
        raise NotFound("impersonation", session_id)
    return found[0]


def retry(work: AdminWork, kind: DeadKind, tenant_id: UUID, key: str, act: Act, *, spent: Decimal | None) -> Request | None:
    """Once more: a mail is sent, a request launched (returned, to be poked), a reservation settled. Raises NotFound, Conflict."""
    uow, asked = work.within(tenant_id), None
    after: Mapping[str, object] = {"state": "pending"}
    if kind is DeadKind.MAIL:
        uow.overrides.retry_mail(_uuid(key))
    elif kind is DeadKind.REQUEST:
        asked = uow.requests.retry(_uuid(key))
    else:
        if spent is None:
            raise Unacceptable("the reservation cannot be settled", (FieldProblem("/spent_usd", "say what it had cost, `0` for nothing"),))
        after = {"state": uow.ledger.reconcile(key, spent).state, "spent_usd": spent}
    work.note(f"{kind.value}.retried", key, tenant_id=tenant_id, before={"state": "dead"}, after=after, request_id=act.request_id)
    return asked


def retry_event(work: AdminWork, provider: Provider, event_id: str, act: Act) -> None:
    """An event of a payment provider that failed waits again. Raises NotFound, Conflict."""
    tenant_id, state, error = work.retry_event(provider, event_id)
    before, after = {"state": state, "error": error}, {"state": "kept"}
    work.note("billing_event.retried", f"{provider}:{event_id}", tenant_id=tenant_id, before=before, after=after, request_id=act.request_id)


def set_feedback_done(work: AdminWork, tenant_id: UUID, feedback_id: UUID, act: Act, *, is_done: bool) -> None:
    """Raises NotFound."""
    if not work.within(tenant_id).feedback.set_done(feedback_id, by=work.user_id if is_done else None):
        return
    before, after = {"is_done": not is_done}, {"is_done": is_done}
    work.note("feedback.settled", str(feedback_id), tenant_id=tenant_id, before=before, after=after, request_id=act.request_id)


def put_switch(work: AdminWork, name: str, description: str, act: Act, *, is_on: bool) -> None:
    """Its default, for all workspaces without an override."""
    was = work.put_switch(checked_switch(name), description.strip()[:500], is_on=is_on)
    work.note("switch.set", name, before={"is_on": was}, after={"is_on": is_on}, request_id=act.request_id)


def put_switch_override(  # noqa: PLR0913 - what an override is
    work: AdminWork, name: str, tenant_id: UUID, act: Act, *, is_on: bool, expires_at: datetime | None, now: datetime
) -> None:
    """For one workspace, until it expires. Raises NotFound, Unacceptable."""
    if expires_at is not None:
        check_expiry(expires_at, now=now)
    if all(each.name != name for each in work.switches()):
        raise NotFound("switch", name)
    uow = work.within(tenant_id)
    was = uow.switches.override(name)
    uow.switches.put_override(name, is_on=is_on, reason=checked_reason(act.reason or ""), expires_at=expires_at)
    after = {"is_on": is_on, "expires_at": expires_at}
    work.note(
        "switch.overridden", name, tenant_id=tenant_id, before={"is_on": was}, after=after, reason=act.reason, request_id=act.request_id
    )


def drop_switch_override(work: AdminWork, name: str, tenant_id: UUID, act: Act) -> None:
    """Raises NotFound."""
    uow = work.within(tenant_id)
    was = uow.switches.override(name)
    uow.switches.drop_override(name)
    work.note("switch.override_dropped", name, tenant_id=tenant_id, before={"is_on": was}, request_id=act.request_id)


def _uuid(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError as error:
        raise NotFound("dead letter", key) from error


def _told(tenant: AdminTenant, made: Impersonation) -> tuple[str, ...]:
    return (
        f"An administrator of the platform acted as {made.email} in the workspace '{plain_name(tenant.workspace)}', "
        f"between {made.created_at:%Y-%m-%d %H:%M} and {made.ends_at:%H:%M} UTC at the latest.",
        f"Their reason: {made.reason}",
        "Every call is in the workspace's audit log.",
    )
