"""Which of the libraries we ask for are there, in which version, and whether they load."""

import importlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from domain.doctor.machine import Library

# Not asked for by the plain installation, but they must go with Dagster where they are there.
BESIDE_DAGSTER = ("dagster-celery", "dagster-k8s")
# Those with machine code in them: present and yet unable to load, on a machine that they were not made for.
COMPILED = ("argon2", "av", "msgspec", "numpy", "pandas", "psycopg", "psycopg2", "pyarrow", "scipy", "vl_convert")


def libraries(package: str = "whyral") -> list[Library]:
    """Empty where the package is not installed as one."""
    try:
        wanted = [Requirement(line) for line in requires(package) or ()]
    except PackageNotFoundError:
        return []
    return [*(_looked_up(each) for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})), *_beside_dagster()]


def unloadable(modules: tuple[str, ...] = COMPILED) -> dict[str, str]:
    """Those that cannot be imported, with the reason."""
    broken = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except (ImportError, OSError) as error:
            broken[name] = f"does not load ({error})"
    return broken


def _looked_up(wanted: Requirement) -> Library:
    found = _version(wanted.name)
    return Library(wanted.name, str(wanted.specifier), found, found is not None and wanted.specifier.contains(found, prereleases=True))


def _beside_dagster() -> Iterator[Library]:
    for name in BESIDE_DAGSTER:
        if found := _version(name):
            yield Library(name, "", found, is_fit=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
