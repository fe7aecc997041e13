"""A composed talk of two people through the whole chain, with the real tools; its clip is looked at picture by picture."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from domain.clips.asked import Wanted
from domain.clips.look import Layout
from domain.clips.states import ClipState
from gateways.media.tools import StoredMedia
from sandbox.interview import Interview, write_interview
from sandbox.interview_text import GUEST, HOST, Line, Subject
from tests.assets.conftest import Graph
from tests.assets.looking import cuts, face_of, frames, marked_rows

LINES = (
    Line(HOST, "How do bees decide where to live?"),
    Line(GUEST, "Scouts look at ten hollow trees, and dance.", is_close=True),
    Line(HOST, "Nobody leads."),
)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Interview:
    return write_interview(tmp_path_factory.mktemp("talk"), subjects=[Subject("Bees", LINES)], size=(640, 360), rate=15)


def test_the_clip_of_a_talk_shows_who_speaks_with_the_spoken_word_marked_below_the_face(graph: Graph, talk: Interview) -> None:
    real = replace(graph, tools=StoredMedia(graph.files))
    _, request = real.take_in_video(talk.video.read_bytes(), captions=talk.captions.read_bytes(), wanted=Wanted.of(5.6, 7))

    run = real.run("make_clips", request)

    clip = real.clip_of(request)
    assert run.success
    assert (clip.state, [each.name for each in clip.findings if not each.is_passed]) == (ClipState.RENDERED, [])
    assert clip.text == " ".join(line.text for line in LINES[:2])
    assert {each.layout for each in clip.pieces} == {Layout.FOCUS}
    assert clip.loudness_lufs == pytest.approx(-14, abs=0.5)
    with real.files.open(clip.file_key or "") as file:
        pictures = frames(file)
    faces = [face_of(each) for each in pictures]
    assert all(faces)
    marked = [(marked_rows(picture), face) for picture, face in zip(pictures, faces, strict=True) if face]
    assert sum(len(rows) > 150 and min(rows) > face[1] + face[3] for rows, face in marked) >= 0.7 * len(pictures)
    assert cuts(pictures) == 1
    with real.files.open(clip.thumbnail_key or "") as file:
        cover = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    assert cover is not None
    assert face_of(np.asarray(cv2.resize(cover, (270, 480)), np.uint8)[:, :, ::-1])
