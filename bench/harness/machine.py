"""Where a benchmark ran: the machine and the versions."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import imageio_ffmpeg
import psutil

from gateways.postgres.binaries import of_the_wheel

LIBRARIES = ("litestar", "granian", "msgspec", "sqlalchemy", "psycopg", "fastapi", "uvicorn", "asyncpg", "dagster", "pandas", "polars")


def machine() -> dict[str, str]:
    return {
        "processor": f"{_processor()}, {psutil.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), "postgresql": _postgres(), "ffmpeg": _ffmpeg()} | {
        name: found for name in LIBRARIES if (found := _installed(name))
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor() or "unknown")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _postgres() -> str:
    return _said(of_the_wheel().program("postgres"), "--version").rpartition(" ")[2]


def _ffmpeg() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_version())


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
