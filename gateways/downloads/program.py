"""Fetches one video into the folder it runs in, and prints what became of it as JSON. Run by path: `program.py ROOT TERMS`.

It is started without our environment; who starts it, and when it is ended, is in `gateways.downloads.media`.
"""

import json
import sys
from pathlib import Path
from typing import Any

Told = dict[str, Any]
# One file with picture and sound: nothing has to be put together afterwards.
_FORMAT = "b[ext=mp4]/b"


def fetched(terms: Told, folder: Path) -> Told:
    """The file's name and the heat-map of its page, or the failure under its name. Without its page, nothing is told of a heat-map."""
    from domain.errors import OutOfResources, SourceFailed
    from gateways.downloads.client import Client, PagesOptions
    from gateways.downloads.watch import Bounds

    bounds = Bounds(seconds=float(terms["seconds"]), retries=3)
    ca_file = Path(terms["ca_file"]) if terms["ca_file"] else None
    client = Client(terms["platform"], PagesOptions(terms["proxy"], ca_file, folder, bounds))
    try:
        info = client.ask(lambda opened: opened.extract_info(terms["url"], download=True), **_how(terms))
        files = [row["filepath"] for row in info.get("requested_downloads") or () if "filepath" in row]
        if not files:
            raise OutOfResources(terms["platform"], _why_not(info, terms), category="api_error")
        return {"file": Path(files[0]).name, **({"heatmap": info["heatmap"]} if "heatmap" in info else {})}
    except SourceFailed as error:
        words = str(error).removeprefix(f"{terms['platform']}: ")
        told = {"failed": type(error).__name__, "category": error.category.value, "detail": words}
        return {**told, "retry_after_seconds": error.retry_after_seconds}


def _how(terms: Told) -> Told:
    from gateways.downloads import troubles

    def watch(progress: Told) -> None:
        if (progress.get("downloaded_bytes") or 0) > terms["limit_bytes"]:
            troubles.stop("api_error", f"the file is too large: more than {terms['limit_bytes']} bytes")

    def refuse(info: Told, *, incomplete: bool) -> str | None:
        seconds = info.get("duration")
        if info.get("is_live"):
            return "it is live"
        return f"longer than {terms['limit_seconds']:g} s" if seconds and seconds > terms["limit_seconds"] and not incomplete else None

    return {
        "skip_download": False, "format": _FORMAT, "outtmpl": {"default": "media.%(ext)s"}, "max_filesize": terms["limit_bytes"],
        "match_filter": refuse, "progress_hooks": [watch], "overwrites": True, "nopart": False, "updatetime": False,
    }  # fmt: skip


def _why_not(info: Told, terms: Told) -> str:
    """yt-dlp says nothing where a limit was reached: there just is no file."""
    if info.get("is_live"):
        return "the video is live"
    if (info.get("duration") or 0) > terms["limit_seconds"]:
        return f"the video is longer than {terms['limit_seconds']:g} s"
    return f"the file is larger than {terms['limit_bytes']} bytes"


def main(root: str, terms: str) -> None:
    sys.path.insert(0, root)
    path = Path(terms)
    words = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    sys.stdout.write(json.dumps(fetched(words, path.parent)))


if __name__ == "__main__":
    main(*sys.argv[1:])
