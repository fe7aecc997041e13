"""Where the life of `billing_life.py` happens: an API, the sandbox's Stripe, and a payer whose clock can be moved."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import stripe
from stripe._v1_services import V1Services

from gateways.machine import free_port, port_is_free
from gateways.postgres_server import PostgresServer
from gateways.stripe_payments import VERSION
from sandbox.addresses import STRIPE_KEY

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120.0
Words = dict[str, Any]
Row = tuple[str, int | None, int | None]


class Amiss(Exception):
    """The life cannot go on; its words say where."""


@dataclass
class Place:
    """Where it happens. `settle` is called while something is waited for; `mails` gives the subjects of mails that went out."""

    api: httpx.Client
    stripe: V1Services
    sandbox: str
    settle: Callable[[], None] = lambda: time.sleep(0.3)
    mails: Callable[[], list[str]] = list
    rows: list[Row] = field(default_factory=list)

    def get(self, path: str, **query: str) -> Words:
        return answered(self.api.get(path, params=query))

    def post(self, path: str, **body: object) -> Words:
        """With a key of its own, so that a repetition would change nothing."""
        return answered(self.api.post(path, json=body, headers={"Idempotency-Key": f"life-{time.monotonic_ns()}"}))

    def note(self, step: str, ours: int | None = None, theirs: int | None = None) -> None:
        self.rows.append((step, ours, theirs))

    def until(self, claim: Callable[[], Any], what: str) -> Any:
        """Waits for what webhooks bring."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := claim()):
            if time.monotonic() > deadline:
                raise Amiss(f"did not come about: {what}")
            self.settle()
        return found

    def stands(self, **wanted: str | None) -> Words:
        """The subscription, once it stands so."""

        def claim() -> Words | None:
            found = self.get("/billing/subscription")
            return found if all(found[name] == value for name, value in wanted.items()) else None

        found: Words = self.until(claim, f"a subscription with {wanted}")
        return found


@dataclass
class Payer:
    """The customer at Stripe, and the clock that they live by."""

    place: Place
    customer: str
    clock: str

    @classmethod
    def found(cls, place: Place, tenant_id: str, *, at: datetime) -> "Payer":
        """The customer who carries our name, from now on at that moment."""
        there = place.stripe.customers.list({"limit": 100}).auto_paging_iter()
        customer = next(each.id for each in there if tenant_id in each.to_dict()["metadata"].values())
        put_on = {"customer": customer, "frozen_time": int(at.timestamp())}
        clock = answered(httpx.post(f"{place.sandbox}/_stripe/clock", json=put_on, trust_env=False))
        return cls(place, customer, clock["id"])

    def live_until(self, moment: datetime) -> None:
        self.place.stripe.test_helpers.test_clocks.advance(self.clock, {"frozen_time": int(moment.timestamp())})

    def click(self, **form: str) -> None:
        """In the portal, as a browser sends it."""
        page = self.place.post("/billing/portal")["url"]
        clicked = httpx.post(page, data=form, follow_redirects=True, trust_env=False)
        if clicked.status_code != httpx.codes.OK:
            raise Amiss(f"the portal answered {clicked.status_code} to {form}")

    def invoices(self) -> dict[str, stripe.Invoice]:
        there = self.place.stripe.invoices.list({"customer": self.customer, "limit": 100})
        return {each.id or "": each for each in there.auto_paging_iter()}

    def newest(self) -> stripe.Invoice:
        return next(iter(self.invoices().values()))


def answered(answer: httpx.Response) -> Words:
    if answer.is_error:
        raise Amiss(f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text[:300]}")
    words: Words = answer.json()
    return words


def newcomer(api: httpx.Client) -> str:
    """Registers and logs in; the id of the new workspace."""
    who = {"email": f"payer-{time.time_ns()}@example.org", "password": "a long pass phrase of a payer"}
    made = answered(api.post("/auth/register", json={**who, "workspace": "Payer"}))
    api.headers["Authorization"] = f"Bearer {answered(api.post('/auth/login', json=who))['access_token']}"
    return str(made["workspace_id"])


def sdk(sandbox: str) -> V1Services:
    """Stripe's own client, at another address."""
    http = stripe.RequestsClient(timeout=10)
    return stripe.StripeClient(STRIPE_KEY, stripe_version=VERSION, base_addresses={"api": sandbox}, http_client=http).v1


def subjects(folder: Path) -> list[str]:
    """Of the mails that went out as files, the oldest first."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.eml"), key=lambda each: each.stat().st_mtime)
    ]
    return [found[1] for text in texts if (found := re.search(r"^Subject: (.*)$", text, flags=re.MULTILINE))]


@contextmanager
def own_whyral() -> Iterator[tuple[str, str, Path]]:
    """A Whyral of its own on free ports: where its API, its sandbox and its mails are."""
    with tempfile.TemporaryDirectory(prefix="whyral-life-") as folder:
        Path(folder).chmod(0o755)
        home, ports = Path(folder) / "home", {name: free_port() for name in ("API", "DAGSTER", "PG", "METRICS")}
        ports["SANDBOX"] = next(port for port in iter(free_port, 0) if port_is_free(port + 1))
        own = {name: value for name, value in os.environ.items() if not name.startswith(("WHYRAL_", "DATABASE_", "DAGSTER_"))}
        settings = {f"WHYRAL_{name}_PORT": str(port) for name, port in ports.items()}
        plenty = {f"WHYRAL_RATE_LIMIT_PER_{name}": "1000000" for name in ("MINUTE", "HOUR", "DAY")}
        environment = {**own, **settings, **plenty, "WHYRAL_HOME": str(home), "WHYRAL_SANDBOX": "true"}
        command = [sys.executable, str(ROOT / "cli.py"), "up", "--no-demo"]
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            api = f"http://127.0.0.1:{ports['API']}"
            _wait_for(f"{api}/health/ready", process)
            yield api, f"http://127.0.0.1:{ports['SANDBOX']}", home / "mail"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            PostgresServer(home, port=None).remove()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Amiss(f"Whyral ended while starting, with code {process.returncode}")
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise Amiss(f"{url} does not answer")
