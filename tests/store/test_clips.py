"""Media, transcripts and clips in the database: what was put comes back, states follow the request, bytes have their holders."""

from dataclasses import replace

import msgspec
import pytest
import sqlalchemy as sa

from domain.clips.analysis import MediaAnalysis
from domain.clips.asked import Wanted
from domain.clips.choosing import rank
from domain.clips.delivery import Finding
from domain.clips.look import Aspect, Look
from domain.clips.pieces import Piece
from domain.clips.runs import Absent
from domain.clips.source import Source
from domain.clips.states import ClipState
from domain.errors import NotFound
from domain.media import ClipPlan, Cue, RenderedClip, ShownWord
from domain.requests import State
from store.clip_rows import Clip, Wish
from store.database import Database
from store.ids import new_id
from store.media import MediaFile
from store.work import UnitOfWork
from tests.conftest import Member
from tests.media import probe
from tests.store.media import TRANSCRIPT, put_clip, put_media

CANDIDATE = rank(Source(sentences=TRANSCRIPT.sentences, duration_seconds=30, language="en"), Wanted.of()).candidates[0]
PLAN = ClipPlan(
    start_seconds=CANDIDATE.start_seconds, end_seconds=CANDIDATE.end_seconds, video_index=0, audio_index=1,
    captions=(Cue(0.0, 1.0, "Why do"),), words=(ShownWord(start_seconds=0.0, end_seconds=0.5, text="Why", page=0),),
    pieces=(Piece(start_seconds=CANDIDATE.start_seconds, end_seconds=CANDIDATE.end_seconds),),
)  # fmt: skip
PASSED = Finding(name="black", is_passed=True, value=0.0, limit=0.5, detail="no black picture")
FAILED = Finding(name="silence", is_passed=False, value=9.0, limit=3.0, detail="nothing is heard for 9.0 s", at_seconds=2.0)


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
    uow.clips.suggest(clip.clip_id, CANDIDATE)
    uow.clips.begin_rendering(clip.clip_id, PLAN)
    uow.clips.came_out(clip.clip_id, rendered(uow, name))
    uow.clips.judge(clip.clip_id, ClipState.RENDERED, [PASSED], [2**64 - 1])
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
        uow.clips.suggest(asked.clip_id, CANDIDATE)
        suggested = uow.clips.get(asked.clip_id)
        uow.clips.begin_rendering(asked.clip_id, PLAN)
        rendering = uow.clips.get(asked.clip_id)
        uow.clips.came_out(asked.clip_id, rendered(uow))
        checking = uow.clips.get(asked.clip_id)
        uow.clips.judge(asked.clip_id, ClipState.RENDERED, [PASSED], [0, 2**64 - 1])
        done = uow.clips.get(asked.clip_id)

    states = [each.state.value for each in (asked, suggested, rendering, checking, done)]
    assert states == ["asked", "suggested", "rendering", "checking", "rendered"]
    assert (asked.wanted, asked.span) == (Wanted(5, 20), None)
    assert (suggested.reasons, suggested.captions, suggested.text) == (CANDIDATE.reasons, (), CANDIDATE.text)
    assert (rendering.captions, rendering.shown_words, rendering.pieces) == (PLAN.captions, PLAN.words, PLAN.pieces)
    assert (checking.width, checking.height, checking.loudness_lufs, checking.sha256) == (1080, 1920, -14.1, "a" * 64)
    assert (done.findings, done.fingerprint) == ((PASSED,), (0, 2**64 - 1))


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


