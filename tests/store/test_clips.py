"""Media, transcripts and clips in the database: what was put comes back, states follow the request, bytes have their holders."""

import pytest
import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.clips.captions import captions_of
from domain.clips.choosing import choose_clip
from domain.clips.states import ClipState
from domain.errors import NotFound
from domain.media import RenderedClip
from domain.requests import State
from domain.transcripts import words_of
from store.clips import Clip
from store.database import Database
from store.ids import new_id
from store.media import MediaFile
from store.work import UnitOfWork
from tests.conftest import Member
from tests.media import TALK, probe
from tests.store.media import TRANSCRIPT, put_clip, put_media

CANDIDATE = choose_clip(TRANSCRIPT.sentences, duration_seconds=30, wanted=Wanted.of(), is_english=True)
CAPTIONS = captions_of(words_of(TALK), start_seconds=CANDIDATE.start_seconds, end_seconds=CANDIDATE.end_seconds)


def rendered(uow: UnitOfWork, name: str = "a") -> RenderedClip:
    content = name * 64
    return RenderedClip(
        key=f"{uow.tenant_id}/{content[:2]}/{content}",
        sha256=content,
        size_bytes=9,
        seconds=25.9,
        width=1080,
        height=1920,
        loudness_lufs=-14.1,
    )


def finished(uow: UnitOfWork, media: MediaFile, name: str = "a") -> Clip:
    clip = put_clip(uow, media)
    uow.clips.suggest(clip.clip_id, CANDIDATE, CAPTIONS)
    uow.clips.finish(clip.clip_id, rendered(uow, name))
    return uow.clips.get(clip.clip_id)


def test_a_probe_and_a_transcript_come_back_as_they_were(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)

        assert media.probe == probe()
        assert uow.media.transcript(media.media_id) == TRANSCRIPT


def test_a_transcript_that_is_read_again_replaces_the_first(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)

        uow.media.put_transcript(media.media_id, TRANSCRIPT)

        assert uow.connection.execute(sa.text("select count(*) from transcripts")).scalar_one() == 1


