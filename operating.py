"""Commands of `whyral` for whoever runs the deployment: they ask the database themselves. Those that speak HTTP are in `cli`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import rich_click as click

from domain.errors import Unacceptable
from settings import Settings
from terminal import OUTPUT, say, show

if TYPE_CHECKING:
    from store.database import Database


@contextmanager
def _database(purpose: str) -> "Iterator[Database]":
    """That of the running deployment; `purpose` is what PostgreSQL is told of the connection."""
    from store.database import Database
    from up import running_urls

    app, system = running_urls(Settings())
    with closing(Database(app, system_url=system, pool_size=2, application=f"whyral-{purpose}")) as database:
        yield database


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-dagster", is_flag=True, help="what Dagster remembers of its runs, too")
def backup(folder: Path, *, with_dagster: bool) -> None:
    """Back everything up into one sealed file in FOLDER, whether Whyral runs or not. The key is not in it: keep it elsewhere."""
    from backing_up import backup as back_up

    back_up(Settings(), folder, with_dagster=with_dagster, say=say)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Bring a backup back, into a home or a database in which there is nothing yet. Workspaces that were erased since stay erased."""
    from backing_up import bring_back

    bring_back(Settings(), file, say=say)


@click.group()
def tenant() -> None:
    """One workspace, for whoever runs the deployment."""


@tenant.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_tenant(file: Path) -> None:
    """Make a new workspace of an export. Keys and grants are not in it; members who are unknown here have no password yet."""
    from gateways.files.kept import FileOptions, kept_files
    from services.rights.importing import put_back

    with _database("import") as database, file.open("rb") as source:
        made = put_back(database, kept_files(FileOptions(**Settings().files)), source)
    say(f"workspace {made.tenant_id}: {sum(made.rows.values())} rows, {made.files} files; {len(made.renamed)} ids are others than before")


@click.command()
@click.argument("channel_id", type=click.UUID)
@click.option("--lift", "is_lifted", is_flag=True, help="let it go on, where its grant stands by now")
def suspend(channel_id: UUID, *, is_lifted: bool) -> None:
    """Suspend a channel of any workspace: nothing of it is read by itself until that is lifted."""
    from services.suspending import lift
    from services.suspending import suspend as begin

    with _database("suspend") as database:
        changed = (lift if is_lifted else begin)(database, channel_id)
    say(f"channel {channel_id} is {changed.status}")


@click.group()
def audit() -> None:
    """The audit log: what was done, in a chain of hashes."""


@audit.command("verify")
@click.option("--workspace", "workspace_id", type=click.UUID, help="only this workspace  [default: all, and the platform's own]")
@OUTPUT
def verify_audit(workspace_id: UUID | None, output: str) -> None:
    """Prove that no entry was changed, deleted, put in or moved; name the first that was."""
    from services.logs import verify

    with _database("audit") as database:
        proofs = [asdict(each) for each in verify(database, [workspace_id] if workspace_id else None)]
    show(proofs, output, ("tenant_id", "entries", "broken_seq", "broken_entry", "reason"))
    if any(each["reason"] for each in proofs):
        raise Unacceptable("the audit log is not what was written: docs/guides/logs.md says what to do")


@click.command()
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
        say(f"{words}  {1 / seconds:>5.1f} a second and core  {most:>4} MiB at most{'  (set)' if cost == now else ''}")


@click.group()
def billing() -> None:
    """What is for sale, for whoever runs the deployment."""


@billing.command("prices")
@click.option("--make", "makes", is_flag=True, help="make the prices that lack, and mark all with their names  [default: only look]")
@OUTPUT
def show_prices(output: str, *, makes: bool) -> None:
    """Hold the prices of our plans against those of the Stripe account: right, lacking, or different, which nobody mends but you."""
    from doctor import Installation
    from domain.billing.shelf import Verdict
    from paying import prices

    settings = Settings()
    found = prices(settings, is_sandbox=Installation(settings).is_sandboxed, makes=makes)
    rows = [{**asdict(each.ware), "at_stripe": each.there, "verdict": each.verdict.value} for each in found]
    show(rows, output, ("lookup_key", "plan", "cents", "interval", "at_stripe", "verdict"))
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
    with _database("billing") as database, database.begin_system() as work:
        found = work.billing.failed(most=1_000)
        taken_up = work.billing.take_up() if is_tried else 0
    show([asdict(each) for each in found], output, ("provider", "event_id", "type", "tenant_id", "received_at", "error"))
    if is_tried:
        click.echo(f"{taken_up} wait once more", err=True)


@click.group()
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
    with _database("admin") as database, database.begin_system() as work:
        user_id = work.set_platform_admin(email, is_admin=is_admin)
    say(f"user {user_id} is {'an' if is_admin else 'no'} administrator of the platform")


COMMANDS = (backup, restore, tenant, suspend, audit, calibrate, billing, admin)
