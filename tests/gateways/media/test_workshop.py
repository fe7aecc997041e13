"""Folders for one piece of work: private, and gone afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateways.media.workshop import bench, sweep
from tests.gateways.test_processes import ROOT

OWNER = """
import sys, time
from pathlib import Path
from gateways.media.workshop import bench
with bench(Path(sys.argv[1])) as folder:
    (folder / "half.mp4").write_bytes(b"x")
    print(folder, flush=True)
    time.sleep(60)
"""


def aged(folder: Path) -> None:
    os.utime(folder, (1_000_000_000, 1_000_000_000))


def test_a_folder_is_private_and_gone_after_its_work(tmp_path):
    with bench(tmp_path / "work") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
        assert folder.stat().st_mode & 0o077 == 0

    assert list((tmp_path / "work").iterdir()) == []


def test_a_folder_is_gone_after_work_that_failed(tmp_path):
    def fail() -> None:
        with bench(tmp_path / "work") as folder:
            (folder / "file").write_text("x")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail()

    assert list((tmp_path / "work").iterdir()) == []


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "font").write_text("x")

    with bench(tmp_path / "work") as folder:
        (folder / "fonts").symlink_to(kept)

    assert (kept / "font").exists()


def test_what_a_killed_owner_left_goes_with_the_next_work(tmp_path):
    work = tmp_path / "work"
    with subprocess.Popen([sys.executable, "-c", OWNER, str(work)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        aged(folder)
        sweep(work)
        spared = (folder / "half.mp4").exists()
        owner.kill()
    aged(folder)

    with bench(work) as mine:
        left = list(work.iterdir())

    assert spared
    assert left == [mine]


def test_a_folder_that_is_being_made_is_spared(tmp_path):
    (tmp_path / "young").mkdir()

    sweep(tmp_path)

    assert (tmp_path / "young").exists()
