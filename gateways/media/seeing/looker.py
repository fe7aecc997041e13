"""Run by path in a confined process: makes the modules beside it importable by their own names, and starts the one that is named.

The process sees no other file of ours than this folder's parent, and `-I` adds no folder to its path.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

_MEDIA = Path(__file__).parents[1]


def _stand_in(name: str, folder: Path) -> None:
    """A package that is only a place."""
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def main() -> None:
    _stand_in("gateways", _MEDIA.parent)
    _stand_in("gateways.media", _MEDIA)
    importlib.import_module(f"gateways.media.seeing.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
