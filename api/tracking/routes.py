"""Tracking accounts: beginning and ending it, how each stands. Reading them is Dagster's."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from api.idempotency import IdempotencyKey, once
from api.launching import launching
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.places import Places
from api.requests import RequestOut
from api.security import BEARER, known_caller, needs_write
from api.tracking.shapes import ListedTrackingOut, TrackedOut, TrackIn, TrackingIn, TrackingOut
from domain.errors import FailureCategory, FieldProblem, SourceRefused, Unacceptable
from domain.links import EXPECTED, Link, LinkKind, read_handle, read_link
from domain.observations import Platform
from domain.ports import Platforms, ResolvesLinks, RunLauncher
from domain.requests import Request
from domain.sources import Target
from domain.tracking import TrackingState
from services import tracking
from store.database import Database, Entry

StateFilter = Annotated[TrackingState | None, QueryParameter(name="state", description="only in this state")]
PlatformParam = Annotated[Platform | None, QueryParameter(description="only of this platform")]

_TRACKED = ResponseSpec(TrackedOut, generate_examples=False, description="Tracked; `Location` is the work that reads it first.")


class TrackController(Controller):
    """Following accounts."""

    path = "/accounts"
    tags = ["tracking"]
    guards = [known_caller]
    security = BEARER

    @post("/track", sync_to_thread=True, status_code=202, responses={202: _TRACKED})
    def track_by_name(
        self, data: JSONBody[TrackIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher], platforms: NamedDependency[Platforms], places: NamedDependency[Places],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Track an account by its link or handle. 202 with the tracking and the request of its first read."""
        call = _Call(database, entry, launcher, idempotency_key)
        target = target_of(data, partial(call.followed, platforms, places))
        return call.tracked(target, route="POST /accounts/track", body=data)

    @post("/{account_id:uuid}/track", sync_to_thread=True, status_code=202, responses={202: _TRACKED})
    def track(
        self, account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Track an account of the library. 202 with the tracking and the request of its first read."""
        call = _Call(database, entry, launcher, idempotency_key)
        return call.tracked(account_id, route=f"POST /accounts/{account_id}/track", body=None)

    @delete("/{account_id:uuid}/track", sync_to_thread=True, status_code=204)
    def untrack(self, account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Track an account no longer. What is known of it stays."""
        with database.begin(entry) as uow:
            needs_write(uow)
            tracking.untrack(uow, account_id)

    @patch("/{account_id:uuid}/tracking", sync_to_thread=True)
    def change_tracking(
        self, account_id: FromPath[UUID], data: JSONBody[TrackingIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> TrackingOut:
        """Pause a tracking, so that nothing is read by itself, or let it go on. Paused ones keep their place in the plan."""
        now = datetime.now(UTC)
        with database.begin(entry) as uow:
            needs_write(uow)
            return TrackingOut.of(tracking.set_paused(uow, account_id, data.is_paused, now=now), now)

    @get("/{account_id:uuid}/tracking", sync_to_thread=True)
    def get_tracking(self, account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> TrackingOut:
        """How the tracking of an account stands: state, last and next read, what is wrong, and what happens next."""
        with database.begin(entry) as uow:
            return TrackingOut.of(uow.trackings.get(account_id), datetime.now(UTC))


class TrackingController(Controller):
    """Followed accounts as a list."""

    path = "/trackings"
    tags = ["tracking"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_trackings(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        wanted: StateFilter = None, platform: PlatformParam = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[ListedTrackingOut]:  # fmt: skip
        """List tracked accounts, the one that was tracked last first."""
        scope, now = f"trackings:{wanted}:{platform}", datetime.now(UTC)
        before = cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.trackings.page(limit=limit + 1, before=before, state=wanted, platform=platform)
        return page(
            found, limit, shape=lambda each: ListedTrackingOut.of_listed(each, now), cursors=cursors, scope=scope,
            position=lambda each: (each.tracking.created_at, each.tracking.account_id),
        )  # fmt: skip


class _Call:
    """One call that tracks an account."""

    def __init__(self, database: Database, entry: Entry, launcher: RunLauncher, key: str | None) -> None:
        self._database, self._entry, self._launcher, self._key = database, entry, launcher, key

    def followed(self, platforms: Platforms, places: Places, link: Link) -> Link:
        """Where a short link leads. Nobody is asked for who may not track, and never by many at once."""
        if platforms.links is None:
            raise SourceRefused(link.platform.value, "short links cannot be followed here", category="not_configured")
        with self._database.begin(self._entry) as uow:
            needs_write(uow)
            tenant_id = uow.tenant_id
        with places.take(tenant_id):
            return read_link(_behind(platforms.links, link.url))

    def tracked(self, what: Target | UUID, *, route: str, body: TrackIn | None) -> Response[bytes]:
        made: list[Request] = []
        with self._database.begin(self._entry) as uow:
            needs_write(uow)

            def effect() -> tuple[TrackedOut, int, dict[str, str]]:
                now = datetime.now(UTC)
                found = tracking.track(uow, what, now=now)
                made.append(tracking.ask_due(uow, found.platform))
                shape = TrackedOut(tracking=TrackingOut.of(found, now), request=RequestOut.of(made[0]))
                return shape, 202, {"Location": f"/api/v1/requests/{made[0].request_id}"}

            answer = once(uow, self._key, route=route, body=body, effect=effect)
        return launching(answer, self._database, self._launcher, made)


def target_of(data: TrackIn, followed: Callable[[Link], Link]) -> Target:
    """The account that somebody names; `followed` says where a short link leads. Raises Unacceptable."""
    if data.url is None:
        return _by_handle(data)
    link = read_link(data.url)
    if link.kind is LinkKind.SHORT:
        link = followed(link)
    if link.kind is LinkKind.SHORT or not (link.username or (link.kind is LinkKind.ACCOUNT and link.external_id)):
        raise Unacceptable("the link does not say whose it is", (FieldProblem("/url", "give the link to a profile"),))
    return link.target


def _behind(links: ResolvesLinks, url: str) -> str:
    """Where a short link leads. Raises Unacceptable where it leads nowhere: the link is at fault then, not who was asked."""
    try:
        return links.resolve(url)
    except SourceRefused as error:
        if error.category is not FailureCategory.NOT_FOUND:
            raise
        raise Unacceptable(str(error), (FieldProblem("/url", "give the link to a profile"),)) from error


def _by_handle(data: TrackIn) -> Target:
    known = {each.value: each for each in Platform}
    if data.handle is None:
        raise Unacceptable("nothing says which account", (FieldProblem("/url", f"{EXPECTED}, or a handle with its platform"),))
    if data.platform not in known:
        raise Unacceptable("a handle needs its platform", (FieldProblem("/platform", f"choose from {', '.join(known)}"),))
    return read_handle(known[data.platform], data.handle)
