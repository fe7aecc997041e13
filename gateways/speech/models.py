"""Where a Whisper model is on this machine. Nothing is fetched: a model is a gigabyte of somebody else's; that is the operator's to do."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from domain.errors import SourceRefused

SOURCE = "faster-whisper"
INSTALL = "install it with `pip install 'whyral[speech]'`"
# Where the names that people know them by are published, converted for CTranslate2; as in faster-whisper 1.2.
_PUBLISHED = {
    **{name: f"Systran/faster-whisper-{name}" for name in (
        "tiny.en", "tiny", "base.en", "base", "small.en", "small", "medium.en", "medium", "large-v1", "large-v2", "large-v3",
    )},
    **{f"distil-{name}": f"Systran/faster-distil-whisper-{name}" for name in ("small.en", "medium.en", "large-v2", "large-v3")},
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}  # fmt: skip
_NEEDED = ("model.bin", "config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Model:
    """A model directory, and the name to tell people."""

    name: str
    folder: Path

    @property
    def size_bytes(self) -> int:
        return (self.folder / "model.bin").stat().st_size

    @property
    def files(self) -> tuple[Path, ...]:
        """Where they really are: the hub's cache is made of links."""
        return tuple(each.resolve() for each in self.folder.iterdir())


def is_installed() -> bool:
    return importlib.util.find_spec("faster_whisper") is not None


def find_model(name: str, *, models: Path) -> Model:
    """By the path of its directory, or by its name: in `models`, else in the cache of the Hugging Face hub. Raises SourceRefused.

    `name`: as Whisper's sizes are called (`small`, `large-v3-turbo`), or `owner/name` on the hub.
    """
    given = Path(name).expanduser()
    if given.is_dir():
        return _whole(Model(given.resolve().name, given.resolve()))
    published = _PUBLISHED.get(name) or (name if name.count("/") == 1 and not name.startswith(("/", ".", "~")) else None)
    if published is None:
        known = ", ".join(_PUBLISHED)
        raise SourceRefused(SOURCE, f"{name} is neither a folder nor a model that we know ({known})", category="not_configured")
    kept = models / published.rpartition("/")[2]
    found = kept if kept.is_dir() else _cached(published) if is_installed() else None
    if found is None:
        how = f"`hf download {published} --local-dir {kept}` fetches it"
        raise SourceRefused(SOURCE, f"the model {name} is not on this machine: {how}", category="not_configured")
    return _whole(Model(name, found))


def _whole(model: Model) -> Model:
    missing = [each for each in _NEEDED if not (model.folder / each).is_file()]
    if missing:
        detail = f"{model.folder} holds no {', no '.join(missing)}: it is no model in CTranslate2's format, or only a part of one"
        raise SourceRefused(SOURCE, detail, category="not_configured")
    return model


def _cached(published: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(published, "model.bin")
    return Path(found).parent if isinstance(found, str) else None
