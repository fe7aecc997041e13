"""The API's wiring: routes, errors, dependencies. `application()` is the factory that the server loads; tests hand in their own parts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.static_files import create_static_files_router

from api.access_log import AccessLog
from api.addresses import TrustedProxies
from api.admin.door import administering
from api.answers import Answers
from api.billing.paying import Paying
from api.billing.returns import Returns
from api.browsers import Browsers
from api.cross_origin import checked
from api.docs import STATIC, openapi
from api.door import Door, behind
from api.downloads import Sending
from api.errors import HANDLERS
from api.estimates import Estimating, document_dry_runs, of_tried
from api.examples import document_examples
from api.live import Live
from api.media.links import Links
from api.observed import Observing
from api.pages import Cursors
from api.pictures import Pictures
from api.places import Places
from api.problems import document_problems
from api.reading import Reading
from api.routes import PAGES, ROUTES
from api.security import needs_json
from api.session_answers import SessionAnswers
from api.turns import Turns
from domain.limits import CallLimits
from domain.media import MediaLimits
from domain.passwords import HashingCost
from domain.ports import ChartPainter, FilePort, ImportFiles, MediaTools, Platforms, Pulse, RunLauncher, Shops
from domain.rights import GRACE
from domain.secrets import weaknesses
from gateways.charts import VlConvert
from gateways.common_passwords import common_passwords
from gateways.credentials import Passwords, Tokens
from gateways.dagster import DagsterWebserver
from gateways.fork_client import ForkClient
from gateways.log_lines import configure_logging
from gateways.session_secrets import SessionSecrets
from gateways.totp import Totp
from services.account_mails import AccountMails
from services.fetching import Fetching
from services.passwords import PasswordCare
from settings import Settings
from store.database import Database, Entry
from store.logs import Served
from store.trying import Tried


@dataclass(frozen=True, slots=True)
class Parts:
    """What the API stands on."""

    database: Database
    live_url: str
    launcher: RunLauncher
    pulse: Pulse
    secret_key: str = field(repr=False)
    files: FilePort
    tables: ImportFiles
    import_limit_bytes: int
    media_tools: MediaTools
    media_limit_bytes: int
    ping_seconds: float = 15
    platforms: Platforms = field(default_factory=Platforms)
    shops: Shops = field(default_factory=Shops)
    api_url: str = "http://127.0.0.1:8000"
    places: Places = field(default_factory=Places)
    painter: ChartPainter = field(default_factory=VlConvert)
    door: Door = field(default_factory=Door)
    deletion_grace: timedelta = GRACE
    hashing: HashingCost = field(default_factory=HashingCost)
    account_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    admin_second_factor: str = "when_set"


def create_app(parts: Parts) -> Litestar:
    """The whole API over the given parts."""
    tokens, live = Tokens(parts.secret_key), Live(parts.live_url, ping_seconds=parts.ping_seconds)
    cursors, kept, passwords = Cursors(parts.secret_key), Answers(), Passwords(parts.hashing)
    secrets = SessionSecrets(parts.secret_key)
    browsers = Browsers(secrets, parts.api_url, frozenset(parts.door.origins))
    access, proxies = AccessLog(partial(_keep_calls, parts.database)), TrustedProxies(parts.trusted_proxies)

    async def reading(request: Request[Any, Any, Any]) -> Reading:
        return Reading(parts.database, await _entry(request), cursors, kept)

    async def sending(request: Request[Any, Any, Any]) -> Sending:
        return Sending(request, parts.database, await _entry(request), parts.files)

    returns = Returns(parts.api_url, parts.account_url, parts.door.origins)

    async def paying(request: Request[Any, Any, Any]) -> Paying:
        return Paying(parts.database, await _entry(request), parts.shops, parts.places, returns)

    given = {
        **_given(parts),
        "passwords": passwords,
        "care": PasswordCare(passwords, common_passwords(), AccountMails(parts.account_url)),
        "answers": SessionAnswers(tokens, secrets, browsers),
        "tokens": tokens,
        "totp": Totp(),
        "cursors": cursors,
        "links": Links(parts.files, parts.secret_key, parts.api_url),
        "live": live,
        "pictures": Pictures(parts.painter),
    }
    app = Litestar(
        route_handlers=[
            *PAGES,
            _static(),
            Router("/api/v1", route_handlers=list(ROUTES)),
        ],
        dependencies={
            **{name: _provide(part) for name, part in given.items()},
            "entry": Provide(_entry),
            "reading": Provide(reading),
            "sending": Provide(sending),
            "paying": Provide(paying),
            "admin": Provide(administering),
        },
        exception_handlers={**HANDLERS, Tried: of_tried},
        before_request=needs_json,
        openapi_config=openapi(),
        lifespan=[_lifespan(parts, live, access)],
        request_max_body_size=1_000_000,
    )
    app.state.tokens, app.state.browsers = tokens, browsers
    app.state.database, app.state.cursors, app.state.admin_second_factor = parts.database, cursors, parts.admin_second_factor
    app.state.live = live
    app.state.access = access
    document_problems(app.openapi_schema)
    document_examples(app.openapi_schema)
    document_dry_runs(app.openapi_schema)
    app.state.behind_the_door = app.asgi_handler
    app.asgi_handler = behind(parts.door, Estimating(app.asgi_handler), parts.database, tokens, browsers, Observing(proxies, access))
    return app


# What handlers may ask for under the same name as it has among the parts.
_HANDED_ON = (
    "database", "launcher", "pulse", "files", "tables", "import_limit_bytes", "media_tools", "media_limit_bytes", "platforms", "api_url",
    "shops", "places", "deletion_grace",
)  # fmt: skip


def _given(parts: Parts) -> dict[str, Any]:
    return {**{name: getattr(parts, name) for name in _HANDED_ON}, "opens": partial(_opened, parts)}


def _keep_calls(database: Database, calls: Sequence[Served]) -> None:
    with database.begin_anonymous() as uow:
        uow.logs.put(calls)


def _lifespan(parts: Parts, live: Live, access: AccessLog) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        # Handlers run in the loop's own threads.
        loop = asyncio.get_running_loop()
        threads = Turns(parts.places.threads, loop.call_later)
        parts.places.takes = threads.step_aside
        loop.set_default_executor(threads)
        await live.start()
        access.start()
        try:
            yield
        finally:
            await live.stop()
            access.stop()
            threads.shutdown(wait=False, cancel_futures=True)
            parts.platforms.close()
            parts.shops.close()
            parts.database.close()

    return lifespan


def _opened(parts: Parts, tenant_id: UUID, max_age: timedelta) -> Fetching:
    """Reads platforms for a tenant."""
    return Fetching(partial(parts.database.begin, tenant_id), parts.platforms, tenant_id=tenant_id, max_age=max_age)


def _static() -> Router:
    return create_static_files_router(path="/static", directories=[STATIC], opt={"exclude_from_auth": True})


def _provide(part: Any) -> Provide:
    async def given() -> Any:
        return part

    return Provide(given)


async def _entry(request: Request[Any, Any, Any]) -> Entry:
    """Put there by the guard, before anything else of the call was read."""
    return cast(Entry, request.state.entry)


def application(settings: Settings | None = None) -> Litestar:
    """What the server loads, once per worker."""
    from gateways.files.imports import StoredImports
    from gateways.files.kept import FileOptions, kept_files
    from gateways.media.tools import StoredMedia
    from gateways.payment_providers import PaymentOptions, shops
    from gateways.platforms import PlatformOptions, platforms
    from gateways.speech.choosing import Listeners, SpeechOptions

    settings = settings or Settings()
    try:
        configure_logging(settings.log_level)
        TrustedProxies(settings.proxies)
        reached, paid = platforms(PlatformOptions(**settings.platforms)), shops(PaymentOptions(**settings.payments))
        files, hashing = kept_files(FileOptions(**settings.files)), settings.hashing
        door = Door(CallLimits(**settings.call_limits), settings.hosts, checked(settings.origins))
        too_weak = weaknesses(settings.given_secrets)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    if settings.database_url is None or settings.secret_key is None or settings.token_keys is None:
        raise SystemExit(
            "the API needs DATABASE_URL, WHYRAL_SECRET_KEY and WHYRAL_TOKEN_KEYS: "
            "start it with `whyral up`, or set them (docs/guides/production.md)"
        )
    if too_weak:
        raise SystemExit(f"the API does not start: {'; '.join(too_weak)}")
    url = settings.database_url.get_secret_value()
    database = Database(url, pool_size=settings.pool_size, application="whyral-api")
    database.check_roles()
    socket = settings.launcher_socket
    dagster = DagsterWebserver(settings.dagster_url, launcher=ForkClient(socket, timeout_seconds=2) if socket else None)
    return create_app(
        Parts(
            database=database,
            live_url=url,
            launcher=dagster,
            pulse=dagster,
            secret_key=settings.secret_key.get_secret_value(),
            files=files,
            tables=StoredImports(files),
            import_limit_bytes=settings.import_limit_bytes,
            media_tools=StoredMedia(
                files, MediaLimits(file_bytes=settings.media_limit_bytes), Listeners(SpeechOptions(**settings.listening))
            ),
            media_limit_bytes=settings.media_limit_bytes,
            platforms=reached,
            shops=paid,
            api_url=settings.api_url,
            door=door,
            deletion_grace=timedelta(days=settings.deletion_grace_days),
            hashing=hashing,
            account_url=settings.account_url,
            trusted_proxies=settings.proxies,
            admin_second_factor=settings.admin_second_factor,
        )
    )
