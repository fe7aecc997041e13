"""Clips, rendered and looked at: pictures decoded, sound measured, the file's boxes read."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from domain.errors import NotFound, OutOfResources, SourceRefused, Unacceptable, Unwanted
from domain.media import ClipPlan, Cue, MediaLimits
from domain.ports import MediaTools
from gateways.media.captions import script
from gateways.media.glyphs import FONTS
from gateways.media.picture import picture
from gateways.media.probe import recognised
from gateways.media.render import CAPTION_ENVIRONMENT
from gateways.media.runner import Job, run_ffmpeg
from gateways.media.tools import StoredMedia
from tests.gateways.media.conftest import TENANT, TONE, Bench
from tests.gateways.media.making import (
    BLUE,
    GRAY,
    MOVING,
    RED,
    SMALL,
    boxes,
    color_at,
    ffmpeg,
    first_frame,
    frames,
    is_near,
    loudness,
    made,
)

Sample = Callable[[str], Path]
# A landscape picture stands between these shares of the height of a 9:16 frame.
TOP, BOTTOM = 0.342, 0.658


def plan(**change: Any) -> ClipPlan:
    words = {"start_seconds": 0.0, "end_seconds": 2.0, "video_index": 0, "audio_index": 1, "captions": (), **SMALL}
    return ClipPlan(**{**words, **change})


def video_of(path: Path) -> tuple[av.video.stream.VideoStream, av.audio.stream.AudioStream]:
    media = av.open(str(path))
    return media.streams.video[0], media.streams.audio[0]


def test_a_clip_is_what_the_platforms_want(stored: Bench, sample: Sample):
    clip, path = stored.clip(sample("moving"))

    video, audio = video_of(path)
    assert (video.codec_context.name, video.profile, video.codec_context.pix_fmt) == ("h264", "High", "yuv420p")
    assert (video.width, video.height, str(video.sample_aspect_ratio)) == (270, 480, "1")
    assert (video.codec_context.color_primaries, video.codec_context.color_trc, video.codec_context.colorspace) == (1, 1, 1)
    assert (audio.codec_context.name, audio.codec_context.sample_rate, audio.codec_context.channels) == ("aac", 48000, 2)
    assert [name for name in boxes(path) if name != "free"] == ["ftyp", "moov", "mdat"]
    assert (clip.width, clip.height) == (270, 480)
    assert clip.seconds == pytest.approx(1.0, abs=0.05)


def test_a_clip_is_kept_under_its_content_and_nothing_else_is(stored: Bench, sample: Sample):
    port: MediaTools = stored.media
    clip, path = stored.clip(sample("moving"))

    assert isinstance(port, MediaTools)
    assert clip.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert clip.size_bytes == path.stat().st_size
    assert stored.left == []


def test_the_same_plan_makes_the_same_bytes(stored: Bench, sample: Sample):
    first, second = (stored.render(sample("moving"), end_seconds=0.2)[0] for _ in range(2))

    assert first.key == second.key


def test_shares_rise_to_one(stored: Bench, sample: Sample):
    shares: list[float] = []
    key = stored.key(sample("moving"))

    stored.media.render(TENANT, key, plan(end_seconds=0.2), report=shares.append, is_unwanted=lambda: False)

    assert shares == sorted(shares)
    assert (shares[0] > 0, shares[-1]) == (True, 1.0)


@pytest.mark.parametrize(
    ("kind", "red", "blue"),
    [
        ("marked", (0.05, TOP + 0.02), (0.95, BOTTOM - 0.02)),
        ("turned 180", (0.95, BOTTOM - 0.02), (0.05, TOP + 0.02)),
        ("turned 90", (0.05, 0.95), (0.95, 0.05)),
        ("turned 270", (0.95, 0.05), (0.05, 0.95)),
    ],
)
def test_a_turned_source_ends_upright(stored: Bench, sample: Sample, kind, red, blue):
    _, path = stored.clip(sample(kind), end_seconds=0.2)

    picture = first_frame(path)
    assert is_near(color_at(picture, *red), RED)
    assert is_near(color_at(picture, *blue), BLUE)
    assert is_near(color_at(picture, 0.5, 0.5), GRAY)


def test_wide_pixels_are_made_square(stored: Bench, sample: Sample):
    _, path = stored.clip(sample("wide pixels"), end_seconds=0.2)

    # 320x180 at 4:3 is shown as 427x180: the picture is 114 of 480 pixels high, from 183 to 297.
    picture = first_frame(path)
    assert is_near(color_at(picture, 0.05, 190 / 480), RED)
    assert is_near(color_at(picture, 0.95, 290 / 480), BLUE)
    assert not is_near(color_at(picture, 0.05, 175 / 480), RED)


@pytest.mark.parametrize("kind", ["ten bit", "marked"])
def test_colors_come_out_as_they_went_in(stored: Bench, sample: Sample, kind):
    _, path = stored.clip(sample(kind), end_seconds=0.2)

    picture = first_frame(path)
    assert is_near(color_at(picture, 0.05, TOP + 0.02), RED, within=12)
    assert is_near(color_at(picture, 0.5, 0.5), GRAY, within=4)


@pytest.mark.parametrize(("kind", "white_at"), [("pq", 0.58), ("hlg", 0.75)])
def test_hdr_keeps_its_middle_and_its_white(stored: Bench, sample: Sample, kind, white_at):
    """Not mapped at all, PQ's middle gray would be 38 % and its white 58 %; washed out, black would be gray."""
    _, path = stored.clip(sample(kind))

    middle, black, white = (color_at(first_frame(path), x, 0.5)[0] / 255 for x in (0.38, 0.0, white_at))
    assert black < 0.03
    assert 0.36 < middle < 0.50
    assert 0.78 < white < 0.95
    assert video_of(path)[0].codec_context.color_trc == 1


