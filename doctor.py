"""`whyral doctor`: gathers the facts and lets `domain.doctor` judge them. Part of the wiring of `cli.py`.

It starts nothing and changes nothing: a few bytes go to the file store and are taken back. How checks that hang or break are borne is
in `gateways.bounded`.
"""

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import cached_property, partial
from pathlib import Path

import yaml
from pydantic import SecretStr, ValidationError

import paying
from domain.doctor import database as of_database
from domain.doctor import machine as of_machine
from domain.doctor import parts as of_parts
from domain.doctor.findings import Finding, fail, not_running, warn, without
from domain.doctor.machine import PortUse
from domain.errors import SourceFailed
from domain.secrets import weaknesses
from gateways import ffmpeg_abilities, installed, machine
from gateways.bounded import Check, ask
from gateways.dagster import DagsterWebserver
from gateways.files.kept import FileOptions, kept_files
from gateways.fork_client import ForkClient
from gateways.leftovers import Record, recorded
from gateways.media.glyphs import FONTS
from gateways.own_api import status_of
from gateways.owner_lock import OwnerLock
from gateways.platforms import PlatformOptions, platforms
from gateways.postgres.location import noted_place
from gateways.speech.choosing import Listeners, SpeechOptions
from gateways.vault import are_keys
from settings import Settings
from store import doctor as asked
from store.bootstrap import DAGSTER
from store.rls import APP, OWNER, SYSTEM
from up import Urls, launcher_socket, load_secrets

PATIENCE_SECONDS = 20.0
ANSWER_SECONDS = 3.0
WARM_LAUNCHER = "resources.launcher"
DATABASES = {
    "DATABASE_URL": "database_url",
    "WHYRAL_DATABASE_OWNER_URL": "database_owner_url",
    "WHYRAL_DATABASE_SYSTEM_URL": "database_system_url",
    "WHYRAL_DAGSTER_DATABASE_URL": "dagster_database_url",
}
SECRET_FILES = ("secrets.json", "key", "demo-login.json", "postgres/superuser.password")
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (asked for, not listened on)


def examine() -> list[Finding]:
    """Every finding, without any secret."""
    plain = [
        Check("python", lambda: [of_machine.python(sys.version_info[:3])]),
        Check("libraries", lambda: [of_machine.libraries(installed.libraries(), installed.unloadable())]),
        Check("ffmpeg", lambda: [of_machine.ffmpeg(ffmpeg_abilities.abilities())]),
        Check("fonts", lambda: [of_machine.fonts(machine.sizes(FONTS, "*.[ot]tf"))]),
    ]
    try:
        settings = Settings()
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False))
        broken = fail("settings", said, "correct it and look again: the other checks need the settings (docs/reference/settings.md)")
        return [*ask(plain, seconds=PATIENCE_SECONDS), broken]
    here = Installation(settings)
    found = ask([*plain, *here.checks()], seconds=PATIENCE_SECONDS)
    return [without(here.secrets, each) for each in found]