def test_what_was_canceled_waits_for_no_run(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        clip = put_clip(uow, put_media(uow))
        uow.requests.cancel(clip.request_id)

        assert uow.clips.waiting() == []


def test_a_blocked_clip_keeps_what_was_found_and_is_nothing_to_be_like(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)
        delivered, blocked = finished(uow, media), finished(uow, media, "b")
        uow.clips.judge(blocked.clip_id, ClipState.BLOCKED, [PASSED, FAILED], [1])

        shown = uow.clips.get(blocked.clip_id)
        found = [each.clip_id for each in uow.clips.delivered(but=new_id())]

    assert (shown.state, shown.findings, found) == (ClipState.BLOCKED, (PASSED, FAILED), [delivered.clip_id])


def test_a_delivered_clip_tells_its_parts_and_its_look(database: Database, member: Member) -> None:
    look = Look(aspect=Aspect.SQUARE, hook_text="why?")
    with database.begin(member.tenant_id) as uow:
        clip = finished(uow, put_media(uow))
        uow.connection.execute(sa.text("update clips set look = :look"), {"look": msgspec.json.encode(look).decode()})

        (found,) = uow.clips.delivered(but=new_id())

    assert (found.clip_id, found.look, found.fingerprint) == (clip.clip_id, look, (2**64 - 1,))
    assert found.spans == ((CANDIDATE.start_seconds, CANDIDATE.end_seconds),)


def test_failed_clips_are_as_before_when_they_are_tried_again(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)
        asked, suggested = put_clip(uow, media), put_clip(uow, media)
        uow.clips.suggest(suggested.clip_id, CANDIDATE)
        for each in (asked, suggested):
            uow.clips.fail(each.clip_id, {"code": "x"})

        uow.clips.revive([asked.clip_id, suggested.clip_id])
        again = [uow.clips.get(each.clip_id) for each in (asked, suggested)]

    assert [(each.state, each.error) for each in again] == [(ClipState.ASKED, None), (ClipState.SUGGESTED, None)]


def test_the_file_of_a_clip_that_is_not_checked_any_more_leaves(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        clip = finished(uow, put_media(uow))
        uow.connection.execute(sa.text("update clips set state = 'checking'"))

        uow.leaving.let_unchecked_go(clip.clip_id)
        shown, leaving, is_held = uow.clips.get(clip.clip_id), uow.leaving.waiting(limit=5), uow.kept.is_held("a" * 64)

    assert (shown.state, shown.file_key, is_held) == (ClipState.SUGGESTED, None, False)
    assert [(each.file_key, each.sha256) for each in leaving] == [(clip.file_key, "a" * 64)]


def test_candidates_come_back_best_first_until_the_next_ones_take_their_place(database: Database, member: Member, other: Member) -> None:
    weaker = replace(CANDIDATE, ranking_score=0.1, absent=(Absent("retention", "not an own post"),))
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)
        first = uow.candidates.replace(media.media_id, new_id(), [CANDIDATE, weaker])
        accepted = uow.clips.accept(
            Wish(clip_id=new_id(), media_id=media.media_id, request_id=new_id(), look=Look(), user_id=None), first[1]
        )
        counted = [each.clips for each in uow.candidates.of_media(media.media_id)]
        request_id = new_id()
        second = uow.candidates.replace(media.media_id, request_id, [CANDIDATE])
        kept = uow.clips.get(accepted.clip_id)
        with pytest.raises(NotFound):
            uow.candidates.get(first[0].candidate_id)
        assert uow.candidates.of_request(request_id) == second
    with database.begin(other.tenant_id) as uow:
        elsewhere = uow.candidates.of_media(media.media_id)
        with pytest.raises(NotFound):
            uow.candidates.get(second[0].candidate_id)

    assert [(each.rank, each.ranking_score) for each in first] == [(1, CANDIDATE.ranking_score), (2, 0.1)]
    assert (first[0].reasons, first[1].absent, counted) == (CANDIDATE.reasons, {"retention": "not an own post"}, [0, 1])
    assert (kept.span, kept.ranking_score, elsewhere) == (accepted.span, 0.1, [])


def test_a_look_at_a_video_comes_back_as_it_was_seen(database: Database, member: Member) -> None:
    seen = MediaAnalysis(width=1280, height=720, seconds=30.0, cuts=(4.0, 9.5), levels_db=(-20.0, -21.5))
    with database.begin(member.tenant_id) as uow:
        media = put_media(uow)
        before = uow.media.analysis(media.media_id)
        for each in (replace(seen, cuts=()), seen):
            uow.media.put_analysis(media.media_id, each)

        assert (before, uow.media.analysis(media.media_id)) == (None, seen)


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
            uow.clips.begin_rendering(clip.clip_id, PLAN)
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
