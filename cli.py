"""The command `whyral`: bring everything up, import files, list workspaces and keys. What concerns one workspace
speaks HTTP with the key kept in WHYRAL_HOME; what concerns the deployment asks the database.

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
from uuid import UUID

import rich_click as click

from domain.doctor.findings import Finding, exit_code
from domain.errors import SourceUnavailable, Unacceptable, WhyralError
from domain.roles import SCOPES
from gateways.own_api import OwnApi, Tell, quiet
from settings import Settings

OUTPUT = click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="how answers are shown")


COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


class _OneLine(click.RichGroup):
    """Whatever we raise is one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WhyralError as error:
            ctx.exit(_failed(error))


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="whyral")
def main() -> None:
    """Why a social video worked: scores and causal effects with intervals, or an honest no."""


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
            _say("demo       left out: this deployment reads the real platforms (WHYRAL_SANDBOX=true makes it read the sandbox)")
    stack: Stack | None = None
    making: threading.Thread | None = None
    try:
        stack = Stack(settings, _say)
        stack.start(stopping)
        if not stopping.is_set():
            serve_metrics(settings.metrics_port, stack.home / "run" / "metrics")
            _greet(settings)
        if demo and not stopping.is_set():
            from demo import Demo

            # Beside the watch: a part that ends while the demo is made is started again all the same.
            making = threading.Thread(target=Demo(stack, _say, stopping).run, name="demo", daemon=True)
            making.start()
        stack.watch(stopping)
    finally:
        stopping.set()
        if making is not None:
            making.join(timeout=10)
        if stack is not None:
            _say("stopping")
            stack.stop()