def test_a_clip_goes_through_its_states(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        asked = put_clip(uow, put_media(uow), Wanted(5, 20))
        uow.clips.suggest(asked.clip_id, CANDIDATE, CAPTIONS)
        suggested = uow.clips.get(asked.clip_id)
        uow.clips.begin_rendering(asked.clip_id)
        rendering = uow.clips.get(asked.clip_id)
        uow.clips.finish(asked.clip_id, rendered(uow))
        done = uow.clips.get(asked.clip_id)

    assert [each.state.value for each in (asked, suggested, rendering, done)] == ["asked", "suggested", "rendering", "rendered"]
    assert (asked.wanted, asked.span) == (Wanted(5, 20), None)
    assert (suggested.reasons, suggested.captions, suggested.text) == (CANDIDATE.reasons, CAPTIONS, CANDIDATE.text)
    assert (done.width, done.height, done.loudness_lufs, done.sha256) == (1080, 1920, -14.1, "a" * 64)


@pytest.mark.parametrize("end", [State.FAILED, State.CANCELED])
def test_a_clip_whose_request_ended_badly_is_shown_as_that(database: Database, member: Member, end: State) -> None:
    with database.begin(member.tenant_id) as uow:
        clip = put_clip(uow, put_media(uow))
        uow.requests.end(clip.request_id, end, {"code": "x", "detail": "why"})

        shown = uow.clips.get(clip.clip_id)
        found = uow.clips.page(limit=10, state=ClipState(end.value))

    assert (shown.state.value, shown.error) == (end.value, {"code": "x", "detail": "why"})
    assert [each.clip_id for each in found] == [clip.clip_id]


def test_a_rendered_clip_stays_rendered_whatever_became_of_its_request(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        clip = finished(uow, put_media(uow))
        uow.requests.end(clip.request_id, State.FAILED, {"code": "x"})

        shown = uow.clips.get(clip.clip_id)

    assert (shown.state, shown.error) == (ClipState.RENDERED, None)


def test_what_waits_is_what_no_run_ended(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media, other = put_media(uow), put_media(uow, "other")
        finished(uow, media)
        failed = put_clip(uow, media)
        uow.clips.fail(failed.clip_id, {"code": "x"})
        waiting, elsewhere = put_clip(uow, media), put_clip(uow, other)

        assert {each.clip_id for each in uow.clips.waiting()} == {waiting.clip_id, elsewhere.clip_id}
        assert [each.clip_id for each in uow.clips.waiting(media.media_id)] == [waiting.clip_id]


def test_pages_go_on_where_the_one_before_ended(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)
        made = [put_clip(uow, media).clip_id for _ in range(3)]
        first = uow.clips.page(limit=2)
        rest = uow.clips.page(limit=2, before=(first[-1].created_at, first[-1].clip_id), media_id=media.media_id)
        files = uow.media.page(limit=5, before=(media.created_at, new_id()))

    assert [each.clip_id for each in first + rest] == made[::-1]
    assert [each.media_id for each in files] == [media.media_id]


def test_what_was_deleted_meanwhile_is_not_found(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        clip = put_clip(uow, put_media(uow))
        uow.clips.delete(clip.clip_id)

        with pytest.raises(NotFound):
            uow.clips.begin_rendering(clip.clip_id)
        with pytest.raises(NotFound):
            uow.clips.get(clip.clip_id)


def test_deleting_media_takes_transcript_and_clips_along(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)
        finished(uow, media)

        uow.media.delete(media.media_id)

        assert (uow.clips.of_media(media.media_id), uow.media.transcript(media.media_id)) == ([], None)


def test_a_clip_is_not_rendered_without_a_file(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        put_clip(uow, put_media(uow))

    with pytest.raises(sa.exc.IntegrityError, match="rendered_has_file"), database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text("update clips set state = 'rendered'"))


def test_bytes_are_held_by_whatever_row_stands_on_them(database: Database, member: Member, other: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow, captions_sha256="c" * 64)
        clip = finished(uow, media, "b")
        held = [uow.kept.is_held(each) for each in (media.sha256, "c" * 64, clip.sha256 or "", "d" * 64)]
        uow.media.delete(media.media_id)
        after = [uow.kept.is_held(each) for each in (media.sha256, "c" * 64, clip.sha256 or "")]
    with database.begin(other.tenant_id) as uow:
        elsewhere = uow.kept.is_held(media.sha256)

    assert (held, after, elsewhere) == ([True, True, True, False], [False] * 3, False)


def test_bytes_that_are_locked_are_waited_for(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as first, database.begin(member.tenant_id) as second:
        first.kept.lock("e" * 64, "f" * 64)
        second.connection.execute(sa.text("set local lock_timeout = '50ms'"))
        second.kept.lock("d" * 64)

        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            second.kept.lock("f" * 64)


def test_another_workspaces_media_and_clips_do_not_exist(database: Database, member: Member, other: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)
        clip = finished(uow, media)
    with database.begin(other.tenant_id) as uow:
        for look in (lambda: uow.media.get(media.media_id), lambda: uow.clips.get(clip.clip_id)):
            with pytest.raises(NotFound):
                look()
        assert (uow.media.page(limit=5), uow.clips.page(limit=5), uow.media.transcript(media.media_id)) == ([], [], None)


def test_a_clip_that_is_locked_is_waited_for(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        clip = put_clip(uow, put_media(uow))
    with database.begin(member.tenant_id) as first, database.begin(member.tenant_id) as second:
        locked = first.clips.get(clip.clip_id, lock=True)
        second.connection.execute(sa.text("set local lock_timeout = '50ms'"))

        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            second.clips.of_media(clip.media_id, lock=True)

    assert locked == clip
