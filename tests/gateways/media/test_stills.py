"""One frame as a small picture."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from domain.errors import NotFound, Unacceptable
from tests.gateways.media.conftest import TENANT, Bench

Sample = Callable[[str], Path]


def size_of(picture: bytes, folder: Path) -> tuple[int, int]:
    path = folder / "still.jpg"
    path.write_bytes(picture)
    with av.open(str(path)) as found:
        stream = found.streams.video[0]
        return stream.width, stream.height


@pytest.mark.parametrize("at_seconds", [-1.0, 0.5, 900.0])
def test_a_frame_is_a_small_jpeg_whatever_the_moment(stored: Bench, sample: Sample, tmp_path: Path, at_seconds: float) -> None:
    picture = stored.media.thumbnail(stored.key(sample("moving")), at_seconds=at_seconds, width=96)

    assert picture.startswith(b"\xff\xd8\xff")
    assert size_of(picture, tmp_path)[0] == 96
    assert stored.left == []


def test_the_same_moment_is_the_same_picture_and_another_is_another(stored: Bench, sample: Sample) -> None:
    key = stored.key(sample("moving"))

    first, again, later = (stored.media.thumbnail(key, at_seconds=at, width=96) for at in (0.2, 0.2, 1.6))

    assert first == again != later


def test_what_is_no_video_has_no_frame(stored: Bench) -> None:
    text = stored.files.put(TENANT, [b"no video"], limit_bytes=99)

    with pytest.raises(Unacceptable):
        stored.media.thumbnail(text.key, at_seconds=0)
    with pytest.raises(NotFound):
        stored.media.thumbnail(text.key.replace(text.sha256, "0" * 64).replace(f"/{text.sha256[:2]}/", "/00/"), at_seconds=0)