def test_the_background_is_the_picture_blurred_and_darker(stored: Bench, sample: Sample):
    _, path = stored.clip(sample("moving"), end_seconds=0.2)

    picture = first_frame(path).astype(float)
    inside, outside = picture[170:310], picture[20:150]
    steps = [float(np.abs(np.diff(part, axis=1)).max()) for part in (inside, outside)]
    assert outside.mean() > 20  # not black
    assert outside.mean() < 0.95 * inside.mean()
    assert steps[1] < 0.25 * steps[0]


def test_an_upright_source_fills_the_frame(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "upright.mp4", "color=red:s=90x160:r=25:d=0.2")

    _, path = stored.clip(source)

    assert all(is_near(color_at(first_frame(path), x, y), RED) for x in (0.02, 0.98) for y in (0.02, 0.5, 0.98))


@pytest.mark.parametrize(
    ("kind", "rate", "count"),
    [("uneven", Fraction(47, 2), 24), ("fast", Fraction(60000, 1001), 30), ("slides", Fraction(30), 30), ("moving", Fraction(25), 25)],
)
def test_every_rate_becomes_a_constant_one(stored: Bench, sample: Sample, kind, rate, count):
    _, path = stored.clip(sample(kind))

    video, _ = video_of(path)
    with av.open(str(path)) as media:
        times = sorted(packet.pts for packet in media.demux(video=0) if packet.pts is not None)
    assert video.average_rate == pytest.approx(rate, rel=0.001)
    assert len(times) == pytest.approx(count, abs=2)
    assert len(set(np.diff(times))) == 1


