"""How the commands of `whyral` speak: lines and tables on stdout, what failed on stderr. The commands are in `cli` and `operating`."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import rich_click as click

from domain.errors import Unacceptable, WhyralError

OUTPUT = click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="how answers are shown")


def show(rows: Sequence[Mapping[str, Any]], output: str, columns: Sequence[str]) -> None:
    if output == "json":
        click.echo(json.dumps(list(rows), indent=2, default=str))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*("" if row.get(name) is None else str(row[name]) for name in columns))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def say(line: str) -> None:
    click.echo(line)


def failed(error: WhyralError, *, about: str = "") -> int:
    click.echo(f"whyral: {about + ': ' if about else ''}{error}", err=True)
    if isinstance(error, Unacceptable):
        for problem in error.problems:
            click.echo(f"  {problem.pointer}: {problem.detail}", err=True)
    return 1
