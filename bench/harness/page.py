"""`docs/benchmarks.md` and the table of the terminal, out of what was found."""

from collections.abc import Sequence
from pathlib import Path

from bench.harness.results import Result
from bench.harness.rows import Row

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`, `make bench-clips` and `make bench-insights`; `ARGS=reads` or `ARGS=insights_deep` behind them runs one anew.
Server, database, load and baseline share one machine, and every ratio is of one run: figures of two machines, or of two hours, are not
comparable, ratios are. A bar is what we hold ourselves to; a missed one is shown as missed, and ends the command with an error.
"""
COLUMNS = ("what", "ours", "baseline", "ratio", "bar", "passed", "note")


def written(results: Sequence[Result]) -> str:
    """The whole page."""
    newest = max(results, key=lambda each: each.date)
    where = _table(("what", "here"), [*newest.machine.items(), *newest.versions.items()])
    parts = [HEAD, *(_section(each, newest) for each in results), f"## Where it was measured\n\n{where}\n"]
    return "\n".join(parts)


def cells(row: Row) -> tuple[str, ...]:
    """A row as words."""
    passed = "" if row.passed is None else "yes" if row.passed else "**no**"
    ours, baseline = _figure(row.ours, row.unit), _figure(row.baseline, row.unit)
    return row.name, ours, baseline, "" if row.ratio is None else f"{row.ratio:.2f}", row.bar, passed, row.note


def _section(result: Result, newest: Result) -> str:
    when = f"Measured on {result.date[:16].replace('T', ' ')} UTC, in {result.seconds:.0f} s."
    if (result.machine, result.versions) != (newest.machine, newest.versions):
        when += f" Elsewhere: {', '.join(f'{name} {value}' for name, value in (result.machine | result.versions).items())}."
    return f"## {result.title}\n\n{result.how}\n\n{_table(COLUMNS, [cells(row) for row in result.rows])}\n\n{when}\n"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:.3g} {unit}"