def test_a_cut_begins_at_its_very_picture(stored: Bench, tmp_path: Path):
    """One key frame at the start only: each picture says by its gray in which fifth of a second it belongs."""
    source = made(tmp_path / "steps.mp4", "color=black:s=90x160:r=25:d=2,geq=lum='20+20*floor(T*5)':cb=128:cr=128", "-g", "500")

    clip, path = stored.clip(source, start_seconds=1.0, end_seconds=1.6)

    grays = [int(picture[240, 135, 0]) for picture in frames(path)]
    wanted = [round((20 + 20 * step - 16) * 255 / 219) for step in (5, 6, 7)]
    assert len(grays) == 15
    assert [grays[at] for at in (0, 4, 5, 9, 10, 14)] == [pytest.approx(wanted[at // 5], abs=4) for at in (0, 4, 5, 9, 10, 14)]
    assert clip.seconds == pytest.approx(0.6, abs=0.05)


def test_sound_and_picture_stay_together(stored: Bench, tmp_path: Path):
    """A flash and a beep at 1.0 s; the sound begins late in the file, as recordings do."""
    flash = "color=black:s=90x160:r=25:d=2,drawbox=enable='between(t,1,1.1)':color=white:t=fill"
    beep = "aevalsrc='if(between(t,0.5,0.6),0.5*sin(2*PI*1000*t),0)':duration=1.5:sample_rate=48000"
    made(tmp_path / "flash.mkv", flash)
    ffmpeg("-f", "lavfi", "-i", beep, "-c:a", "pcm_s16le", str(tmp_path / "beep.wav"))
    source = tmp_path / "both.mkv"
    ffmpeg("-i", str(tmp_path / "flash.mkv"), "-itsoffset", "0.5", "-i", str(tmp_path / "beep.wav"), "-c", "copy", str(source))

    _, path = stored.clip(source, start_seconds=0.2, end_seconds=2.0)

    lit = next(number for number, picture in enumerate(frames(path)) if picture.mean() > 128) / 25
    with av.open(str(path)) as media:
        parts = [(frame.time, frame.to_ndarray()[0]) for frame in media.decode(audio=0)]
    heard = next(float(time or 0) + int(np.argmax(np.abs(wave) > 0.1)) / 48000 for time, wave in parts if np.abs(wave).max() > 0.1)
    assert lit == pytest.approx(0.8, abs=0.041)
    assert heard == pytest.approx(0.8, abs=0.02)


CAPTION = Cue(0.2, 0.6, "Readable words on two lines of the picture")


def difference(stored: Bench, source: Path, *cues: Cue, **plan: Any) -> np.ndarray[Any, Any]:
    """How much each pixel differs between the clip with captions and the one without, by frame."""
    shown, plain = (stored.clip(source, captions=captions, **plan)[1] for captions in (cues, ()))
    return np.array(
        [np.abs(one.astype(int) - other).max(axis=2) for one, other in zip(frames(shown), frames(plain), strict=True)], dtype=int
    )


def test_captions_are_drawn_at_their_time_inside_the_safe_area(stored: Bench, sample: Sample):
    changed = difference(stored, sample("marked"), CAPTION, end_seconds=0.8) > 100

    lit = changed.any(axis=(1, 2))
    rows, columns = np.nonzero(changed.any(axis=0))
    assert list(np.flatnonzero(lit)) == list(range(5, 15))
    assert rows.min() / 480 > 0.60
    assert rows.max() / 480 <= 0.76
    assert columns.min() / 270 > 0.10
    assert columns.max() / 270 < 0.90


@pytest.mark.parametrize("text", ["W" * 80, "{\\an8}{\\pos(10,10)}{\\fs200}top", "\\N" * 30 + "x", "word " * 60])
def test_no_caption_leaves_the_safe_area(stored: Bench, sample: Sample, text):
    changed = difference(stored, sample("marked"), Cue(0, 0.2, text), end_seconds=0.2) > 100

    rows, columns = np.nonzero(changed.any(axis=0))
    assert len(rows) > 20
    assert rows.min() / 480 > 0.55
    assert rows.max() / 480 <= 0.76
    assert columns.min() / 270 > 0.09
    assert columns.max() / 270 < 0.91


def test_captions_are_written_in_our_own_font_without_any_of_the_system(stored: Bench, sample: Sample, tmp_path: Path):
    """In the runner's own environment; at its usual level ffmpeg does not tell fonts, so the graph is run once more, talking."""
    (tmp_path / "captions.ass").write_text(script((Cue(0, 1, "Words"),), 270, 480), encoding="utf-8")
    (tmp_path / "fonts").symlink_to(FONTS)
    graph = picture(stored.probe(sample("moving")).video[0], plan(), has_captions=True).output("-", format="null", loglevel="verbose")
    job = Job(
        arguments=graph.compile(),
        sources={"source": recognised(sample("moving"))},
        folder=tmp_path,
        seconds=2,
        environment=CAPTION_ENVIRONMENT,
    )

    said = run_ffmpeg(job, MediaLimits())

    assert "Loading font file 'fonts/DejaVuSans-Bold.ttf'" in said
    assert "fontselect: (DejaVu Sans, 700, 0) -> DejaVuSans-Bold" in said
    assert "/usr/share/fonts" not in said


@pytest.mark.parametrize("kind", ["moving", "surround", "mono", "clicks"])
def test_sound_comes_out_as_loud_as_the_platforms_play_it(stored: Bench, sample: Sample, kind):
    clip, path = stored.clip(sample(kind))

    heard = loudness(path)
    assert heard.lufs == pytest.approx(-14.0, abs=1.0)
    assert heard.peak_dbtp <= -1.0
    assert clip.loudness_lufs == pytest.approx(heard.lufs, abs=0.1)


@pytest.mark.parametrize("kind", ["silent", "no sound"])
def test_a_clip_without_sound_has_a_silent_track(stored: Bench, sample: Sample, kind):
    clip, path = stored.clip(sample(kind))

    _, audio = video_of(path)
    assert clip.loudness_lufs is None
    assert (audio.codec_context.name, audio.codec_context.channels) == ("aac", 2)
    assert (audio.duration or 0) / 48000 == pytest.approx(1.0, abs=0.05)
    assert loudness(path).peak_dbtp < -80


def test_noise_is_not_made_loud(stored: Bench, sample: Sample):
    clip, path = stored.clip(sample("quiet"))

    assert clip.loudness_lufs == pytest.approx(loudness(path).lufs, abs=0.2)
    assert clip.loudness_lufs is not None
    assert clip.loudness_lufs < -54


def test_the_center_of_surround_sound_is_heard_on_both_sides(stored: Bench, sample: Sample):
    """The source has its voice in the center, and a rumble in the LFE that stereo leaves out."""
    _, path = stored.clip(sample("surround"))

    with av.open(str(path)) as media:
        wave = np.concatenate([frame.to_ndarray() for frame in media.decode(audio=0)], axis=1)[:, 4800:-4800]
    powers = np.abs(np.fft.rfft(wave, axis=1)) ** 2
    at = np.fft.rfftfreq(wave.shape[1], 1 / 48000)
    voice, rumble = (powers[:, np.abs(at - pitch) < 5].sum(axis=1) for pitch in (440, 50))
    assert voice[0] == pytest.approx(voice[1], rel=0.05)
    assert all(rumble < 0.001 * voice)


def test_nothing_that_the_source_tells_about_its_maker_is_kept(stored: Bench, sample: Sample, tmp_path: Path):
    (tmp_path / "chapters.txt").write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=Secret chapter\n")
    source = tmp_path / "told.mp4"
    ffmpeg(
        "-i", str(sample("moving")), "-i", str(tmp_path / "chapters.txt"), "-map_metadata", "1", "-map", "0", "-c", "copy",
        "-metadata", "title=Secret title", "-metadata", "location=+48.1+011.5/", "-metadata:s:v", "handler_name=Secret phone", str(source),
    )  # fmt: skip
    assert b"Secret" in source.read_bytes()

    _, path = stored.clip(source, end_seconds=0.2)

    content = path.read_bytes()
    assert not any(word in content for word in (b"Secret", b"+48.1", b"Lavf"))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"video_index": 1}, "video_index"),
        ({"audio_index": 0}, "audio_index"),
        ({"start_seconds": 2.5, "end_seconds": 3.0}, "start_seconds"),
        ({"start_seconds": -1.0}, "start_seconds"),
        ({"start_seconds": 1.0, "end_seconds": 0.5}, "start_seconds"),
        ({"end_seconds": 9.0}, "end_seconds"),
    ],
)
def test_a_plan_that_does_not_fit_the_file_is_refused_by_field(stored: Bench, sample: Sample, change, pointer):
    with pytest.raises(Unacceptable) as refusal:
        stored.render(sample("moving"), **change)

    assert pointer in [each.pointer for each in refusal.value.problems]
    assert stored.left == []