@main.command()
def migrate() -> None:
    """Bring your own database to the schema of this code; `whyral up` does it by itself."""
    from up import given_urls

    settings = Settings()
    if settings.database_url is None:
        raise SourceUnavailable("database", "DATABASE_URL is not set: the embedded PostgreSQL is migrated by `whyral up`")
    given_urls(settings)
    _say("at head")


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
            _say(line)
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
    _say(f"sealed anew {done.resealed}, current {done.current}, unreadable {done.unreadable}")
    if done.unreadable:
        raise Unacceptable(
            f"{done.unreadable} grants are sealed with a key that WHYRAL_TOKEN_KEYS does not hold: keep all older keys in it"
        )


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-dagster", is_flag=True, help="what Dagster remembers of its runs, too")
def backup(folder: Path, *, with_dagster: bool) -> None:
    """Back everything up into one sealed file in FOLDER, whether Whyral runs or not. The key is not in it: keep it elsewhere."""
    from backing_up import backup as back_up

    back_up(Settings(), folder, with_dagster=with_dagster, say=_say)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Bring a backup back, into a home or a database in which there is nothing yet. Workspaces that were erased since stay erased."""
    from backing_up import bring_back

    bring_back(Settings(), file, say=_say)


@main.group()
def tenant() -> None:
    """One workspace, for whoever runs the deployment."""


@tenant.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_tenant(file: Path) -> None:
    """Make a new workspace of an export. Keys and grants are not in it; members who are unknown here have no password yet."""
    from gateways.files.kept import FileOptions, kept_files
    from services.rights.importing import put_back
    from store.database import Database
    from up import running_urls

    settings = Settings()
    app, system = running_urls(settings)
    with closing(Database(app, system_url=system, pool_size=2, application="whyral-import")) as database, file.open("rb") as source:
        made = put_back(database, kept_files(FileOptions(**settings.files)), source)
    _say(f"workspace {made.tenant_id}: {sum(made.rows.values())} rows, {made.files} files; {len(made.renamed)} ids are others than before")


@main.command()
@click.argument("channel_id", type=click.UUID)
@click.option("--lift", "is_lifted", is_flag=True, help="let it go on, where its grant stands by now")
def suspend(channel_id: UUID, *, is_lifted: bool) -> None:
    """Suspend a channel of any workspace: nothing of it is read by itself until that is lifted."""
    from services.suspending import lift
    from services.suspending import suspend as begin
    from store.database import Database
    from up import running_urls

    app, system = running_urls(Settings())
    with closing(Database(app, system_url=system, pool_size=2, application="whyral-suspend")) as database:
        changed = (lift if is_lifted else begin)(database, channel_id)
    _say(f"channel {channel_id} is {changed.status}")


@main.group()
def audit() -> None:
    """The audit log: what was done, in a chain of hashes."""


@audit.command("verify")
@click.option("--workspace", "workspace_id", type=click.UUID, help="only this workspace  [default: all, and the platform's own]")
@OUTPUT
def verify_audit(workspace_id: UUID | None, output: str) -> None:
    """Prove that no entry was changed, deleted, put in or moved; name the first that was."""
    from services.logs import verify
    from store.database import Database
    from up import running_urls

    app, system = running_urls(Settings())
    with closing(Database(app, system_url=system, pool_size=2, application="whyral-audit")) as database:
        proofs = [asdict(each) for each in verify(database, [workspace_id] if workspace_id else None)]
    _show(proofs, output, ("tenant_id", "entries", "broken_seq", "broken_entry", "reason"))
    if any(each["reason"] for each in proofs):
        raise Unacceptable("the audit log is not what was written: docs/guides/logs.md says what to do")


@main.command()
def calibrate() -> None:
    """Time the hashing of a password on this machine, at the settings of now and at dearer ones."""
    from domain.passwords import HashingCost
    from gateways.credentials import Passwords

    try:
        now = Settings().hashing
    except ValueError as error:
        raise Unacceptable(str(error)) from error
    dearer = [HashingCost(memory * 1024, passes) for memory, passes in ((19, 2), (46, 2), (64, 3), (128, 3))]
    for cost in dict.fromkeys((now, *dearer)):
        seconds = Passwords(cost).seconds()
        words = f"{cost.memory_kib:>7} KiB  passes {cost.passes}  lanes {cost.lanes}  {seconds * 1000:>5.0f} ms"
        most = cost.memory_kib * cost.at_once // 1024
        _say(f"{words}  {1 / seconds:>5.1f} a second and core  {most:>4} MiB at most{'  (set)' if cost == now else ''}")


@main.group()
def billing() -> None:
    """What is for sale, for whoever runs the deployment."""


@billing.command("prices")
@click.option("--make", "makes", is_flag=True, help="make the prices that lack  [default: only look]")
@OUTPUT
def show_prices(output: str, *, makes: bool) -> None:
    """Hold the prices of our plans against those of the Stripe account: right, lacking, or different, which nobody mends but you."""
    from doctor import Installation
    from domain.billing.shelf import Verdict
    from paying import prices

    settings = Settings()
    found = prices(settings, is_sandbox=Installation(settings).is_sandboxed, makes=makes)
    rows = [{**asdict(each.ware), "at_stripe": each.there, "verdict": each.verdict.value} for each in found]
    _show(rows, output, ("lookup_key", "plan", "cents", "interval", "at_stripe", "verdict"))
    verdicts = {each.verdict for each in found}
    if Verdict.DIFFERS in verdicts:
        raise Unacceptable("an amount cannot be changed: put the old one back, or sell under a new lookup key (docs/guides/billing.md)")
    if Verdict.LACKING in verdicts:
        raise Unacceptable("prices lack: `whyral billing prices --make` makes them")


@billing.command("events")
@click.option("--retry", "is_tried", is_flag=True, help="have all of them dealt with once more  [default: only list them]")
@OUTPUT
def failed_events(output: str, *, is_tried: bool) -> None:
    """List the events of payment providers that could not be dealt with, newest first, and why."""
    from store.database import Database
    from up import running_urls

    app, system = running_urls(Settings())
    with closing(Database(app, system_url=system, pool_size=1, application="whyral-billing")) as database, database.begin_system() as work:
        found = work.billing.failed(most=1_000)
        taken_up = work.billing.take_up() if is_tried else 0
    _show([asdict(each) for each in found], output, ("provider", "event_id", "type", "tenant_id", "received_at", "error"))
    if is_tried:
        click.echo(f"{taken_up} wait once more", err=True)


@main.group()
def admin() -> None:
    """Administrators of the platform: who sees all workspaces."""


@admin.command("grant")
@click.argument("email")
def grant_admin(email: str) -> None:
    """Make the user with this address an administrator of the platform, from their next call on."""
    _set_admin(email, is_admin=True)


@admin.command("revoke")
@click.argument("email")
def revoke_admin(email: str) -> None:
    """Take that back, at once."""
    _set_admin(email, is_admin=False)


def _set_admin(email: str, *, is_admin: bool) -> None:
    from store.database import Database
    from up import running_urls

    app, system = running_urls(Settings())
    with closing(Database(app, system_url=system, pool_size=1, application="whyral-admin")) as database, database.begin_system() as work:
        user_id = work.set_platform_admin(email, is_admin=is_admin)
    _say(f"user {user_id} is {'an' if is_admin else 'no'} administrator of the platform")


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
                refused += _failed(error, about=path.name)
    _show(done, output, ("file_name", "format", "state", "rows", "accepted", "updated", "unchanged", "rejected", "import_id"))
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
        _show(client.get("/tenants")["items"], output, ("workspace_id", "workspace", "role", "plan", "is_demo"))


@main.group()
def keys() -> None:
    """API keys of the workspace."""


@keys.command("list")
@OUTPUT
def list_keys(output: str) -> None:
    """List keys, newest first."""
    with _client() as client:
        _show(client.get("/keys")["items"], output, ("key_id", "name", "scopes", "last_used_at", "revoked_at"))


@keys.command("make")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), default=("read", "write"), show_default=True)
@OUTPUT
def make_key(name: str, scopes: Sequence[str], output: str) -> None:
    """Make a key called NAME. Its secret is shown this once."""
    with _client() as client:
        _show([client.post("/keys", {"name": name, "scopes": list(scopes)})], output, ("key_id", "name", "scopes", "key"))


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """Revoke a key, at once and for good."""
    with _client() as client:
        client.delete(f"/keys/{key_id}")
    _say(f"revoked {key_id}")


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


def _show(rows: Sequence[Mapping[str, Any]], output: str, columns: Sequence[str]) -> None:
    if output == "json":
        click.echo(json.dumps(list(rows), indent=2, default=str))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*("" if row.get(name) is None else str(row[name]) for name in columns))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _tell(found: Sequence[Finding]) -> None:
    """One line each, however long: it is read by people and by grep."""
    width = max(len(each.check) for each in found)
    for each in found:
        advice = f": {each.advice}" if each.advice else ""
        click.echo(f"{click.style(f'{each.level:<4}', fg=COLORS[each.level])}  {each.check:<{width}}  {each.found}{advice}")


def _greet(settings: Settings) -> None:
    _say(f"dagster    http://127.0.0.1:{settings.dagster_port}")
    _say(f"api        http://127.0.0.1:{settings.api_port}   docs http://127.0.0.1:{settings.api_port}/docs")
    _say(f"metrics    http://127.0.0.1:{settings.metrics_port}/metrics")


def _say(line: str) -> None:
    click.echo(line)


def _failed(error: WhyralError, *, about: str = "") -> int:
    click.echo(f"whyral: {about + ': ' if about else ''}{error}", err=True)
    if isinstance(error, Unacceptable):
        for problem in error.problems:
            click.echo(f"  {problem.pointer}: {problem.detail}", err=True)
    return 1


if __name__ == "__main__":
    main()
