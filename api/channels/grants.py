"""The grant of a channel: begun, looked at, taken back; and the public address that the browser comes back to from Google."""

from functools import partial
from html import escape
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, MediaType, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.addresses import caller_of
from api.channels.shapes import ConnectIn, ConnectionOut, ConnectOut
from api.consents import QUIET, begins, consent_cookie, returns
from api.docs import PAGE
from api.errors import of_whyral
from api.launching import launching
from api.places import CONSENTS, Places
from api.security import BEARER, PUBLIC, known_caller, needs
from api.session_answers import SessionAnswers
from api.sign_in.google import arrived
from domain.connections import STATE_LIFE, Connection, features_of
from domain.errors import Unacceptable, WhyralError
from domain.ports import Platforms, RunLauncher
from domain.roles import Action
from services import connecting, disconnecting, signing_in
from services.channel_onboarding import subject_of
from services.connecting import Connected
from services.consents import CameBack, taken
from store.database import Database, Entry
from store.oauth_states import SignInBegun
from store.work import UnitOfWork

# Litestar keeps the name `state` for itself.
StateWord = Annotated[str | None, QueryParameter(name="state", max_length=200, description="which consent this is")]
CodeWord = Annotated[str | None, QueryParameter(name="code", max_length=2048, description="what Google gave for the consent")]
ErrorWord = Annotated[str | None, QueryParameter(name="error", max_length=200, description="why Google gave none")]
IssuerWord = Annotated[str | None, QueryParameter(name="iss", max_length=200, description="who answers (RFC 9207)")]
Asked = Request[Any, Any, Any]


class GrantController(Controller):
    """What a channel's owner granted."""

    path = "/channels/{channel_id:uuid}"
    tags = ["channels"]
    guards = [known_caller]
    security = BEARER

    @post("/connect", sync_to_thread=True, status_code=200)
    def connect(
        self, request: Asked, channel_id: FromPath[UUID], data: JSONBody[ConnectIn], database: NamedDependency[Database],
        entry: NamedDependency[Entry], platforms: NamedDependency[Platforms], api_url: NamedDependency[str],
    ) -> Response[ConnectOut]:  # fmt: skip
        """Begin a consent: the address of Google's page, good for ten minutes in this browser. May be repeated at will."""
        browser = begins(request, api_url)
        with database.begin(entry) as uow:
            needs(uow, Action.CONNECT)
            url = connecting.begin(uow, platforms, channel_id, browser, with_revenue=data.revenue, return_to=data.return_to)
        answer = ConnectOut(consent_url=url, expires_in=int(STATE_LIFE.total_seconds()))
        return Response(answer, headers={"Cache-Control": "no-store"}, cookies=[consent_cookie(browser, api_url)])

    @get("/connection", sync_to_thread=True)
    def get_connection(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ConnectionOut:
        """The channel's grant: its state, what it allows, what is off and why, when its token is renewed."""
        with database.begin(entry) as uow:
            uow.channels.get(channel_id)
            return _shown(uow, channel_id, uow.connections.of_channel(channel_id))

    @delete("/connection", sync_to_thread=True, status_code=200)
    def disconnect(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        platforms: NamedDependency[Platforms], places: NamedDependency[Places],
    ) -> ConnectionOut:  # fmt: skip
        """Disconnect: the grant is used no more from now on, Google is told, its tokens go by `delete_after`. History stays."""
        with database.begin(entry) as uow:
            needs(uow, Action.CONNECT)
            ended, tenant_id = disconnecting.disconnect(uow, channel_id), uow.tenant_id
        place = places.find(tenant_id)
        if place is not None:  # else the sensor tells Google
            with place:
                ended = disconnecting.revoke(partial(database.begin, entry), platforms, ended.connection_id)
        return ConnectionOut.of(channel_id, ended)


class ConsentController(Controller):
    """Where Google sends the browser back to."""

    path = "/auth/google"
    tags = ["channels"]
    security = PUBLIC

    @get("/callback", sync_to_thread=True, media_type=MediaType.HTML)
    def callback(
        self, request: Asked, database: NamedDependency[Database], platforms: NamedDependency[Platforms],
        launcher: NamedDependency[RunLauncher], api_url: NamedDependency[str], places: NamedDependency[Places],
        answers: NamedDependency[SessionAnswers],
        came_state: StateWord = None,
        code: CodeWord = None,
        error: ErrorWord = None,
        issuer: IssuerWord = None,
    ) -> Response[Any]:  # fmt: skip
        """Finish a consent: a page that says what came of it, or the way to `return_to`. Programs get a problem where it failed."""
        try:
            browser, came = returns(request, api_url), CameBack(came_state, code, error, issuer)
            with places.take(CONSENTS):  # before the state is used up: who finds no place loads the page again
                begun = taken(database, came, browser)
                if isinstance(begun, SignInBegun):
                    device, wanted = answers.arriving(request.cookies, "cookie")
                    who = caller_of(request)
                    signed = signing_in.finish(database, platforms, launcher, begun, came, browser, who, wanted)
                    return arrived(signed, answers, device)
                done = connecting.finish_connecting(database, platforms, begun, came, browser)
        except WhyralError as problem:
            return _failed(request, problem)
        return launching(_arrived(done), database, launcher, [done.request])


def _shown(uow: UnitOfWork, channel_id: UUID, found: Connection | None) -> ConnectionOut:
    asked = uow.requests.of_subject("sync", subject_of(found.connection_id)) if found else None
    return ConnectionOut.of(channel_id, found, asked.request_id if asked else None)


def _arrived(done: Connected) -> Response[Any]:
    if done.return_to is not None:
        return Response(None, status_code=303, headers={**QUIET, "Location": done.return_to})
    lines = [
        f"<li>{escape(each.what)}: {'on' if each.is_on else escape(each.reason or 'off')}</li>" for each in features_of(done.connection)
    ]
    body = f"<h1>{escape(done.channel.name)} is connected</h1><ul>{''.join(lines)}</ul><p>You may close this page.</p>"
    return Response(PAGE.format(title="Whyral: connected", body=body), media_type=MediaType.HTML, headers=QUIET)


def _failed(request: Asked, problem: WhyralError) -> Response[Any]:
    """For people a page, for programs the problem itself, of the same status."""
    told = of_whyral(request, problem)
    headers = {**told.headers, **QUIET}
    if "text/html" not in request.headers.get("accept", ""):
        return Response(told.content, status_code=told.status_code, media_type=told.media_type, headers=headers)
    hints = [each.detail for each in problem.problems] if isinstance(problem, Unacceptable) else []
    words = "".join(f"<p>{escape(each)}</p>" for each in (told.content.detail, *hints, f"Request id: {told.content.request_id}"))
    page = PAGE.format(title="Whyral: not connected", body=f"<h1>Nothing was connected</h1>{words}")
    return Response(page, status_code=told.status_code, media_type=MediaType.HTML, headers=headers)