def test_a_clip_that_nobody_wants_any_more_leaves_nothing(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "long.mp4", "testsrc2=s=160x90:r=25:d=20", sound="sine=duration=20")
    key = stored.key(source)
    shares: list[float] = []
    before = set(stored.files._root.rglob("*"))

    def is_unwanted() -> bool:
        return bool(shares)  # once the sound is done, and the picture on its way

    with pytest.raises(Unwanted):
        stored.media.render(TENANT, key, plan(end_seconds=20.0, width=1080, height=1920), report=shares.append, is_unwanted=is_unwanted)

    assert 0 < shares[-1] < 0.98
    assert stored.left == []
    assert set(stored.files._root.rglob("*")) == before


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [({"output_bytes": 20_000}, "larger than 20,000 bytes"), ({"cpu_seconds": 1}, "1 s of processor time")],
)
def test_a_clip_over_a_limit_fails_by_its_name_and_leaves_nothing(stored: Bench, sample: Sample, limits, sentence):
    media = StoredMedia(stored.files, replace(MediaLimits(), **limits))

    with pytest.raises(OutOfResources, match=sentence):
        media.render(TENANT, stored.key(sample("moving")), plan(width=1080, height=1920), report=lambda _: None, is_unwanted=lambda: False)

    assert stored.left == []


