"""The demo workspace: a user, a key, and the sandbox's world read through the whole path. Part of the wiring of `cli.py`.

The accounts live in the sandbox: they are tracked and read there by the real clients, and one channel is connected by the real consent.
How their posts grew before today nobody can read any more; that part comes as an import of what an older tool would have written down.
"""

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from domain.entities import EntityKind, asked_entity
from domain.errors import SourceUnavailable, WhyralError
from domain.experiments.states import ExperimentState
from domain.money import DAY_CAP_USD, MONTH_CAP_USD
from domain.observations import Platform
from domain.usage import Period
from gateways.credentials import Passwords, new_key
from gateways.dagster import DagsterWebserver
from gateways.own_api import POLLS, OwnApi
from sandbox.video import LANGUAGE, write_video
from services import entities, experiments
from services.keys import make_key
from services.onboarding import register
from settings import Settings
from store.database import Database, MemberEntry
from store.ids import new_id
from store.work import UnitOfWork
from up import Stack

SEED = 20261121
EMAIL = "demo@example.org"
WAIT_SECONDS = 300.0
# Smaller steps of progress are not worth a line.
SAID_STEP = 0.05


class Demo:
    """Made once; the next start finds it and only says where it is."""

    def __init__(self, stack: Stack, say: Callable[[str], None], stopping: threading.Event, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._stack, self._say, self._stopping, self._wait_seconds = stack, say, stopping, wait_seconds
        self._home, self._url = stack.home, f"http://127.0.0.1:{stack.settings.api_port}/api/v1"
        self._folder = stack.home / "demo"

    def run(self) -> None:
        """What goes wrong here is said and stops nothing: the rest is up, and there one can see why."""
        try:
            if not (self._home / "key").exists():
                self._make_workspace()
            with OwnApi.with_key_of(self._url, self._home / "key", wait=self._stopping.wait) as api:
                if not (self._folder / "imported").exists():
                    self._import(api)
                self._tell()
                if not (self._folder / "tracked").exists():
                    self._track(api)
                if not (self._folder / "connected").exists():
                    self._connect(api)
                if not (self._folder / "clipped").exists():
                    self._clip(api)
        except WhyralError as error:
            self._say(f"demo       not made: {error}. Start again to try again")

    def _make_workspace(self) -> None:
        """A user, a workspace that says it is a demo, and a key: kept where only this user of the machine can read it."""
        password = secrets.token_urlsafe(12)
        database = Database(self._stack.urls.app, application="whyral-demo")
        with closing(database), closing(DagsterWebserver(self._stack.settings.dagster_url)) as dagster:
            email = f"demo+{secrets.token_hex(3)}@example.org" if _is_taken(database) else EMAIL
            profile = register(database, dagster, email, Passwords().hash(password), ("Demo", "Demo (synthetic)"), is_demo=True)
            with database.begin(MemberEntry(profile.tenant_id, profile.user_id)) as uow:
                # The sandbox's providers bill nobody.
                uow.ledger.cap(Period.DAY, DAY_CAP_USD)
                uow.ledger.cap(Period.MONTH, MONTH_CAP_USD)
                made = make_key(uow, new_key, user_id=profile.user_id, name="whyral command", scopes=("read", "write", "keys"))
                know_people(uow)
                have_tested(uow, now=datetime.now(UTC))
        _write_private(self._home / "demo-login.json", json.dumps({"email": email, "password": password}))
        _write_private(self._home / "key", made.plain)

    def _import(self, api: OwnApi) -> None:
        from sandbox.running import kept_world
        from sandbox.world import write_history

        self._say("demo       writing what an older tool saw of the sandbox's accounts, with planted effects")
        world = kept_world(self._home / "sandbox")
        if world is None:
            raise SourceUnavailable("demo data", f"the sandbox has made no world: see {self._home / 'run'}")
        history = write_history(world, self._folder, until=datetime.now(UTC))
        made = api.import_file(history, {"is_complete": "true"}, wait=False)
        self._say(f"demo       import {made['import_id']}: videos, snapshots, aggregates, scores, effects")
        self._follow(api, made["request_id"])
        (self._folder / "imported").touch()

    def _track(self, api: OwnApi) -> None:
        """Every account is read from now on, by the client of its platform."""
        asked: dict[str, str] = {}
        for account in self._accounts(api):
            if self._stopping.is_set():
                return
            made = api.post(f"/accounts/{account['account_id']}/track", {})
            asked[account["platform"]] = made["request"]["request_id"]
        self._say(f"demo       tracking its accounts on {', '.join(sorted(asked))}: read in the sandbox as the platforms would be")
        for request_id in asked.values():
            self._follow(api, request_id)
        (self._folder / "tracked").touch()

    def _accounts(self, api: OwnApi) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            found = api.get("/accounts", {"limit": "100"} | ({"cursor": cursor} if cursor else {}))
            yield from found["items"]
            cursor = found["next_cursor"]
            if not found["has_more"]:
                return

    def _connect(self, api: OwnApi) -> None:
        """One channel of ours: asked for consent, given by the owner whom the sandbox plays, read at once."""
        if self._stopping.is_set():
            return
        made = api.post("/channels", {"name": "Our own channel (synthetic)", "niche": "demo"})
        owner = next(each for each in self._accounts(api) if each["platform"] == Platform.YOUTUBE)
        api.consent(made["channel_id"], {"decision": "allow_all", "channel": owner["external_id"]})
        connection = api.get(f"/channels/{made['channel_id']}/connection")
        self._say(f"demo       channel {made['channel_id']} connected: its posts, audience, traffic, revenue")
        self._follow(api, connection["onboarding"])
        (self._folder / "connected").touch()
        key = (self._home / "key").read_text(encoding="utf-8").strip()
        self._say("")
        for path in ("trackings", f"channels/{made['channel_id']}/traffic/sources", "dashboard"):
            self._say(f"  curl -H 'Authorization: Bearer {key}' {self._url}/{path}")

    def _clip(self, api: OwnApi) -> None:
        """A talk of ours, and the clip of it; after the figures, which nobody shall wait for because of it.

        A clip that is late is told as such: its run goes on, and the next start follows it instead of sending the talk again.
        """
        if self._stopping.is_set():
            return
        sent = self._folder / "sent.json"
        taken = json.loads(sent.read_text(encoding="utf-8")) if sent.exists() else self._send(api, sent)
        try:
            is_done = self._ends(api, taken["clip"]["request_id"])
        except WhyralError:
            sent.unlink()
            raise
        if self._stopping.is_set():
            return
        if is_done:
            (self._folder / "clipped").touch()
        else:
            self._say(
                f"demo       the clip is late: after {self._wait_seconds:.0f} s its run goes on. Nothing failed; it is in"
                f" {self._stack.settings.dagster_url}, and what follows has it when it is done"
            )
        key, clip = (self._home / "key").read_text(encoding="utf-8").strip(), f"{self._url}/clips/{taken['clip']['clip_id']}"
        self._say("")
        self._say(f"  curl -H 'Authorization: Bearer {key}' '{self._url}/clips/candidates?media_id={taken['media']['media_id']}'")
        self._say(f"  curl -H 'Authorization: Bearer {key}' {clip}")
        self._say(f"  curl -H 'Authorization: Bearer {key}' -o clip.mp4 {clip}/file")

    def _send(self, api: OwnApi, sent: Path) -> dict[str, Any]:
        self._say("demo       drawing a short video, with synthesised speech")
        made = write_video(self._folder, seed=SEED)
        taken = api.send_video(made.video, made.captions, {"language": LANGUAGE})
        sent.write_text(json.dumps(taken), encoding="utf-8")
        self._say(f"demo       video {taken['media']['media_id']}: words, a look at it, candidates, the clip of the best one, its checks")
        return taken

    def _follow(self, api: OwnApi, request_id: str) -> None:
        """What comes after needs it: raises SourceUnavailable where it has not succeeded in time."""
        if not self._ends(api, request_id) and not self._stopping.is_set():
            raise SourceUnavailable("demo data", f"it takes over {self._wait_seconds:.0f} s (see the run in the Dagster UI)")

    def _ends(self, api: OwnApi, request_id: str) -> bool:
        """Whether it succeeds in time; False too where we are told to stop. Raises SourceUnavailable where it fails."""
        deadline, said = time.monotonic() + self._wait_seconds, ("", "", 0.0)
        pauses = chain(POLLS, repeat(POLLS[-1]))
        while not self._stopping.is_set():
            request = api.get(f"/requests/{request_id}")
            now = (request["state"], request["note"], request["progress"])
            if now[:2] != said[:2] or now[2] >= said[2] + SAID_STEP:
                self._say(f"demo       {now[0]} {now[2]:.0%} {now[1]}".rstrip())
                said = now
            if request["state"] == "succeeded":
                return True
            if request["state"] in ("failed", "canceled", "skipped"):
                reason = (request["error"] or {}).get("detail", f"it was {request['state']}")
                raise SourceUnavailable("demo data", f"{reason} (see the run in the Dagster UI)")
            if time.monotonic() > deadline:
                return False
            self._stopping.wait(next(pauses))
        return False

    def _tell(self) -> None:
        if self._stopping.is_set():
            return
        key = (self._home / "key").read_text(encoding="utf-8").strip()
        self._say("")
        self._say(f"  Dagster    {self._stack.settings.dagster_url}")
        self._say(f"  API        {self._url}      docs  {self._url.removesuffix('/api/v1')}/docs")
        self._say(f"  your key   {key}")
        self._say(f"  a plan     docs/guides/billing.md; to buy one, log in with {self._home / 'demo-login.json'}")
        self._say("")
        for path in ("me", "insights/outliers", "insights/effects", "insights/entities", "insights/experiments"):
            self._say(f"  curl -H 'Authorization: Bearer {key}' {self._url}/{path}")
        self._say("")
        self._say("  Ctrl-C stops everything and keeps the data.")


def know_people(uow: UnitOfWork) -> None:
    """Whom the sandbox's posts name, so that features tell them apart from the first run on."""
    from sandbox.around import NAMED

    for each in NAMED:
        entities.add(uow, asked_entity(each.name, EntityKind(each.kind), []))


def have_tested(uow: UnitOfWork, *, now: datetime) -> None:
    """A test of two titles that ended yesterday, as if it had been planned before its first day."""
    from sandbox import title_test

    begun = now - timedelta(days=title_test.DAYS)
    plan, _ = experiments.design(uow, title_test.asked(SEED), video_id=None, channel_id=None, today=begun.date())
    made = uow.experiments.add(new_id(), plan, user_id=uow.user_id)
    started = experiments.start(uow, made.experiment_id, starts_on=None, now=begun)
    counts = list(title_test.counted(started.starts_on or begun.date(), SEED))
    experiments.count(uow, made.experiment_id, counts, today=now.date())
    experiments.end(uow, made.experiment_id, ExperimentState.CONCLUDED, now=now)


def reads_sandbox(settings: Settings) -> Settings | None:
    """The settings with the sandbox on; None where this deployment reads the real platforms, and the demo has no place."""
    if settings.sandbox:
        return settings
    switches = (
        "google_client_id",
        "google_api_key",
        "brightdata_key",
        "twitterapi_key",
        "stripe_secret_key",
        "dodo_api_key",
        "platform_proxy",
        "youtube_pages",
        "media_downloads",
        "thumbnails",
    )
    given = [getattr(settings, name) for name in switches]
    return None if any(given) else settings.model_copy(update={"sandbox": True})


def _is_taken(database: Database) -> bool:
    with database.begin_anonymous() as uow:
        return uow.identity.login(EMAIL) is not None


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
