"""Media fetched by yt-dlp in a process of its own: it plays, it is bounded, it knows nothing of us, and it ends when nobody wants it."""

import os
from dataclasses import replace

import av
import psutil
import pytest

from domain.errors import OutOfResources, SourceRefused, SourceUnavailable, Unwanted
from gateways.downloads.media import YtDlpMedia
from sandbox.faults import Fault
from sandbox.world import Post, State
from sandbox.youtube_pages.watch import HEAT_MARKS, HEAT_VIEWS

BYTES, SECONDS = 5_000_000, 3600.0
MEDIA = r"googlevideo\.com|webapp-prime\.tiktok\.com"


def never() -> bool:
    return False


@pytest.fixture
def media(options):
    return YtDlpMedia(options, wall_seconds=30)


def link(loop, platform: str, place: int = 0) -> str:
    post = loop.public(loop.creator(platform))[place]
    return f"https://www.tiktok.com/@xy/video/{post.native_id}" if platform == "tiktok" else f"https://youtu.be/{post.native_id}"


@pytest.mark.parametrize("platform", ["tiktok", "youtube"])
def test_a_video_is_fetched_and_plays(media, loop, tmp_path, platform):
    path = media.fetch(link(loop, platform), folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=never).path

    with av.open(str(path)) as opened:
        assert {stream.type for stream in opened.streams} == {"video", "audio"}
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.name.startswith(f"{platform}-")
    assert loop.refused == []


def by_views(loop) -> list[Post]:
    """YouTube's, the least viewed first."""
    return sorted(loop.world.all_posts("youtube", at=loop.clock.now()), key=lambda post: loop.world.seen(post, at=loop.clock.now()).views)


def test_a_heat_map_comes_with_the_video_and_costs_no_request(media, youtube, loop, tmp_path, errand):
    shown = by_views(loop)[-1]
    loop.desk.log.clear()

    told = media.fetch(f"https://youtu.be/{shown.native_id}", folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=never)

    assert len(told.heat) == HEAT_MARKS
    assert sorted(path.partition("?")[0] for _, _, path in loop.desk.log) == ["/videoplayback", "/watch", "/youtubei/v1/player"]
    assert list(told.heat) == youtube.heatmap(shown.native_id, errand)


def test_a_video_without_a_heat_map_is_told_from_one_whose_heat_map_nobody_saw(media, loop, tmp_path):
    shown = by_views(loop)[0]
    assert loop.world.seen(shown, at=loop.clock.now()).views < HEAT_VIEWS

    told = [
        media.fetch(url, folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=never).heat
        for url in (f"https://youtu.be/{shown.native_id}", link(loop, "tiktok"))
    ]

    assert told == [(), None]


def test_a_connection_that_breaks_is_taken_up_again(media, loop, tmp_path):
    loop.desk.faults.add(Fault(MEDIA, "cut", times=2))

    path = media.fetch(link(loop, "youtube"), folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=never).path

    with av.open(str(path)) as opened:
        assert opened.duration


@pytest.mark.parametrize(("limits", "why"), [((1000, SECONDS), "larger than"), ((BYTES, 1.0), "longer than")])
def test_what_is_too_large_or_too_long_is_left(media, loop, tmp_path, limits, why):
    with pytest.raises(OutOfResources, match=why):
        media.fetch(link(loop, "youtube"), folder=tmp_path, limit_bytes=limits[0], limit_seconds=limits[1], is_unwanted=never)

    assert list(tmp_path.iterdir()) == []


def test_media_that_nobody_wants_any_more_is_ended(media, loop, tmp_path):
    loop.desk.faults.add(Fault(MEDIA, "drip", seconds=60))
    asked = []

    def is_unwanted() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Unwanted):
        media.fetch(link(loop, "youtube"), folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=is_unwanted)

    assert list(tmp_path.iterdir()) == []
    assert [child for child in psutil.Process().children(recursive=True) if "program.py" in " ".join(child.cmdline())] == []


def test_media_that_takes_too_long_is_ended(options, loop, tmp_path):
    loop.desk.faults.add(Fault(MEDIA, "drip", seconds=60))

    with pytest.raises(SourceUnavailable) as caught:
        YtDlpMedia(options, wall_seconds=1.5).fetch(
            link(loop, "youtube"), folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=never
        )

    assert (caught.value.category, list(tmp_path.iterdir())) == ("network", [])


def test_a_refusal_comes_out_of_the_process_as_it_was(media, loop, tmp_path):
    post = loop.one("youtube", State.PRIVATE)

    with pytest.raises(SourceRefused) as caught:
        media.fetch(f"https://youtu.be/{post.native_id}", folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=never)

    assert caught.value.category == "private"


@pytest.mark.parametrize("url", ["https://example.org/a.mp4", "https://www.instagram.com/p/AAAAAAA/", "https://www.tiktok.com/@x"])
def test_only_videos_of_known_platforms_are_fetched(media, tmp_path, url):
    with pytest.raises(SourceRefused) as caught:
        media.fetch(url, folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=never)

    assert caught.value.category == "invalid_url"


def test_the_process_knows_no_secret_of_ours(options, loop, tmp_path, monkeypatch):
    monkeypatch.setenv("WHYRAL_SECRET_KEY", "not-for-others")
    loop.desk.faults.add(Fault(MEDIA, "drip", seconds=60))
    seen: list[dict[str, str]] = []
    lines: list[str] = []

    def look() -> bool:
        for child in psutil.Process().children(recursive=True):
            if "program.py" in " ".join(child.cmdline()):
                seen.append(child.environ())
                lines.append(" ".join(child.cmdline()))
        return bool(seen)

    secret = replace(options, proxy=options.proxy.replace("http://", "http://user:hunter2@"))
    with pytest.raises(Unwanted):
        YtDlpMedia(secret).fetch(link(loop, "youtube"), folder=tmp_path, limit_bytes=BYTES, limit_seconds=SECONDS, is_unwanted=look)

    assert not any("not-for-others" in value for each in seen for value in each.values())
    assert "hunter2" not in " ".join(lines)
    assert "WHYRAL_SECRET_KEY" in os.environ
