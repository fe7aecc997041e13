"""`python -m bench [NAME ...]`: runs the benchmarks (without a name all but the insight engine's, which `--insights` runs), keeps what
they found, writes docs/benchmarks.md.
"""

import argparse
import importlib
import inspect
import pkgutil
import sys
import time
from datetime import UTC, datetime
from typing import cast

import bench
from bench.harness import page, results
from bench.harness.machine import machine, versions
from bench.harness.rows import Benchmark, Scale


def main() -> int:
    """0 where every bar was reached."""
    asked = _asked()
    scale = Scale(asked.share, asked.rounds, asked.seconds)
    found = [_measured(name, scale) for name in asked.names or chosen(insights=asked.insights)]
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


def chosen(*, insights: bool) -> list[str]:
    """The insight engine's benchmarks, which take an hour, or the others."""
    return [name for name in names() if name.startswith("insights_") is insights]


def _asked() -> argparse.Namespace:
    whole = Scale()
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}", choices=[*names(), []])
    parser.add_argument("--insights", action="store_true", help="the benchmarks of the insight engine")
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
