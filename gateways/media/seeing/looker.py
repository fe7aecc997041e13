"""Run by path in a confined process: makes the modules beside it importable by their own names, and starts `watching`.

The process sees no other file of ours than this folder's parent, and `-I` adds no folder to its path.
"""

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
    from gateways.media.seeing.watching import main as watch

    watch(sys.argv[1:])


if __name__ == "__main__":
    main()