class Installation:
    """One Whyral, as its settings describe it."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._home = settings, settings.home.absolute()

    def checks(self) -> list[Check]:
        looks: dict[str, Callable[[], Iterator[Finding]]] = {
            "settings": self._addresses,
            "home": self._look_at_home,
            "secrets": self._secret_files,
            "home disk": self._home_disk,
            "file store": self._files,
            "postgres folder": self._postgres_folder,
            "postgres disk": self._postgres_disk,
            "whyral": self._whyral,
            **{f"{name} port": partial(self._port, name) for name in ("api", "dagster", "metrics", "postgres")},
            "clock": self._clock,
            "database": self._database,
            "system role": self._system_role,
            "migrations": self._migrations,
            "api": self._api,
            "dagster webserver": self._dagster,
            "dagster daemon": self._daemon,
            "launcher": self._launcher,
            "sandbox port": self._sandbox_ports,
            "platforms": self._platforms,
            "payments": self._payments,
            "speech": self._speech,
        }
        return [Check(name, look) for name, look in looks.items()]

    @property
    def secrets(self) -> list[str]:
        """What must not be printed, whoever's message quotes it; the longest first."""
        own = (getattr(self._settings, name) for name in type(self._settings).model_fields)
        whole = [each.get_secret_value() for each in own if isinstance(each, SecretStr)]
        whole += [self._settings.platform_proxy] if self._settings.platform_proxy else []
        return sorted([*whole, *filter(None, map(asked.password_of, whole))], key=len, reverse=True)

    # What the checks share, each read at its first use; twice at the same time does no harm.

    @cached_property
    def _owner(self) -> str | None:
        """The process that runs this home."""
        lock = self._home / "up.lock"
        return OwnerLock.holder(lock) if OwnerLock.is_held(lock) else None

    @property
    def _is_embedded(self) -> bool:
        return self._settings.database_url is None

    @cached_property
    def _urls(self) -> Urls | None:
        """None where there is nothing to ask: not running, or not all four are set."""
        if not self._is_embedded:
            given = [getattr(self._settings, name) for name in DATABASES.values()]
            app, owner, system, dagster = (each.get_secret_value() if each else "" for each in given)
            return Urls(app, owner, system, dagster) if all(given) else None
        if self._owner is None or not (self._home / "secrets.json").exists():
            return None
        at = f"127.0.0.1:{self._settings.pg_port}"
        roles = {role: f"postgresql+psycopg://{role}:{word}@{at}" for role, word in load_secrets(self._home).passwords.items()}
        return Urls(f"{roles[APP]}/whyral", f"{roles[OWNER]}/whyral", f"{roles[SYSTEM]}/whyral", f"{roles[DAGSTER]}/{DAGSTER}")

    @cached_property
    def _children(self) -> dict[str, Record]:
        return recorded(self._home / "run") | recorded(self._home / "postgres")

    # The machine

    def _addresses(self) -> Iterator[Finding]:
        given = {setting: getattr(self._settings, name) for setting, name in DATABASES.items()}
        yield of_database.addresses({setting: asked.scheme_of(url.get_secret_value()) if url else None for setting, url in given.items()})
        keys = self._settings.token_keys
        if keys is not None and (unread := of_database.token_keys(is_readable=are_keys(keys.get_secret_value()))):
            yield unread
        else:
            yield from of_database.secrets(weaknesses(self._settings.given_secrets))

    def _look_at_home(self) -> Iterator[Finding]:
        mode = stat.S_IMODE(self._home.stat().st_mode) if self._home.exists() else None
        yield of_machine.home(str(self._home), mode=mode, is_writable=self._home.is_dir() and os.access(self._home, os.W_OK | os.X_OK))

    def _secret_files(self) -> Iterator[Finding]:
        paths = [self._home / name for name in SECRET_FILES]
        yield of_machine.secrets({str(path): stat.S_IMODE(path.stat().st_mode) for path in paths if path.exists()})

    def _home_disk(self) -> Iterator[Finding]:
        yield of_machine.disk("home disk", str(self._home), machine.free_bytes(self._home), advice="set WHYRAL_HOME to a larger disk")

    def _files(self) -> Iterator[Finding]:
        place = self._settings.files_url or str(self._home / "files")
        try:
            kept = kept_files(FileOptions(**self._settings.files))
            is_used = self._settings.files_url is not None or (self._home / "files").exists()
            if is_used:
                kept.prove()
        except (ValueError, SourceFailed) as error:
            yield of_parts.files(place, str(error).removeprefix("file store: "))
        else:
            yield of_parts.files(place, None, is_used=is_used)

    @property
    def _postgres(self) -> Path:
        return self._home / "postgres"

    def _postgres_folder(self) -> Iterator[Finding]:
        place = noted_place(self._postgres)
        has_data = (place / "data").exists()
        yield of_machine.postgres_folder(str(self._postgres), str(place), is_used=self._is_embedded, has_data=has_data)

    def _postgres_disk(self) -> Iterator[Finding]:
        if self._is_embedded:
            place = noted_place(self._postgres)
            yield of_machine.disk("postgres disk", str(place), machine.free_bytes(place), advice="move to a PostgreSQL of your own")

    def _whyral(self) -> Iterator[Finding]:
        yield of_machine.whyral(self._owner)

    def _port(self, name: str) -> Iterator[Finding]:
        setting = "pg_port" if name == "postgres" else f"{name}_port"
        number, is_needed = getattr(self._settings, setting), name != "postgres" or self._is_embedded
        if is_needed:
            use = self._use(number)
            yield of_machine.port(f"{name} port", number, f"WHYRAL_{setting.upper()}", use, is_running=self._owner is not None)

    def _sandbox_ports(self) -> Iterator[Finding]:
        if self.is_sandboxed:
            for check, number in (("sandbox port", self._settings.sandbox_port), ("sandbox proxy port", self._settings.sandbox_port + 1)):
                yield of_machine.port(check, number, "WHYRAL_SANDBOX_PORT", self._use(number), is_running=self._owner is not None)

    @property
    def is_sandboxed(self) -> bool:
        """The demo switches the sandbox on by itself."""
        return self._settings.sandbox or (self._owner is not None and "sandbox" in self._children)

    def _platforms(self) -> Iterator[Finding]:
        try:
            found = platforms(PlatformOptions(**self._settings.platforms))
        except ValueError as error:  # the keys that seal tokens cannot be read; its words hold none of them
            yield fail("platforms", "cannot be put together", str(error))
            return
        with closing(found) as made:
            readers = list(dict.fromkeys(reader.name.value for reader in made.readers))
            yield of_parts.platforms(readers, made.lacking, is_sandbox=self.is_sandboxed)

    def _payments(self) -> Iterator[Finding]:
        yield from paying.findings(self._settings, is_sandbox=self.is_sandboxed and self._settings.stripe_secret_key is None)

    def _speech(self) -> Iterator[Finding]:
        found = Listeners(SpeechOptions(**self._settings.listening))
        yield of_parts.speech(*found.choice(), lacks=found.lacks())

    def _use(self, number: int) -> PortUse:
        if machine.port_is_free(number):
            return PortUse(is_free=True)
        leaders = {each.pid for each in self._children.values()} | ({int(self._owner)} if self._owner and self._owner.isdigit() else set())
        for pid in machine.listening_pids(number):
            return PortUse(is_free=False, holder=machine.described(pid), is_ours=machine.is_of_session(pid, leaders))
        return PortUse(is_free=False)

    def _clock(self) -> Iterator[Finding]:
        wall, steady = time.time(), time.monotonic()
        skews = {}
        if os.access(self._home, os.W_OK | os.X_OK):
            skews["the disk"] = machine.folder_clock_ahead_seconds(self._home)
        if self._urls is not None:
            with suppress(SourceFailed):  # the line `database` tells
                skews["the database"] = asked.clock_ahead_seconds(self._urls.app)
        yield of_machine.clock(skews, jumped_seconds=(time.time() - wall) - (time.monotonic() - steady))

    # The database

    def _database(self) -> Iterator[Finding]:
        if self._urls is None:
            yield self._nothing_to_ask("database")
            return
        try:
            found = asked.catalogue(self._urls.app)
        except SourceFailed as error:
            yield fail(
                "database",
                str(error).removeprefix("database: "),
                of_parts.POSTGRES_LOG if self._is_embedded else "start it, or correct DATABASE_URL",
            )
            return
        yield of_database.server(found.version, found.where)
        yield of_database.role("app role", found.role, setting="DATABASE_URL")
        yield of_database.walls(found.walls)

    def _system_role(self) -> Iterator[Finding]:
        if self._urls is None:
            yield self._nothing_to_ask("system role")
        else:
            yield of_database.role("system role", asked.catalogue(self._urls.system).role, setting="WHYRAL_DATABASE_SYSTEM_URL")

    def _migrations(self) -> Iterator[Finding]:
        yield of_database.migrations(*asked.revisions(self._urls.owner)) if self._urls else self._nothing_to_ask("migrations")

    def _nothing_to_ask(self, check: str) -> Finding:
        if self._is_embedded:
            return not_running(check)
        return warn(check, "not looked at", "set all four database URLs first (see `settings`)")

    # The running parts

    def _api(self) -> Iterator[Finding]:
        host = ANY_ADDRESS.get(self._settings.api_host, self._settings.api_host)
        status = status_of(f"http://{host}:{self._settings.api_port}/health/ready", timeout_seconds=ANSWER_SECONDS)
        yield of_parts.api(status, is_running=self._owner is not None)

    def _dagster(self) -> Iterator[Finding]:
        with closing(DagsterWebserver(self._settings.dagster_url, timeout_seconds=ANSWER_SECONDS)) as webserver:
            parts = webserver.parts()
        yield from of_parts.dagster(parts, is_running=self._owner is not None)

    def _daemon(self) -> Iterator[Finding]:
        own = self._children.get("daemon") if self._owner else None
        beats = asked.heartbeats(self._urls.dagster) if self._urls else {}
        yield of_parts.daemon(beats, running_seconds=time.time() - own.started if own else None)

    def _launcher(self) -> Iterator[Finding]:
        instance = self._home / "dagster" / "dagster.yaml"
        chosen = (yaml.safe_load(instance.read_text(encoding="utf-8")) or {}).get("run_launcher") if instance.exists() else None
        if chosen is None or chosen["module"] != WARM_LAUNCHER:
            yield of_parts.other_launcher(chosen["class"] if chosen else None)
        elif self._owner is None:
            yield not_running("launcher")
        else:
            yield self._fork_server()

    def _fork_server(self) -> Finding:
        try:
            return of_parts.launcher(ForkClient(launcher_socket(self._home), timeout_seconds=ANSWER_SECONDS).health())
        except SourceFailed as error:
            return fail("launcher", str(error), f"{of_parts.LOGS}: launcher.log; until it answers runs do not start")
