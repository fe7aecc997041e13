"""Is it up, is it ready, and what is not well. The reasons are for operators: they go to the log, not to anonymous callers."""

from typing import Any

import msgspec
import structlog
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency

from api.security import BEARER, PUBLIC, known_caller
from domain.errors import SourceFailed, SourceUnavailable
from domain.ports import FilePort, Pulse, Shops
from store.database import Database, Entry

log = structlog.get_logger(name=__name__, category="SYSTEM")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What answers here."""

    service: str
    version: str
    status: str
    docs: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`healthy`, `degraded` (works, something is missing) or `unhealthy`."""

    status: str


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """Each part by name: `healthy`, or what is wrong with it."""

    status: str
    components: dict[str, str]


class RootController(Controller):
    """Service identity."""

    path = "/"
    tags = ["health"]
    security = PUBLIC

    @get("/", sync_to_thread=False)
    def identity(self) -> Identity:
        """Which service this is."""
        return Identity(service="whyral", version="1.0.0", status="operational", docs="/docs")


class SchemaController(Controller):
    """The OpenAPI document, at a fixed place."""

    path = "/openapi.json"
    tags = ["health"]
    security = PUBLIC

    @get("/", sync_to_thread=False)
    def schema(self, request: Request[Any, Any, Any]) -> dict[str, Any]:
        """The OpenAPI 3.1 document of this API; `/docs` shows it."""
        state = request.app.state
        # The loop waits a fifth of a second for it: once, not once a call.
        if "document" not in state:
            state.document = request.app.openapi_schema.to_schema()
        document: dict[str, Any] = state.document
        return document


class HealthController(Controller):
    """Health without a credential; also at `/health`, where orchestrators look."""

    path = "/health"
    tags = ["health"]
    security = PUBLIC

    @get(["/", "/live"], sync_to_thread=False)
    def live(self) -> Health:
        """The process answers. Says nothing about what it needs."""
        return Health(status="healthy")

    @get("/ready", sync_to_thread=True)
    def ready(self, database: NamedDependency[Database]) -> Response[Health]:
        """Ready to serve: the database answers. 503 when it does not."""
        is_well = _database(database) == "healthy"
        return Response(Health(status="healthy" if is_well else "unhealthy"), status_code=200 if is_well else 503)


class DetailController(Controller):
    """Health with its parts, for somebody we know."""

    path = "/health/detailed"
    tags = ["health"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def detailed(
        self,
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        pulse: NamedDependency[Pulse],
        files: NamedDependency[FilePort],
        shops: NamedDependency[Shops],
    ) -> Details:
        """Database, file store, Dagster webserver and daemon, payments where they are set up: each part by name."""
        with database.begin(entry):
            parts = {"database": "healthy"}  # it has just let the caller in
        parts |= {"files": files_state(files)} | payments_state(shops) | pulse.parts()
        return Details(status="healthy" if set(parts.values()) == {"healthy"} else "degraded", components=parts)


def _database(database: Database) -> str:
    try:
        database.ping()
    except SourceUnavailable as error:
        log.warning("database", reason=str(error))
        return "unhealthy"
    return "healthy"


def files_state(files: FilePort) -> str:
    try:
        files.prove()
    except SourceFailed as error:
        log.warning("files", reason=str(error))
        return "cannot be written to or read"
    return "healthy"


def payments_state(shops: Shops) -> dict[str, str]:
    """By what is set up; no provider is asked."""
    if not shops.all:
        return {}
    if shops.seller not in shops.all:
        return {"payments": f"{shops.seller} sells new plans, and has no key"}
    return {"payments": f"no webhook secret for {', '.join(shops.deaf)}" if shops.deaf else "healthy"}
