"""Measures of pictures that we drew ourselves, so that we know what is on them; and files that are no pictures, or mean harm."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from domain.errors import SourceRefused
from domain.pixels import Pixels
from domain.thumbnails import Measures
from gateways.images import MOST_BYTES, measure, size_of
from sandbox.pictures import Look, draw, png


def plain(*color: int, size: tuple[int, int] = (480, 270)) -> Pixels:
    """Blue, green, red."""
    return np.full((size[1], size[0], 3), color, dtype=np.uint8)


def packed(picture: Pixels, kind: str = ".png") -> bytes:
    return bytes(cv2.imencode(kind, picture)[1])


def written(picture: Pixels, text: str, *, scale: float, at: tuple[int, int] = (12, 150)) -> float:
    """Writes on the picture; the share of its area that the writing's box has."""
    thick = max(2, round(2.5 * scale))
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thick, cv2.LINE_AA)
    return width * height / picture[:, :, 0].size


def noise(seed: int) -> Pixels:
    """Soft clouds with grain, as a photograph of nothing has them."""
    rng = np.random.default_rng(seed)
    clouds = sum(cv2.GaussianBlur(rng.normal(0, 12 * width, (270, 480, 3)), (0, 0), width) for width in (2, 6, 25))
    grainy = clouds + rng.normal(0, 1, (270, 480, 3))
    return np.asarray((grainy - grainy.min()) / np.ptp(grainy) * 255, dtype=np.uint8)


@pytest.mark.parametrize("kind", [".png", ".jpg", ".webp"])
def test_a_plain_picture_is_as_bright_as_it_was_drawn_and_shows_nothing_else(kind: str) -> None:
    found = measure(packed(plain(128, 128, 128), kind))

    assert (found.width, found.height, found.faces, found.text_share) == (480, 270, 0, 0.0)
    assert found.brightness == pytest.approx(128 / 255, abs=0.005)
    assert found.contrast == pytest.approx(0, abs=0.01)
    assert found.colourfulness == pytest.approx(0, abs=0.01)


def test_black_is_dark_white_is_bright_and_half_of_each_is_the_most_contrast() -> None:
    half = plain(0, 0, 0)
    half[:, 240:] = 255

    black, white, both = (measure(packed(each)) for each in (plain(0, 0, 0), plain(255, 255, 255), half))

    assert (black.brightness, white.brightness) == (0.0, 1.0)
    assert both.contrast == pytest.approx(1, abs=0.01)
    assert both.brightness == pytest.approx(0.5, abs=0.01)


def test_colourfulness_is_what_its_authors_defined() -> None:
    quarters = plain(0, 0, 255)
    quarters[:, 240:] = (255, 0, 0)
    # Red and blue side by side: rg is 255 and 0, yb 127.5 and -255.
    spread = np.hypot(np.std([255.0, 0.0]), np.std([127.5, -255.0]))
    mean = np.hypot(127.5, -63.75)

    assert measure(packed(quarters)).colourfulness == pytest.approx((spread + 0.3 * mean) / 100, rel=0.01)


@pytest.mark.parametrize("faces", [0, 1, 2])
@pytest.mark.parametrize("size", [(320, 180), (180, 320)])
def test_faces_that_were_drawn_are_counted(faces: int, size: tuple[int, int]) -> None:
    assert measure(png(draw(Look((95, 100, 90), faces, size)))).faces == faces


@pytest.mark.parametrize(("text", "scale"), [("WHY BREAD RISES", 1.0), ("WHY BREAD RISES", 1.5), ("WHY BREAD", 2.5)])
@pytest.mark.parametrize("seed", [None, 3])
def test_writing_covers_about_as_much_as_was_written(text: str, scale: float, seed: int | None) -> None:
    picture = plain(90, 90, 90) if seed is None else noise(seed)
    drawn = written(picture, text, scale=scale)

    assert measure(packed(picture, ".jpg")).text_share == pytest.approx(drawn, rel=0.35)


