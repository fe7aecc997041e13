"""The command `whyral`: bring everything up, import files, list workspaces and keys. What concerns one workspace
speaks HTTP with the key kept in WHYRAL_HOME; what concerns the deployment asks the database (`operating`).

Exit codes: 0 done, 1 refused or failed (one line on stderr says what to do), 2 wrong usage.
"""

import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click

from domain.doctor.findings import Finding, exit_code
from domain.errors import SourceUnavailable, Unacceptable, WhyralError
from domain.roles import SCOPES
from gateways.own_api import OwnApi, Tell, quiet
from operating import COMMANDS
from settings import Settings
from terminal import OUTPUT, failed, say, show

COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


class _OneLine(click.RichGroup):
    """Whatever we raise is one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WhyralError as error:
            ctx.exit(failed(error))


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="whyral")
def main() -> None:
    """Why a social video worked: scores and causal effects with intervals, or an honest no."""


for each in COMMANDS:
    main.add_command(each)


@main.command()
@click.option("--demo/--no-demo", default=True, show_default=True, help="make the synthetic demo workspace when it is not there yet")
def up(*, demo: bool) -> None:
    """Start everything on this machine; Ctrl-C stops it all and keeps the data."""
    from up import Stack, serve_metrics, stop_on_signals

    stopping = stop_on_signals()
    settings = Settings()
    if demo:
        from demo import reads_sandbox

        wanted = reads_sandbox(settings)
        demo, settings = wanted is not None, wanted or settings
        if not demo:
            say("demo       left out: this deployment reads the real platforms (WHYRAL_SANDBOX=true makes it read the sandbox)")
    stack: Stack | None = None
    making: threading.Thread | None = None
    try:
        stack = Stack(settings, say)
        stack.start(stopping)
        if not stopping.is_set():
            serve_metrics(settings.metrics_port, stack.home / "run" / "metrics")
            _greet(settings)
        if demo and not stopping.is_set():
            from demo import Demo

            # Beside the watch: a part that ends while the demo is made is started again all the same.
            making = threading.Thread(target=Demo(stack, say, stopping).run, name="demo", daemon=True)
            making.start()
        stack.watch(stopping)
    finally:
        stopping.set()
        if making is not None:
            making.join(timeout=10)
        if stack is not None:
            say("stopping")
            stack.stop()


@main.command()
def migrate() -> None:
    """Bring your own database to the schema of this code; `whyral up` does it by itself."""
    from up import given_urls

    settings = Settings()
    if settings.database_url is None:
        raise SourceUnavailable("database", "DATABASE_URL is not set: the embedded PostgreSQL is migrated by `whyral up`")
    given_urls(settings)
    say("at head")


@main.command()
@click.option("--seed", type=int, help="of the world; the same seed and epoch make the same world  [default: the kept one, else 1]")
@click.option("--epoch", type=click.DateTime(["%Y-%m-%d"]), help="the day around which it is made  [default: the kept one, else today]")
@click.option("--accounts", type=click.IntRange(1, 10_000), help="how many creators it has  [default: the kept one, else 44]")
def sandbox(seed: int | None, epoch: datetime | None, accounts: int | None) -> None:
    """Stand in for the platforms on this machine: made-up accounts behind the real protocols, for trying out and for tests."""
    from sandbox.running import standing
    from up import sandbox_shop, stop_on_signals

    stopping = stop_on_signals()
    settings = Settings()
    shop = sandbox_shop(settings.api_port)
    with standing(settings.home / "sandbox", port=settings.sandbox_port, seed=seed, epoch=epoch, accounts=accounts, shop=shop) as made:
        for line in made.told():
            say(line)
        stopping.wait()


@main.command()
def seal() -> None:
    """Seal every stored OAuth token with the first key of WHYRAL_TOKEN_KEYS, while everything goes on."""
    from gateways.vault import SealedVault
    from services.sealing import reseal
    from store.database import Database
    from up import kept_token_keys, running_urls

    settings = Settings()
    app, system = running_urls(settings)
    try:
        vault = SealedVault.of(kept_token_keys(settings))
    except ValueError as error:
        raise Unacceptable(str(error)) from error
    with closing(Database(app, system_url=system, pool_size=2, application="whyral-seal")) as database:
        done = reseal(database, vault)
    say(f"sealed anew {done.resealed}, current {done.current}, unreadable {done.unreadable}")
    if done.unreadable:
        raise Unacceptable(
            f"{done.unreadable} grants are sealed with a key that WHYRAL_TOKEN_KEYS does not hold: keep all older keys in it"
        )


@main.command()
@OUTPUT
def doctor(output: str) -> None:
    """Look at everything Whyral needs, running or not; each line that is not ok says what to do."""
    from doctor import examine

    found = examine()
    if output == "json":
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
    else:
        _tell(found)
    sys.exit(exit_code(found))


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="a parameter of the import, such as year=2017 or selection=census"
)
@click.option("--wait/--no-wait", default=True, show_default=True, help="wait until the rows are in")
@OUTPUT
def import_files(files: Sequence[Path], params: Sequence[str], output: str, *, wait: bool) -> None:
    """Import FILES: trending lists, Studio exports, channel CSVs, TikTok JSON and CSV, yt-dlp .info.json, our NDJSON and Parquet."""
    given = dict(_pair(word) for word in params)
    done: list[Mapping[str, Any]] = []
    refused = 0
    with _client() as client:
        for path in files:
            try:
                with _progress(path.name) as tell:
                    done.append(client.import_file(path, given, wait=wait, tell=tell))
            except Unacceptable as error:
                refused += failed(error, about=path.name)
    show(done, output, ("file_name", "format", "state", "rows", "accepted", "updated", "unchanged", "rejected", "import_id"))
    broken = [each for each in done if each["state"] in ("failed", "canceled")]
    for each in broken:
        click.echo(f"whyral: {each['file_name']}: {(each['error'] or {}).get('detail', each['state'])}", err=True)
    if refused or broken:
        sys.exit(1)


@main.command()
@OUTPUT
def tenants(output: str) -> None:
    """List the workspaces of the key's user."""
    with _client() as client:
        show(client.get("/tenants")["items"], output, ("workspace_id", "workspace", "role", "plan", "is_demo"))


