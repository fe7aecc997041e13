"""All that stands between server and routes, from the outside in: browsers' rules, request id, bounds, aliases, counting."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from litestar.types import ASGIApp

from api.aliases import Aliased
from api.bounds import BODY_SECONDS, LOOPBACK, Bounded
from api.browsers import Browsers
from api.cross_origin import CrossOrigin
from api.limited import Limited
from api.observed import Observing
from domain.limits import CallLimits
from gateways.credentials import Tokens
from store.database import Database


@dataclass(frozen=True, slots=True)
class Door:
    """Who may call, from where, and how much. `hosts`: where none is named, loopback and the public address's own."""

    limits: CallLimits = field(default_factory=CallLimits)
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    body_seconds: float = BODY_SECONDS


def behind(door: Door, app: ASGIApp, database: Database, tokens: Tokens, browsers: Browsers, observed: Observing | None = None) -> ASGIApp:
    """The app behind the door. Raises ValueError where an origin cannot be allowed."""
    public = urlsplit(browsers.public_url)
    hosts = door.hosts or (*LOOPBACK, public.netloc.rpartition("@")[2].lower().removesuffix(f":{public.port}"))
    counted = Aliased(Limited(app, database, tokens, browsers, door.limits))
    bounded = Bounded(counted, hosts, body_seconds=door.body_seconds)
    watching = observed or Observing()
    return CrossOrigin(watching(bounded), door.origins, is_https=public.scheme == "https")
