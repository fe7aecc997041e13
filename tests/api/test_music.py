"""From a sound that is sent over HTTP to a clip that carries it: the real tools, and nothing between them played."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import av
import numpy as np
import pytest
from litestar.testing import TestClient

from api.app import create_app
from domain.media import Cue
from domain.ports import Platforms
from gateways.files.store import LocalFiles
from gateways.media.tools import StoredMedia
from services import checking, clips, sourcing, transcribing
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, make_parts
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.gateways.media.making import ffmpeg, made
from tests.media import vtt
from tests.services.alone import Alone

RATE = 48_000
SAID = (Cue(0.2, 1.8, "Listen to what lies below."), Cue(2.0, 3.8, "It is there all the time."))


@pytest.fixture
def caller(database: Database, urls: Urls, mine: Caller, dagster: FakeDagster, files: LocalFiles) -> Caller:
    """`member` at an app with real tools."""
    parts = replace(make_parts(database, urls.app, dagster, files), media_tools=StoredMedia(files))
    return Caller(TestClient(create_app(parts)), mine.credential)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A low voice that speaks for half of every second."""
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    voice = "aevalsrc='0.2*sin(2*PI*300*t)*lt(mod(t,1),0.5)':duration=4:sample_rate=48000"
    return made(path, "testsrc2=s=160x90:r=12:d=4", "-c:a", "aac", sound=voice).read_bytes()


@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_a_sound_that_was_sent_is_heard_in_the_clip(
    caller: Caller, database: Database, member: Member, files: LocalFiles, talk: bytes, tmp_path: Path, kind: str
) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=3000:duration=1", str(tmp_path / f"bed.{kind}"))
    bed = caller.call("POST", "/media?purpose=addition", files={"file": (f"bed.{kind}", (tmp_path / f"bed.{kind}").read_bytes())})
    form = {"file": ("talk.mp4", talk), "captions": ("talk.vtt", vtt(SAID))}
    sent = caller.call("POST", "/media?render=false&min_seconds=3&language=en", files=form).json()["media"]
    run(database, member, files, UUID(sent["request_id"]), is_rendered=False)
    part = {"media_id": sent["media_id"], "start_seconds": 0.2, "end_seconds": 3.8}

    job = caller.post("/clips/jobs", {"parts": [part], "look": {"music_media_id": bed.json()["media"]["media_id"], "music_db": -6}})
    run(database, member, files, UUID(job.json()["request_id"]), is_rendered=True)

    (clip,) = caller.get(f"/clips/jobs/{job.json()['request_id']}").json()["clips"]
    assert (bed.status_code, bed.json()["media"]["container"], clip["state"], clip["checks"]) == (201, kind, "rendered", clip["checks"])
    wave = wave_of(caller.get(f"/clips/{clip['clip_id']}/file").content, tmp_path)
    assert power_db(wave, 3000) > power_db(wave, 5000) + 30, "the bed is there"
    assert power_db(wave, 300) > power_db(wave, 3000), "below the voice"


def run(database: Database, member: Member, files: LocalFiles, request_id: UUID, *, is_rendered: bool) -> None:
    """The steps of its graph that this is about."""
    with database.begin(member.tenant_id) as uow:
        work = Alone(database, uow.requests.get(request_id))
    tools = StoredMedia(files)
    for each in sourcing.ready(work, files, tools, Platforms()):
        transcribing.read(work, tools, files, each.media_id)
    if is_rendered:
        clips.render_all(work, tools, files)
        checking.check_all(work, tools, files)


def wave_of(content: bytes, folder: Path) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    path = folder / f"{uuid4().hex}.mp4"
    path.write_bytes(content)
    with av.open(str(path)) as media:
        return np.concatenate([frame.to_ndarray()[0] for frame in media.decode(audio=0)])


def power_db(wave: np.ndarray[tuple[int], np.dtype[np.float32]], hertz: float) -> float:
    """Within 20 Hz of a pitch, over all of it."""
    spectrum = np.abs(np.fft.rfft(wave)) ** 2
    pitches = np.fft.rfftfreq(len(wave), 1 / RATE)
    return float(10 * np.log10(spectrum[np.abs(pitches - hertz) < 20].mean() + 1e-12))