def test_a_source_that_breaks_off_in_the_middle_is_refused(stored: Bench, sample: Sample, tmp_path: Path):
    """Its index stands at the beginning and promises two seconds."""
    whole = tmp_path / "whole.mp4"
    ffmpeg("-i", str(sample("moving")), "-c", "copy", "-movflags", "+faststart", str(whole))
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])

    with pytest.raises(SourceRefused, match=r"instead of 2\.0 s: the source is damaged or breaks off"):
        stored.render(torn, end_seconds=2.0, audio_index=None)

    assert stored.left == []


def test_sound_that_ended_before_the_cut_is_silence(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "ended.mp4", MOVING, sound="sine=duration=0.8")

    clip, path = stored.render(source, start_seconds=1.2, end_seconds=1.6)

    assert (clip.loudness_lufs, len(frames(path))) == (None, 10)


def test_a_cut_behind_the_last_picture_is_refused(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "sound.mp4", "color=gray:s=64x64:r=25:d=0.4", sound=TONE)

    with pytest.raises(Unacceptable) as refusal:
        stored.render(source, start_seconds=1.2, end_seconds=1.6)

    assert [each.pointer for each in refusal.value.problems] == ["start_seconds"]


def test_a_source_that_changes_its_size_keeps_its_time(stored: Bench, tmp_path: Path):
    """As recordings of a call do; ffmpeg builds its graph anew there."""
    parts = [made(tmp_path / f"{width}.h264", f"testsrc2=s={width}x90:r=25:d=0.6") for width in (160, 120)]
    (tmp_path / "both.h264").write_bytes(b"".join(part.read_bytes() for part in parts))
    source = tmp_path / "both.mkv"
    ffmpeg("-r", "25", "-i", str(tmp_path / "both.h264"), "-c", "copy", str(source))

    clip, path = stored.render(source, end_seconds=1.2)

    assert clip.seconds == pytest.approx(1.2, abs=0.05)
    assert len(frames(path)) == 30


def test_wide_colors_without_hdr_keep_their_white(stored: Bench, tmp_path: Path):
    path = tmp_path / "wide.mp4"
    colors = "log-level=none:colorprim=bt2020:transfer=bt2020-10:colormatrix=bt2020nc"
    white = "color=white:s=160x91:r=25:d=0.1,format=yuv444p10le"
    ffmpeg("-f", "lavfi", "-i", white, "-c:v", "libx265", "-x265-params", colors, "-tag:v", "hvc1", str(path))

    _, clip = stored.render(path)

    assert stored.probe(path).video[0].has_wide_colors
    assert is_near(color_at(first_frame(clip), 0.5, 0.5), (255, 255, 255), within=4)


def test_a_clip_of_what_is_not_kept_is_not_found(stored: Bench):
    with pytest.raises(NotFound):
        stored.media.render(TENANT, f"{TENANT}/ab/{'ab' * 32}", plan(), report=lambda _: None, is_unwanted=lambda: False)


def test_a_clip_in_full_size(stored: Bench, sample: Sample):
    clip, path = stored.clip(sample("moving"), end_seconds=0.4, width=1080, height=1920, captions=(Cue(0, 0.4, "Full size"),))

    assert (clip.width, clip.height) == (1080, 1920)
    assert first_frame(path).shape == (1920, 1080, 3)
