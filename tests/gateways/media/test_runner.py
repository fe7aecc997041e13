"""ffmpeg, as it is run here: only on files that we hand over, only into its own folder, and only for so long."""

import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import ffmpeg
import psutil
import pytest

from domain.errors import OutOfResources, SourceRefused, SourceUnavailable, Unwanted
from domain.media import Container, MediaLimits
from gateways.media.probe import Source, recognised
from gateways.media.runner import Job, _arguments, run_ffmpeg
from tests.gateways.media.making import MOVING, made
from tests.gateways.media.making import ffmpeg as make
from tests.gateways.test_processes import until

LIMITS = MediaLimits()
Sample = Callable[[str], Path]
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:%d/inner.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture
def endless(sample: Sample, tmp_path: Path) -> Job:
    """A file that is read again and again, into nothing."""
    graph = ffmpeg.input("source", stream_loop=-1, readrate=1)["0"].output("-", format="null")
    return Job(arguments=graph.compile(), sources={"source": recognised(sample("moving"))}, folder=tmp_path, seconds=1e6)


def tools() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if "ffmpeg" in each.name()]


def test_every_input_carries_our_walls(tmp_path):
    sources = {"one": Source(Path("/files/one"), Container.MOV), "two": Source(Path("/files/two"), Container.MATROSKA)}
    graph = ffmpeg.output(ffmpeg.input("one", ss=3)["0"], ffmpeg.input("two")["1"], "clip.mp4").compile()

    words = list(_arguments(Job(arguments=graph, sources=sources, folder=tmp_path, seconds=1), LIMITS))

    first, second = (at for at, word in enumerate(words) if word == "-i")
    for at, container, path in ((first, "mov", "/files/one"), (second, "matroska", "/files/two")):
        options = words[at - 14 : at]
        told = dict(zip(options[::2], options[1::2], strict=True))
        assert (told["-f"], told["-protocol_whitelist"], words[at + 1]) == (container, "file,pipe", f"file:{path}")
        assert (told["-max_pixels"], told["-max_streams"]) == ("35389440", "32")
        assert {"-probesize", "-analyzeduration"} <= told.keys()
    assert words[-3:] == ["-fs", "1000000000", "clip.mp4"]


@pytest.mark.parametrize("name", ["http://127.0.0.1:9/x.mp4", "concat:/etc/passwd", "/etc/passwd", "file:/etc/passwd", "other"])
def test_a_graph_cannot_name_an_input_of_its_own(tmp_path, name):
    graph = ffmpeg.input(name).output("clip.mp4").compile()

    with pytest.raises(ValueError, match="is no input of this job"):
        run_ffmpeg(Job(arguments=graph, sources={"source": Source(Path("/x"), Container.MOV)}, folder=tmp_path, seconds=1), LIMITS)


@pytest.mark.parametrize("name", ["/tmp/clip.mp4", "../clip.mp4", "http://127.0.0.1/x", "file:clip.mp4", "tcp:x"])
def test_a_graph_writes_into_its_folder_only(tmp_path, name):
    graph = ffmpeg.input("source").output(name).compile()

    with pytest.raises(ValueError, match="no plain file name"):
        run_ffmpeg(Job(arguments=graph, sources={"source": Source(Path("/x"), Container.MOV)}, folder=tmp_path, seconds=1), LIMITS)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("container", list(Container))
def test_a_playlist_is_never_followed(tmp_path, listening, container):
    path = tmp_path / "clip.mp4"
    path.write_bytes(PLAYLIST % listening.getsockname()[1])
    graph = ffmpeg.input("source").output("-", format="null").compile()

    with pytest.raises(SourceRefused, match=r"Invalid data|could not find codec parameters"):
        run_ffmpeg(Job(arguments=graph, sources={"source": Source(path, container)}, folder=tmp_path, seconds=1), LIMITS)
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_progress_comes_as_rising_shares(sample: Sample, tmp_path):
    shares: list[float] = []
    graph = ffmpeg.input("source", readrate=1.2)["0"].output("-", format="null").compile()

    run_ffmpeg(
        Job(arguments=graph, sources={"source": recognised(sample("moving"))}, folder=tmp_path, seconds=2.0), LIMITS, report=shares.append
    )

    assert shares == sorted(shares)
    assert 0 < shares[0] < 1
    assert shares[-1] == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("is_stopped", [False, True])
def test_an_unwanted_run_ends_even_where_it_was_stopped(endless: Job, is_stopped):
    seen: list[psutil.Process] = []

    def is_unwanted() -> bool:
        seen.extend(tools())
        for each in seen if is_stopped else ():
            each.send_signal(signal.SIGSTOP)
        return bool(seen)

    with pytest.raises(Unwanted):
        run_ffmpeg(endless, LIMITS, is_unwanted=is_unwanted)

    until(lambda: not any(each.is_running() for each in seen))


def test_an_endless_run_ends_at_its_time(endless: Job):
    with pytest.raises(SourceUnavailable, match="not done within 1 s"):
        run_ffmpeg(endless, replace(LIMITS, wall_seconds=1.0))

    assert tools() == []


def test_a_result_over_the_limit_is_no_success(sample: Sample, tmp_path):
    graph = ffmpeg.input("source")["0"].output("clip.mkv", **{"c:v": "rawvideo"}).compile()

    with pytest.raises(OutOfResources, match="larger than 500,000 bytes"):
        run_ffmpeg(
            Job(arguments=graph, sources={"source": recognised(sample("moving"))}, folder=tmp_path, seconds=2),
            replace(LIMITS, output_bytes=500_000),
        )


def test_too_little_memory_is_told_as_such(sample: Sample, tmp_path):
    graph = ffmpeg.input("source")["0"].filter("scale", 4096, 4096).output("-", format="null").compile()

    with pytest.raises(OutOfResources, match="260,000,000 bytes of memory"):
        run_ffmpeg(
            Job(arguments=graph, sources={"source": recognised(sample("moving"))}, folder=tmp_path, seconds=2),
            replace(LIMITS, memory_bytes=260_000_000),
        )


def test_a_picture_that_grows_in_the_middle_is_stopped_at_the_limit(tmp_path):
    """The index says small; the stream itself says otherwise, later."""
    small, large = made(tmp_path / "a.mkv", MOVING), made(tmp_path / "b.mkv", "testsrc2=s=1280x720:r=25:d=0.4")
    for each in (small, large):
        make("-i", str(each), "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "h264", str(each.with_suffix(".h264")))
    (tmp_path / "both.h264").write_bytes(small.with_suffix(".h264").read_bytes() + large.with_suffix(".h264").read_bytes())
    make("-i", str(tmp_path / "both.h264"), "-c", "copy", str(tmp_path / "grown.mkv"))
    graph = ffmpeg.input("source")["0"].output("clip.mkv", **{"c:v": "rawvideo"}).compile()
    job = Job(arguments=graph, sources={"source": Source(tmp_path / "grown.mkv", Container.MATROSKA)}, folder=tmp_path, seconds=2)

    run_ffmpeg(job, replace(LIMITS, pixels=320 * 180))

    # 50 small pictures and not one of the larger ones, scaled or not.
    assert (tmp_path / "clip.mkv").stat().st_size < 51 * 320 * 180 * 1.5