@main.group()
def keys() -> None:
    """API keys of the workspace."""


@keys.command("list")
@OUTPUT
def list_keys(output: str) -> None:
    """List keys, newest first."""
    with _client() as client:
        show(client.get("/keys")["items"], output, ("key_id", "name", "scopes", "last_used_at", "revoked_at"))


@keys.command("make")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), default=("read", "write"), show_default=True)
@OUTPUT
def make_key(name: str, scopes: Sequence[str], output: str) -> None:
    """Make a key called NAME. Its secret is shown this once."""
    with _client() as client:
        show([client.post("/keys", {"name": name, "scopes": list(scopes)})], output, ("key_id", "name", "scopes", "key"))


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """Revoke a key, at once and for good."""
    with _client() as client:
        client.delete(f"/keys/{key_id}")
    say(f"revoked {key_id}")


def _client() -> OwnApi:
    settings = Settings()
    return OwnApi.with_key_of(f"http://127.0.0.1:{settings.api_port}/api/v1", settings.home / "key")


@contextmanager
def _progress(name: str) -> Iterator[Tell]:
    """A bar on stderr where somebody watches; silence in a pipe or a log."""
    if not sys.stderr.isatty():
        yield quiet
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    bar = Progress(
        TextColumn("{task.fields[name]}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("sending", total=1.0, name=name)
        yield lambda share, note: bar.update(task, completed=share, description=note)


def _pair(word: str) -> tuple[str, str]:
    name, found, value = word.partition("=")
    if not found:
        raise click.BadParameter(f"{word!r} is not NAME=VALUE")
    return name, value


def _tell(found: Sequence[Finding]) -> None:
    """One line each, however long: it is read by people and by grep."""
    width = max(len(each.check) for each in found)
    for each in found:
        advice = f": {each.advice}" if each.advice else ""
        click.echo(f"{click.style(f'{each.level:<4}', fg=COLORS[each.level])}  {each.check:<{width}}  {each.found}{advice}")


def _greet(settings: Settings) -> None:
    say(f"dagster    http://127.0.0.1:{settings.dagster_port}")
    say(f"api        http://127.0.0.1:{settings.api_port}   docs http://127.0.0.1:{settings.api_port}/docs")
    say(f"metrics    http://127.0.0.1:{settings.metrics_port}/metrics")


if __name__ == "__main__":
    main()
