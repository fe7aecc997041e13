"""Suggestions and jobs as runs of the real graph: what is made of which, what is tried again, what is left where one ends early."""

from collections.abc import Sequence
from uuid import UUID

import dagster as dg
import pytest
import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.clips.look import Aspect, Look
from domain.clips.states import ClipState
from domain.errors import SourceUnavailable
from domain.requests import Request, State
from services import clip_jobs, suggesting
from services.clip_jobs import Part
from store.candidates import StoredCandidate
from store.clip_rows import Clip
from store.media import MediaFile
from tests.assets.conftest import Graph
from tests.media import FakeMedia, video

SUGGESTING = {"raw_media__files", "core_media__analyses", "core_media__transcripts", "core_clips__candidates"}


@pytest.fixture
def fake(graph: Graph) -> FakeMedia:
    assert isinstance(graph.tools, FakeMedia)
    return graph.tools


@pytest.fixture
def found(graph: Graph) -> MediaFile:
    """A video with its candidates."""
    media, request = graph.take_in_video(video(), wanted=Wanted.of(5, 12), is_clip_wanted=False)
    graph.run("suggest_clips", request)
    return media


def candidates(graph: Graph, media_id: UUID) -> list[StoredCandidate]:
    with graph.database.begin(graph.tenant_id) as uow:
        return suggesting.candidates(uow, media_id)[0]


def ask(graph: Graph, chosen: Sequence[StoredCandidate], parts: Sequence[Part] = (), look: Look | None = None) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return clip_jobs.ask(uow, [each.candidate_id for each in chosen], parts, [], look or Look())[0]


def now(graph: Graph, request: Request) -> tuple[Request, list[Clip]]:
    with graph.database.begin(graph.tenant_id) as uow:
        return clip_jobs.find(uow, request.request_id)


def used(graph: Graph) -> int:
    with graph.database.begin(graph.tenant_id) as uow:
        return int(uow.connection.execute(sa.text("select used from usage_counters where meter = 'clips_per_day'")).scalar_one())


def kept(graph: Graph) -> set[str]:
    return {path.name for path in graph.files._root.rglob("*") if path.is_file()}


def passed(run: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {check.check_name: check.passed for check in run.get_asset_check_evaluations()}


def test_a_suggestion_ends_with_candidates_and_checks_that_they_are_whole_sentences(graph: Graph) -> None:
    media, request = graph.take_in_video(video(), wanted=Wanted.of(5, 12), is_clip_wanted=False)

    run = graph.run("suggest_clips", request)

    listed = candidates(graph, media.media_id)
    (checked,) = [each for each in run.get_asset_check_evaluations() if each.check_name == "candidates_are_whole_sentences"]
    assert {event.asset_key.to_user_string() for event in run.get_asset_materialization_events()} == SUGGESTING
    assert (checked.passed, checked.metadata["checked"].value) == (True, len(listed))
    with graph.database.begin(graph.tenant_id) as uow:
        assert uow.requests.get(request.request_id).state is State.SUCCEEDED


def test_a_part_of_ones_own_and_a_square_clip_pass_the_checks_of_every_later_run(graph: Graph, found: MediaFile) -> None:
    job = ask(graph, candidates(graph, found.media_id)[:1], [Part(found.media_id, 12.0, 19.0)], Look(aspect=Aspect.SQUARE))

    runs = [graph.run("make_clips", job), graph.run("make_clips", graph.take_in_video(video(name="later"))[1]), graph.run("make_clips")]

    assert [set(passed(run).values()) for run in runs] == [{True}] * 3
    request, made = now(graph, job)
    assert (request.state, [clip.state for clip in made]) == (State.SUCCEEDED, [ClipState.RENDERED] * 2)


def test_a_crash_between_rendering_and_checking_renders_nothing_twice(graph: Graph, fake: FakeMedia, found: MediaFile) -> None:
    job = ask(graph, candidates(graph, found.media_id)[:2])

    def away() -> None:
        raise SourceUnavailable("disk", "full")

    fake.inspecting = away
    graph.run("make_clips", job, raise_on_error=False)
    waiting, came_out = now(graph, job)
    fake.inspecting = lambda: None

    graph.run("make_clips", waiting)

    request, made = now(graph, job)
    assert (waiting.state, waiting.attempt, {clip.state for clip in came_out}) == (State.PENDING, 2, {ClipState.CHECKING})
    assert (request.state, {clip.state for clip in made}) == (State.SUCCEEDED, {ClipState.RENDERED})
    assert (len(fake.plans), used(graph)) == (2, 2)


@pytest.mark.parametrize("moment", ["meanwhile", "afterwards", "inspecting"])
def test_a_job_that_is_canceled_in_the_middle_of_a_step_leaves_nothing(
    graph: Graph, fake: FakeMedia, found: MediaFile, moment: str
) -> None:
    before = kept(graph)
    job = ask(graph, candidates(graph, found.media_id)[:2])

    def cancel() -> None:
        setattr(fake, moment, lambda: None)
        with graph.database.begin(graph.tenant_id) as uow:
            clip_jobs.cancel(uow, job.request_id)

    setattr(fake, moment, cancel)

    graph.run("make_clips", job, raise_on_error=False)
    graph.run("tidy_library")

    request, made = now(graph, job)
    assert (request.state, {clip.state for clip in made}) == (State.CANCELED, {ClipState.CANCELED})
    assert (kept(graph), used(graph)) == (before, 0)


def test_a_job_that_no_attempt_brings_to_an_end_is_given_back(graph: Graph, fake: FakeMedia, found: MediaFile) -> None:
    before = kept(graph)
    job = ask(graph, candidates(graph, found.media_id)[:2])
    fake.trouble = SourceUnavailable("disk", "full")

    for _ in range(job.max_attempts):
        counted = used(graph)
        graph.run("make_clips", now(graph, job)[0], raise_on_error=False)

    request, made = now(graph, job)
    assert (request.state, {clip.state for clip in made}) == (State.FAILED, {ClipState.FAILED})
    assert (counted, used(graph), kept(graph)) == (2, 0, before)


def test_a_run_of_nobodys_makes_nothing_that_was_canceled(graph: Graph, fake: FakeMedia, found: MediaFile) -> None:
    job = ask(graph, candidates(graph, found.media_id)[:1])
    with graph.database.begin(graph.tenant_id) as uow:
        clip_jobs.cancel(uow, job.request_id)

    graph.run("make_clips")

    assert (fake.plans, now(graph, job)[1][0].state) == ([], ClipState.CANCELED)
