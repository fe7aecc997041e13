"""What others do to a video while a step of a run is at work on it, and clips that a run meets again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from domain.clips.analysis import MediaAnalysis
from domain.clips.asked import Wanted
from domain.clips.states import ClipState
from domain.errors import NotFound, SourceRefused
from domain.speech import Speech
from domain.transcripts import Source
from services import analysing, clips, media, suggesting, transcribing
from services.clip_jobs import Part
from tests.media import TALK, FakeMedia, video
from tests.services import chain
from tests.services.alone import Alone
from tests.services.chain import Studio

SAID = " ".join(cue.text for cue in TALK)


@dataclass
class Busy(FakeMedia):
    """While it listens or looks, something happens."""

    happens: Callable[[], object] = lambda: None

    def hear(self, *words: Any, **more: Any) -> Speech:
        made = super().hear(*words, **more)
        self.happens()
        return made

    def analyse(self, *words: Any, **more: Any) -> MediaAnalysis:
        made = super().analyse(*words, **more)
        self.happens()
        return made


@pytest.fixture
def busy(studio: Studio) -> Studio:
    return replace(studio, tools=Busy(studio.files))


def delete(studio: Studio, media_id: UUID) -> None:
    with studio.database.begin(studio.tenant_id) as uow:
        media.delete(uow, studio.files, media_id)


def test_a_script_that_comes_while_a_video_is_heard_is_not_lost(busy: Studio) -> None:
    found, request = busy.send(video(tracks=(), said=SAID))

    def write() -> None:
        with busy.database.begin(busy.tenant_id) as uow:
            uow.media.put_script(found.media_id, SAID, "en")

    busy.tools.happens = write  # type: ignore[attr-defined]  # of the busy one

    made = transcribing.read(Alone(busy.database, request), busy.tools, busy.files, found.media_id)

    with busy.database.begin(busy.tenant_id) as uow:
        kept = uow.media.transcript(found.media_id)
    assert (made.source, kept and kept.source) == (Source.SCRIPT, Source.SCRIPT)


def test_a_video_that_is_deleted_while_it_is_heard_or_looked_at_is_not_found(busy: Studio) -> None:
    found, request = busy.send(video(tracks=(), said=SAID))
    work = Alone(busy.database, request)
    busy.tools.happens = lambda: delete(busy, found.media_id)  # type: ignore[attr-defined]  # of the busy one

    with pytest.raises(NotFound, match="media"):
        transcribing.read(work, busy.tools, busy.files, found.media_id)

    other, request = busy.send(video(name="other"))
    busy.tools.happens = lambda: delete(busy, other.media_id)  # type: ignore[attr-defined]  # of the busy one
    with pytest.raises(NotFound, match="media"):
        analysing.look_at(Alone(busy.database, request), busy.tools, other.media_id)


def test_deleting_a_video_cancels_its_suggestion(studio: Studio) -> None:
    found, request = studio.send(video())

    with studio.database.begin(studio.tenant_id) as uow:
        canceled = media.delete(uow, studio.files, found.media_id)

    assert [each.request_id for each in canceled] == [request.request_id]


def test_another_clip_of_a_video_shows_another_part(studio: Studio) -> None:
    found, request = studio.send(video(), is_clip_wanted=True)
    studio.run(request)

    with studio.database.begin(studio.tenant_id) as uow:
        _, asked = clips.ask(uow, found.media_id, Wanted.of(5, 12))
    studio.run(asked)

    with studio.database.begin(studio.tenant_id) as uow:
        made = uow.clips.of_media(found.media_id)
    assert {each.state for each in made} == {ClipState.RENDERED}
    assert len({each.span for each in made}) == 2


def test_what_came_out_earlier_is_checked_although_nothing_else_can_be_rendered(studio: Studio) -> None:
    found, first = studio.send(video())
    studio.run(first)
    request = studio.ask(parts=[Part(found.media_id, 0.5, 9.5), Part(found.media_id, 10.0, 21.0)])
    work = Alone(studio.database, request)
    chain.words(work, studio.tools, studio.files)
    suggesting.suggest_all(work)
    one, _ = studio.clips_of(request)
    clips.render(work, studio.tools, studio.files, one, report=lambda share: None)
    studio.tools.trouble = SourceRefused("ffmpeg", "no")

    made = studio.made(request)

    assert [each.state for each in made] == [ClipState.RENDERED, ClipState.FAILED]
