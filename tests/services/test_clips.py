"""Clips as verbs: progress over several, refusals one by one, and what asking for one needs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.clips.asked import Wanted
from domain.errors import NotFound, SourceUnavailable, Unacceptable
from domain.requests import Request
from gateways.files.store import LocalFiles
from services import clips, media
from services.media import Upload
from store.clips import Clip
from store.database import Database
from store.ids import new_id
from tests.conftest import Member
from tests.media import FakeMedia, video
from tests.services.alone import Alone


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def tools(files: LocalFiles) -> FakeMedia:
    return FakeMedia(files)


@pytest.fixture
def take_in(database: Database, member: Member, files: LocalFiles, tools: FakeMedia) -> Callable[..., tuple[Clip, Request]]:
    def taken(**words: object) -> tuple[Clip, Request]:
        stored = files.put(member.tenant_id, [video(**words)], limit_bytes=1_000_000)  # type: ignore[arg-type]  # a video's own words
        upload = Upload(file=stored, file_name=None, captions=None, language=None, wanted=Wanted.of())
        probe = media.look_at(tools, upload, None)
        with database.begin(member.tenant_id) as uow:
            _, clip, request = media.take_in(uow, upload, probe)
        return clip, request

    return taken


@pytest.fixture
def work(database: Database, member: Member) -> Alone:
    """The hold of a run that nobody asked for."""
    with database.begin(member.tenant_id) as uow:
        return Alone(database, uow.requests.ask(request_id=new_id(), kind="manual", subject="x", params={}, user_id=None))


def test_progress_goes_on_over_all_clips(work: Alone, files: LocalFiles, tools: FakeMedia, take_in: Callable[..., object]) -> None:
    for name in "ab":
        take_in(name=name)
    for clip in clips.wanted(work):
        media.read_transcript(work, tools, files, clip)
        clips.suggest(work, clip)

    made = clips.render_all(work, tools, files)

    assert (len(made), work.said) == (2, [(0.25, "rendering"), (0.75, "rendering")])


def test_words_are_read_once(work: Alone, files: LocalFiles, tools: FakeMedia, take_in: Callable[..., tuple[Clip, Request]]) -> None:
    clip, _ = take_in()
    first = media.read_transcript(work, tools, files, clip)
    with work.begin() as uow:
        files.delete(uow.media.get(clip.media_id).file_key)

    assert media.read_transcript(work, tools, files, clip) == first


def test_a_step_that_no_clip_survives_says_why(work: Alone, take_in: Callable[..., tuple[Clip, Request]]) -> None:
    made = [take_in(name=name)[0] for name in "ab"]

    def refuse(clip: Clip) -> None:
        raise Unacceptable(f"clip {clip.clip_id}")

    with pytest.raises(Unacceptable, match=str(made[1].clip_id)):
        clips.each(work, made, refuse)

    assert clips.wanted(work) == []


def test_what_may_get_better_ends_the_step_and_leaves_the_clips_waiting(work: Alone, take_in: Callable[..., tuple[Clip, Request]]) -> None:
    clip, _ = take_in()

    def away(_: Clip) -> None:
        raise SourceUnavailable("disk", "full")

    with pytest.raises(SourceUnavailable):
        clips.each(work, [clip], away)

    assert [each.clip_id for each in clips.wanted(work)] == [clip.clip_id]


def test_a_step_without_the_one_before_says_what_is_missing(
    work: Alone, files: LocalFiles, tools: FakeMedia, take_in: Callable[..., tuple[Clip, Request]]
) -> None:
    clip, _ = take_in()

    with pytest.raises(NotFound, match="transcript"):
        clips.suggest(work, clip)
    assert clips.render_all(work, tools, files) == []


def test_a_clip_longer_than_its_video_is_not_asked_for(
    database: Database, member: Member, take_in: Callable[..., tuple[Clip, Request]]
) -> None:
    clip, _ = take_in(seconds=20.0)

    with database.begin(member.tenant_id) as uow:
        with pytest.raises(Unacceptable, match=r"has 20\.0 s"):
            clips.ask(uow, clip.media_id, Wanted.of(30))
        with pytest.raises(NotFound):
            clips.ask(uow, new_id(), Wanted.of())
