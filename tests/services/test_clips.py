"""Clips as verbs: progress over several, refusals one by one, and what asking for one needs."""

import pytest

from domain.clips.asked import Wanted
from domain.errors import NotFound, SourceUnavailable, Unacceptable
from services import clip_subjects, clips, suggesting, transcribing
from store.clip_rows import Clip
from store.ids import new_id
from tests.media import video
from tests.services import chain
from tests.services.alone import Alone
from tests.services.chain import Studio


@pytest.fixture
def work(studio: Studio) -> Alone:
    """The hold of a run that nobody asked for."""
    with studio.database.begin(studio.tenant_id) as uow:
        return Alone(studio.database, uow.requests.ask(request_id=new_id(), kind="manual", subject="x", params={}, user_id=None))


def take_in(studio: Studio, name: str = "", **more: float) -> Clip:
    _, request = studio.send(video(name=name, **more), is_clip_wanted=True)  # type: ignore[arg-type]  # a video's own words
    with studio.database.begin(studio.tenant_id) as uow:
        (clip,) = uow.clips.of_request(request.request_id)
    return clip


def test_progress_goes_on_over_all_clips(work: Alone, studio: Studio) -> None:
    for name in "ab":
        take_in(studio, name)
    chain.words(work, studio.tools, studio.files)
    suggesting.suggest_all(work)
    work.said.clear()

    made = clips.render_all(work, studio.tools, studio.files)

    assert (len(made), work.said) == (2, [(0.25, "rendering"), (0.75, "rendering")])


def test_words_are_read_once(work: Alone, studio: Studio) -> None:
    clip = take_in(studio)
    first = transcribing.read(work, studio.tools, studio.files, clip.media_id)
    with work.begin() as uow:
        studio.files.delete(uow.media.get(clip.media_id).file_key)

    assert transcribing.read(work, studio.tools, studio.files, clip.media_id) == first


def test_a_step_that_no_clip_survives_says_why(work: Alone, studio: Studio) -> None:
    made = [take_in(studio, name) for name in "ab"]

    def refuse(clip: Clip) -> None:
        raise Unacceptable(f"clip {clip.clip_id}")

    with pytest.raises(Unacceptable, match=str(made[1].clip_id)):
        clip_subjects.each_clip(work, made, refuse)

    assert clip_subjects.clips_of(work) == []


def test_what_may_get_better_ends_the_step_and_leaves_the_clips_waiting(work: Alone, studio: Studio) -> None:
    clip = take_in(studio)

    def away(_: Clip) -> None:
        raise SourceUnavailable("disk", "full")

    with pytest.raises(SourceUnavailable):
        clip_subjects.each_clip(work, [clip], away)

    assert [each.clip_id for each in clip_subjects.clips_of(work)] == [clip.clip_id]


def test_a_step_without_the_one_before_says_what_is_missing(work: Alone, studio: Studio) -> None:
    take_in(studio)

    assert clips.render_all(work, studio.tools, studio.files) == []
    with pytest.raises(NotFound, match="transcript"):
        suggesting.suggest_all(work)


def test_a_clip_longer_than_its_video_is_not_asked_for(studio: Studio) -> None:
    clip = take_in(studio, seconds=20.0)

    with studio.database.begin(studio.tenant_id) as uow:
        with pytest.raises(Unacceptable, match=r"has 20\.0 s"):
            clips.ask(uow, clip.media_id, Wanted.of(30))
        with pytest.raises(NotFound):
            clips.ask(uow, new_id(), Wanted.of())
