"""`python -m bench [NAME ...]`: runs the benchmarks, keeps what they found, writes docs/benchmarks.md.

Without a name those of the system; `--insights` runs the insight engine's, `--clips` those of clips, `--identity` those of walls,
keys and logins, `--money` the ledger's.
"""

import argparse
import importlib
import inspect
import pkgutil
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

import bench
from bench.harness import page, results
from bench.harness.machine import machine, versions
from bench.harness.rows import Benchmark, Scale

# Groups by the first word of their benchmarks' names: each takes long, so each is run by itself.
GROUPS: Mapping[str, str] = MappingProxyType(
    {"insights": "the insight engine", "clips": "clips", "identity": "walls, keys and logins", "money": "money"}
)


def main() -> int:
    """0 where every bar was reached."""
    asked = _asked()
    scale = Scale(asked.share, asked.rounds, asked.seconds)
    found = [_measured(name, scale) for name in asked.names or chosen(asked.group)]
    if scale.is_full:
        for result in found:
            results.keep(result)
        page.PAGE.write_text(page.written(results.kept()), encoding="utf-8")
    else:
        print("not the full scale: nothing is written down")
    return int(any(row.passed is False for result in found for row in result.rows))


def names() -> list[str]:
    """Every module of `bench` that has a `run`."""
    return [each.name for each in pkgutil.iter_modules(bench.__path__) if not each.ispkg and each.name != "__main__"]


def chosen(group: str | None) -> list[str]:
    """The benchmarks of a group, or those of none."""
    return [name for name in names() if _group_of(name) == group]


def _group_of(name: str) -> str | None:
    return next((group for group in GROUPS if name.partition("_")[0] == group), None)


def _asked() -> argparse.Namespace:
    whole = Scale()
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}", choices=[*names(), []])
    groups = parser.add_mutually_exclusive_group()
    for name, about in GROUPS.items():
        groups.add_argument(f"--{name}", dest="group", action="store_const", const=name, help=f"the benchmarks of {about}")
    parser.add_argument("--share", type=float, default=whole.share, help="of the rows, to try it out (1: all)")
    parser.add_argument("--rounds", type=int, default=whole.rounds, help="ours and baseline in turn so many times")
    parser.add_argument("--seconds", type=float, default=whole.seconds, help="of each measurement")
    return parser.parse_args()


def _measured(name: str, scale: Scale) -> results.Result:
    module = cast(Benchmark, importlib.import_module(f"bench.{name}"))
    print(f"\n{module.TITLE}", flush=True)
    began = time.monotonic()
    rows = module.run(scale)
    for row in rows:
        print("  " + "  ".join(filter(None, page.cells(row))), flush=True)
    return results.Result(
        bench=name, title=module.TITLE, how=inspect.getdoc(module) or "", date=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=time.monotonic() - began, machine=machine(), versions=versions(), rows=rows,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
