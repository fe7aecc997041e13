"""What was found, one JSON file for each benchmark: the page is made of the newest of all of them."""

from pathlib import Path

import msgspec

from bench.harness.rows import Row

FOLDER = Path(__file__).parents[1] / "results"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one benchmark: every ratio of it is of this run."""

    bench: str
    title: str
    how: str
    date: str
    seconds: float
    machine: dict[str, str]
    versions: dict[str, str]
    rows: list[Row]


def keep(result: Result, folder: Path = FOLDER) -> None:
    folder.mkdir(exist_ok=True)
    found = msgspec.json.format(msgspec.json.encode(result), indent=2)
    (folder / f"{result.bench}.json").write_bytes(found + b"\n")


def kept(folder: Path = FOLDER) -> list[Result]:
    """In the order of their names."""
    return [msgspec.json.decode(path.read_bytes(), type=Result) for path in sorted(folder.glob("*.json"))]
