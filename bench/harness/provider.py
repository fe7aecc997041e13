"""The sandbox as a process of its own, with accounts enough to be read: `python -m bench.harness.provider FOLDER ACCOUNTS POSTS`.

Prints where it is, and ends with its standard input. Its project has no quota worth the name: ours is counted on our side.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gateways.platforms import PlatformOptions
from sandbox.demo import Mix
from sandbox.google import API_KEY, Google, Project
from sandbox.net import loop_net
from sandbox.serving import Desk, running
from sandbox.tiktok import TikTok
from sandbox.world import Clock, make_world

EPOCH = datetime(2026, 10, 1, tzinfo=UTC)
NOW = EPOCH + timedelta(days=39)
MIX: Mix = (("youtube", ("short", "long"), 9), ("tiktok", ("short",), 1))


@dataclass(frozen=True, slots=True)
class Provider:
    """Where it is, and which accounts it has."""

    url: str
    proxy: str
    ca: Path
    # Ids and handles.
    youtube: tuple[tuple[str, str], ...]
    tiktok: tuple[tuple[str, str], ...]

    def options(self, folder: Path) -> PlatformOptions:
        return PlatformOptions(google_url=self.url, google_api_key=API_KEY, proxy=self.proxy, ca_file=self.ca, work_folder=folder)

    def known(self, folder: Path) -> dict[str, str]:
        """The same, for a process of its own."""
        names = ("google_url", "google_api_key", "proxy", "ca_file", "work_folder")
        return {name: str(getattr(self.options(folder), name)) for name in names}

    def delay(self, seconds: float) -> None:
        """Every answer comes so much later from now on."""
        httpx.post(f"{self.url}/_control/latency", json={"seconds": seconds}).raise_for_status()


@contextmanager
def provider(folder: Path, *, accounts: int, posts: int) -> Iterator[Provider]:
    """So many accounts on YouTube, each with at least so many public posts."""
    words = [str(folder), str(-(-accounts * 10 // 9)), str(posts)]
    command = [sys.executable, "-m", "bench.harness.provider", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the sandbox has no pipes")
        found = json.loads(child.stdout.readline())
        youtube, tiktok = (tuple((external_id, name) for external_id, name in found[word]) for word in ("youtube", "tiktok"))
        yield Provider(found["url"], found["proxy"], Path(found["ca"]), youtube, tiktok)
        child.stdin.close()


def main() -> None:
    folder, accounts, posts = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    world, clock = make_world(seed=1, epoch=EPOCH, accounts=accounts, posts=posts + posts // 8 + 3, mix=MIX), Clock(frozen_at=NOW)
    google = Google(world, clock, project=Project(limits=dict.fromkeys(("units", "search", "insert", "stats"), 10**9)))
    desk = Desk([*google.services, TikTok(world, clock, folder=folder)], clock)
    with running(desk) as server, loop_net(desk, folder=folder) as net:
        there = [each for each in world.creators if not each.is_empty]
        known = {word: [(each.native_id, each.username) for each in there if each.platform == word] for word in ("youtube", "tiktok")}
        print(json.dumps({"url": server.url, "proxy": net.proxy, "ca": str(net.ca), **known}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