def test_clouds_faces_and_shapes_are_no_writing() -> None:
    shapes, rng = plain(60, 60, 60), np.random.default_rng(1)
    for _ in range(20):
        x, y, radius = (int(each) for each in rng.integers((0, 0, 5), (480, 270, 60)))
        cv2.circle(shapes, (x, y), radius, tuple(int(each) for each in rng.integers(0, 255, 3)), -1)
    pictures = [packed(shapes), png(draw(Look((95, 100, 90), 2, (320, 180)))), *(packed(noise(seed)) for seed in range(2))]

    assert [measure(each).text_share for each in pictures] == [0.0] * len(pictures)


def test_the_size_in_which_a_picture_comes_hardly_matters() -> None:
    large = noise(5)
    written(large, "LARGE OR SMALL", scale=1.2)
    twice = cv2.resize(large, (960, 540), interpolation=cv2.INTER_CUBIC)

    first, second = measure(packed(large)), measure(packed(np.asarray(twice, dtype=np.uint8)))

    for name in ("brightness", "contrast", "colourfulness", "text_share"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), rel=0.1), name


def test_black_bars_around_a_wide_picture_are_no_part_of_it() -> None:
    barred = plain(0, 0, 0, size=(480, 360))
    barred[45:315] = 200
    dark = plain(0, 0, 0, size=(480, 360))
    dark[160:200] = 200

    assert measure(packed(barred, ".jpg")).brightness == pytest.approx(200 / 255, abs=0.02)
    assert measure(packed(dark)).brightness < 0.2


def test_the_same_bytes_measure_the_same() -> None:
    content = packed(noise(2), ".jpg")

    assert measure(content) == measure(content)
    assert isinstance(measure(content), Measures)


def png_head(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it is that large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(100))
    parts = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(what)) + name + what + struct.pack(">I", zlib.crc32(name + what)) for name, what in parts
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "neither"),
        (b"<html>not found</html>", "neither"),
        (b"GIF89a" + bytes(50), "neither"),
        (b"\x00\x00\x00\x20ftypavif" + bytes(50), "neither"),
        (b"\xff\xd8", "ends too early"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "ends too early"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00", "ends too early"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "ends too early"),
        (b"RIFF\x10\x00\x00\x00WEBPXXXX" + bytes(20), "unknown kind"),
        (png_head(100_000, 100_000), "100000 x 100000"),
        (png_head(9_000, 20), "9000 x 20"),
        (png_head(1, 1), "shows nothing"),
        (png_head(64, 64), "cannot be decoded"),
        (packed(plain(1, 2, 3)) + bytes(MOST_BYTES), "larger than"),
    ],
)
def test_what_is_no_picture_has_a_reason_and_no_figures(content: bytes, reason: str) -> None:
    with pytest.raises(SourceRefused, match=reason):
        measure(content)


@pytest.mark.parametrize("kind", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("share", [0.3, 0.95])
def test_a_picture_that_was_cut_off_is_not_measured(kind: str, share: float) -> None:
    whole = packed(noise(4), kind)

    with pytest.raises(SourceRefused):
        measure(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("kind", [".png", ".jpg", ".webp"])
def test_any_spoiled_byte_ends_in_figures_or_a_reason(kind: str) -> None:
    rng, whole = np.random.default_rng(8), packed(plain(40, 90, 160, size=(64, 48)), kind)

    for _ in range(60):
        spoiled = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            spoiled[place] = int(rng.integers(0, 256))
        try:
            found = measure(bytes(spoiled))
        except SourceRefused:
            continue
        assert 0 <= found.brightness <= 1


@pytest.mark.parametrize("kind", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("size", [(16, 16), (17, 300), (640, 360)])
def test_a_size_is_read_before_anything_is_decoded(kind: str, size: tuple[int, int]) -> None:
    assert size_of(packed(plain(9, 9, 9, size=size), kind)) == size
