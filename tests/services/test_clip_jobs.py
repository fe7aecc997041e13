"""Clips that are asked for together: one that cannot be made stops no other, what is not delivered is not counted, looks reach the plan."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.clips.look import Aspect, Captions, Layout, Look, Override
from domain.clips.states import ClipState
from domain.errors import Conflict, Gone, NotFound, SourceRefused, SourceUnavailable, Unacceptable
from domain.requests import Request, State
from domain.retention import BytesKept
from services import checking, clip_jobs, clips, letting_go, media, suggesting
from services import requests as asking
from services.clip_jobs import Part
from store.candidates import StoredCandidate
from store.ids import new_id
from store.media import MediaFile
from tests.conftest import Member
from tests.media import video
from tests.services import chain
from tests.services.alone import Alone
from tests.services.chain import Studio

BLACK: dict[str, object] = {"black": ((1.0, 4.0),)}
KEPT = BytesKept()


@pytest.fixture
def candidates(studio: Studio) -> list[StoredCandidate]:
    """Of one video."""
    return studio.suggested(video())


def state_of(studio: Studio, request: Request) -> State:
    with studio.database.begin(studio.tenant_id) as uow:
        return uow.requests.get(request.request_id).state


def let_go(studio: Studio) -> None:
    """What waits to be deleted is."""
    with studio.database.begin(studio.tenant_id) as uow:
        work = Alone(studio.database, uow.requests.ask(request_id=new_id(), kind="manual", subject="x", params={}, user_id=None))
    letting_go.let_go(work, studio.files, KEPT, now=datetime.now(UTC))


def expire(studio: Studio, found: MediaFile) -> None:
    """Its first request is over, nobody used it for long, and it went."""
    with studio.database.begin(studio.tenant_id) as uow:
        assert found.request_id is not None
        uow.requests.cancel(found.request_id)
        uow.connection.execute(
            sa.text("update media set used_at = now() - interval '30 days' where media_id = :id"), {"id": found.media_id}
        )
        uow.leaving.mark_media(before=datetime.now(UTC) - timedelta(days=20), now=datetime.now(UTC), batch=9)


# One of several


def test_a_job_delivers_its_clips_and_counts_each(studio: Studio, candidates: list[StoredCandidate]) -> None:
    request = studio.ask(candidates[:2])

    first, second = studio.made(request)

    assert [first.state, second.state] == [ClipState.RENDERED] * 2
    assert [(each.candidate_id, each.span, each.ranking_score) for each in (first, second)] == [
        (each.candidate_id, (each.start_seconds, each.end_seconds), each.ranking_score) for each in candidates[:2]
    ]
    assert all(each.findings and all(found.is_passed for found in each.findings) for each in (first, second))
    assert {first.sha256, first.thumbnail_sha256, second.sha256, second.thumbnail_sha256} < studio.kept()
    assert studio.used() == 2


def test_a_clip_that_cannot_be_rendered_stops_no_other_and_is_given_back(studio: Studio, candidates: list[StoredCandidate]) -> None:
    def refuse_the_second() -> None:
        studio.tools.trouble = SourceRefused("ffmpeg", "the source breaks off") if len(studio.tools.plans) == 2 else None

    studio.tools.meanwhile = refuse_the_second

    made = studio.made(studio.ask(candidates[:3]))

    assert [each.state for each in made] == [ClipState.RENDERED, ClipState.FAILED, ClipState.RENDERED]
    assert (made[1].error or {})["detail"] == "ffmpeg: the source breaks off"
    assert studio.used() == 2


def test_a_clip_whose_video_cannot_be_had_is_not_rendered_later_in_its_run(studio: Studio, candidates: list[StoredCandidate]) -> None:
    lost, asked = studio.send(video(name="lost"))
    studio.run(asked)
    request = studio.ask([studio.candidates(lost.media_id)[0], candidates[0]])
    # Only the run's first step sees that it is away.
    studio.files.delete(lost.file_key)
    work = Alone(studio.database, request)
    chain.words(work, studio.tools, studio.files)
    studio.files.put(studio.tenant_id, [video(name="lost")], limit_bytes=1_000_000)

    suggesting.suggest_all(work)
    clips.render_all(work, studio.tools, studio.files)
    checking.check_all(work, studio.tools, studio.files)

    assert [each.state for each in studio.clips_of(request)] == [ClipState.FAILED, ClipState.RENDERED]
    assert (len(studio.tools.plans), studio.used()) == (1, 1)


def test_a_job_that_none_of_its_clips_survives_fails_and_counts_again_where_it_is_tried_again(
    studio: Studio, candidates: list[StoredCandidate]
) -> None:
    request = studio.ask(candidates[:2])
    studio.tools.trouble = SourceRefused("ffmpeg", "no")
    with pytest.raises(SourceRefused):
        studio.run(request)
    used, states = studio.used(), {each.state for each in studio.clips_of(request)}
    studio.tools.trouble = None

    made = studio.made(request)

    assert (used, states) == (0, {ClipState.FAILED})
    assert (studio.used(), [(each.state, each.error) for each in made]) == (2, [(ClipState.RENDERED, None)] * 2)


def test_a_clip_that_failed_beside_others_stays_failed_in_the_next_attempt(studio: Studio, candidates: list[StoredCandidate]) -> None:
    request = studio.ask(candidates[:2])
    troubles = iter([SourceRefused("ffmpeg", "no"), SourceUnavailable("disk", "full")])

    def trouble() -> None:
        studio.tools.trouble = next(troubles, None)

    studio.tools.meanwhile = trouble
    with pytest.raises(SourceUnavailable):
        studio.run(request)

    made = studio.made(request)

    assert [each.state for each in made] == [ClipState.FAILED, ClipState.RENDERED]
    assert studio.used() == 1


def test_deleting_one_clip_of_a_job_leaves_the_others_to_be_made(studio: Studio, candidates: list[StoredCandidate]) -> None:
    request = studio.ask(candidates[:2])
    gone, stays = studio.clips_of(request)
    with studio.database.begin(studio.tenant_id) as uow:
        canceled = clips.delete(uow, studio.files, gone.clip_id)

    studio.run(request)

    with studio.database.begin(studio.tenant_id) as uow:
        assert (canceled, uow.clips.get(stays.clip_id).state) == ([], ClipState.RENDERED)
        canceled = clips.delete(uow, studio.files, stays.clip_id)
    assert (len(studio.tools.plans), studio.used()) == (1, 1), "what was delivered counts, also once it is deleted"
    assert [each.request_id for each in canceled] == [request.request_id], "nothing of the job is left to make"


def test_deleting_a_video_cancels_a_job_only_where_nothing_else_is_to_be_made(studio: Studio, candidates: list[StoredCandidate]) -> None:
    other = studio.suggested(video(name="other"))
    mixed, alone = studio.ask([candidates[0], other[0]]), studio.ask([candidates[1]])

    with studio.database.begin(studio.tenant_id) as uow:
        media.delete(uow, studio.files, candidates[0].media_id)
    studio.run(mixed)

    assert (state_of(studio, mixed), state_of(studio, alone)) == (State.PENDING, State.CANCELED)
    assert (len(studio.tools.plans), studio.used()) == (1, 1)


def test_another_workspaces_clips_and_candidates_are_of_no_use(studio: Studio, candidates: list[StoredCandidate], other: Member) -> None:
    (clip,) = studio.made(studio.ask(candidates[:1]))
    theirs = replace(studio, tenant_id=other.tenant_id)

    for ask in (
        lambda: theirs.ask([candidates[0]]), lambda: theirs.ask(again=[clip]), lambda: theirs.ask(parts=[Part(clip.media_id, 1, 9)]),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ask()
    assert theirs.used() == 0


# Checks


def test_a_blocked_clip_is_not_counted_keeps_its_findings_and_is_not_delivered(studio: Studio, candidates: list[StoredCandidate]) -> None:
    studio.tools.seen = BLACK

    (checked,) = studio.run(request := studio.ask(candidates[:1]))

    (clip,) = studio.clips_of(request)
    failed = {each.name: each.detail for each in clip.findings if not each.is_passed}
    assert (clip.state, checked.failed, failed) == (ClipState.BLOCKED, ("black",), {"black": "the picture is black for 3.0 s"})
    assert (studio.used(), clip.thumbnail_key) == (0, None)
    with pytest.raises(Conflict, match="black for 3"):
        clips.deliverable(clip)
    assert clips.place_of(clip, "black") == (clip.file_key, 1.0)


def test_what_came_out_is_not_rendered_again_when_its_check_is_tried_again(studio: Studio, candidates: list[StoredCandidate]) -> None:
    request = studio.ask(candidates[:2])
    work = Alone(studio.database, request)
    chain.words(work, studio.tools, studio.files)
    suggesting.suggest_all(work)
    clips.render_all(work, studio.tools, studio.files)
    before = studio.clips_of(request)

    made = studio.made(request)

    assert {each.state for each in before} == {ClipState.CHECKING}
    assert {each.state for each in made} == {ClipState.RENDERED}
    assert (len(studio.tools.plans), [each.sha256 for each in made]) == (2, [each.sha256 for each in before])


def test_a_part_in_another_look_is_no_copy_and_in_the_same_look_it_is(studio: Studio, candidates: list[StoredCandidate]) -> None:
    (first,) = studio.made(studio.ask(candidates[:1]))

    (square,) = studio.made(studio.ask(again=[first], look=Look(aspect=Aspect.SQUARE)))
    (copy,) = studio.made(studio.ask(again=[square], look=Look(aspect=Aspect.SQUARE)))

    assert (square.state, square.span, square.text) == (ClipState.RENDERED, first.span, first.text)
    assert (copy.state, [each.name for each in copy.findings if not each.is_passed]) == (ClipState.BLOCKED, ["likeness"])
    assert str(square.clip_id) in next(each.detail for each in copy.findings if each.name == "likeness")
    assert studio.used() == 2


def test_two_of_one_job_that_show_the_same_part_in_the_same_look_come_out_once(studio: Studio, candidates: list[StoredCandidate]) -> None:
    part = Part(candidates[0].media_id, 4.0, 9.5)
    made = studio.made(studio.ask(parts=[part, part]))

    assert sorted(each.state for each in made) == [ClipState.BLOCKED, ClipState.RENDERED]
    assert studio.used() == 1


# Taking it back


def leave(studio: Studio, request: Request) -> None:
    """Nothing was begun."""


def lay_out(studio: Studio, request: Request) -> None:
    chain.words(Alone(studio.database, request), studio.tools, studio.files)


def break_off(studio: Studio, request: Request) -> None:
    """In the middle of rendering."""
    studio.tools.trouble = SourceUnavailable("disk", "full")
    with pytest.raises(SourceUnavailable):
        studio.run(request)
    studio.tools.trouble = None


def render(studio: Studio, request: Request) -> None:
    work = Alone(studio.database, request)
    chain.words(work, studio.tools, studio.files)
    clips.render_all(work, studio.tools, studio.files)


@pytest.mark.parametrize(
    ("begin", "state"),
    [(leave, ClipState.SUGGESTED), (lay_out, ClipState.SUGGESTED), (break_off, ClipState.RENDERING), (render, ClipState.CHECKING)],
)
@pytest.mark.parametrize("is_by_job", [True, False])
def test_a_job_that_is_canceled_leaves_nothing_and_is_not_counted(
    studio: Studio, candidates: list[StoredCandidate], begin: Callable[[Studio, Request], None], state: ClipState, *, is_by_job: bool
) -> None:
    before = studio.kept()
    request = studio.ask(candidates[:2])
    begin(studio, request)
    begun = {each.state for each in studio.clips_of(request)}

    with studio.database.begin(studio.tenant_id) as uow:
        clip_jobs.cancel(uow, request.request_id) if is_by_job else asking.cancel(uow, request.request_id)
    let_go(studio)

    assert begun == ({state} if state is not ClipState.RENDERING else {ClipState.RENDERING, ClipState.SUGGESTED})
    assert {each.state for each in studio.clips_of(request)} == {ClipState.CANCELED}
    assert (studio.kept(), studio.used()) == (before, 0)


def test_what_was_delivered_before_a_job_is_canceled_stays_and_counts(studio: Studio, candidates: list[StoredCandidate]) -> None:
    request = studio.ask(candidates[:2])
    troubles = iter([None, SourceUnavailable("disk", "full")])

    def trouble() -> None:
        studio.tools.trouble = next(troubles, None)

    studio.tools.meanwhile = trouble
    with pytest.raises(SourceUnavailable):
        studio.run(request)
    checking.check_all(Alone(studio.database, request), studio.tools, studio.files)
    with studio.database.begin(studio.tenant_id) as uow:
        clip_jobs.cancel(uow, request.request_id)
    let_go(studio)

    first, second = studio.clips_of(request)
    assert (first.state, second.state, studio.used()) == (ClipState.RENDERED, ClipState.CANCELED, 1)
    assert {first.sha256, first.thumbnail_sha256} < studio.kept()


def test_a_job_that_was_canceled_and_is_tried_again_counts_what_it_delivers(studio: Studio, candidates: list[StoredCandidate]) -> None:
    request = studio.ask(candidates[:1])
    with studio.database.begin(studio.tenant_id) as uow:
        clip_jobs.cancel(uow, request.request_id)
        again = uow.requests.retry(request.request_id)

    (clip,) = studio.made(again)

    assert (clip.state, studio.used()) == (ClipState.RENDERED, 1)


# Looks, and what they name


def test_a_look_reaches_the_plan(studio: Studio, candidates: list[StoredCandidate]) -> None:
    music, intro = (studio.send(video(name=name, seconds=5.0), wanted=Wanted.of(3, 5))[0] for name in ("music", "intro"))
    best = candidates[0]
    override = Override(start_seconds=0.0, end_seconds=30.0, layout=Layout.FOCUS, x=0.9, y=0.5)
    look = Look(
        aspect=Aspect.PORTRAIT, accent="#00FF00", captions=Captions.PLAIN, hook_text="Why?", overrides=(override,), music_db=-12.0,
        music_media_id=music.media_id, intro_media_id=intro.media_id,
    )  # fmt: skip

    (clip,) = studio.made(studio.ask([best], look=look))

    (plan,) = studio.tools.plans
    (window,) = plan.pieces[0].windows
    assert clip.look == look
    assert (plan.width, plan.height, plan.accent, plan.hook_text, plan.music_db) == (1080, 1350, "#00FF00", "Why?", -12.0)
    assert (plan.music_key, plan.intro_key, plan.outro_key) == (music.file_key, intro.file_key, None)
    assert (plan.words, bool(plan.captions)) == ((), True)
    assert {piece.layout for piece in plan.pieces} == {Layout.FOCUS}
    # As far to the right as the picture goes, for its middle is wanted near the edge.
    assert window.path[0].left + window.width == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("name", ["music_media_id", "intro_media_id", "outro_media_id"])
def test_music_and_films_that_are_not_there_are_refused_by_field(studio: Studio, candidates: list[StoredCandidate], name: str) -> None:
    found, _ = studio.send(video(name="beside"))
    expire(studio, found)

    for media_id in (found.media_id, new_id()):
        with pytest.raises(Unacceptable) as refused:
            studio.ask(candidates[:1], look=msgspec.convert({name: str(media_id)}, Look))
        assert [each.pointer for each in refused.value.problems] == [f"/look/{name}"]
    assert studio.used() == 0


def test_asking_for_music_begins_its_days_anew(studio: Studio, candidates: list[StoredCandidate]) -> None:
    found, request = studio.send(video(name="music"))
    studio.run(request)
    with studio.database.begin(studio.tenant_id) as uow:
        uow.connection.execute(sa.text("update media set used_at = now() - interval '30 days'"))

    studio.ask(candidates[:1], look=Look(music_media_id=found.media_id))

    with studio.database.begin(studio.tenant_id) as uow:
        assert (uow.media.get(found.media_id).used_at or datetime.min.replace(tzinfo=UTC)) > datetime.now(UTC) - timedelta(days=1)


def test_music_that_is_deleted_before_it_is_used_fails_the_clip_by_name(studio: Studio, candidates: list[StoredCandidate]) -> None:
    found, _ = studio.send(video(name="music"))
    request = studio.ask(candidates[:1], look=Look(music_media_id=found.media_id))
    with studio.database.begin(studio.tenant_id) as uow:
        media.delete(uow, studio.files, found.media_id)

    with pytest.raises(NotFound, match=str(found.media_id)):
        studio.run(request)

    (clip,) = studio.clips_of(request)
    assert (clip.state, (clip.error or {})["code"], studio.used()) == (ClipState.FAILED, "not_found", 0)


# Bytes that went


def test_no_job_is_taken_for_a_video_whose_bytes_are_gone(studio: Studio, candidates: list[StoredCandidate]) -> None:
    with studio.database.begin(studio.tenant_id) as uow:
        found = uow.media.get(candidates[0].media_id)
    expire(studio, found)

    with pytest.raises(Gone):
        studio.ask(candidates[:1])
    with pytest.raises(Gone):
        studio.ask(parts=[Part(found.media_id, 1, 9)])
    assert studio.used() == 0


def test_a_video_that_is_wanted_does_not_expire_and_one_whose_row_says_so_fails_its_clip(
    studio: Studio, candidates: list[StoredCandidate]
) -> None:
    request = studio.ask(candidates[:1])
    with studio.database.begin(studio.tenant_id) as uow:
        found = uow.media.get(candidates[0].media_id)
    expire(studio, found)
    with studio.database.begin(studio.tenant_id) as uow:
        kept = uow.media.get(found.media_id).expired_at
        uow.connection.execute(sa.text("update media set expired_at = now()"))

    with pytest.raises(Gone):
        studio.run(request)

    (clip,) = studio.clips_of(request)
    assert (kept, clip.state, (clip.error or {})["code"], studio.used()) == (None, ClipState.FAILED, "gone", 0)
