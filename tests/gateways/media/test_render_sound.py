"""The sound of a rendered clip, measured on the finished file."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import MOVING, ffmpeg, frames, loudness, made, video_of

Sample = Callable[[str], Path]


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


def test_sound_that_ended_before_the_cut_is_silence(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "ended.mp4", MOVING, sound="sine=duration=0.8")

    clip, path = stored.render(source, start_seconds=1.2, end_seconds=1.6)

    assert (clip.loudness_lufs, len(frames(path))) == (None, 10)
