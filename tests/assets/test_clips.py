"""A video through the chain to its clip: once with a fake at the port for every turn it can take, once for real."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import dagster as dg
import pytest

from domain.clips.asked import Wanted
from domain.clips.states import ClipState
from domain.errors import SourceRefused, SourceUnavailable
from domain.requests import CLIPS, Request, State
from gateways.media.tools import StoredMedia
from services import clips, media
from store.clip_rows import Clip
from tests.assets.conftest import Graph
from tests.assets.looking import frames, marked_rows
from tests.media import FakeMedia, video, vtt

SUGGESTING = ["raw_media__files", "core_media__analyses", "core_media__transcripts", "core_clips__candidates"]
CHAIN = [*SUGGESTING, "out_clips__renders", "out_clips__checked"]


@pytest.fixture
def fake(graph: Graph) -> FakeMedia:
    assert isinstance(graph.tools, FakeMedia)
    return graph.tools


def test_what_hears_looks_draws_or_checks_holds_a_place_of_one_pool(graph: Graph) -> None:
    nodes = {each.name: each for each in graph.defs.resolve_job_def("make_clips").graph.node_defs if isinstance(each, dg.OpDefinition)}

    heavy = {"core_media__transcripts", "core_media__analyses", "out_clips__renders", "out_clips__checked"}
    assert {name: nodes[name].pool for name in CHAIN} == {name: "media" if name in heavy else None for name in CHAIN}


def request_now(graph: Graph, request: Request) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return uow.requests.get(request.request_id)


def another(graph: Graph, media_id: UUID, wanted: Wanted) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return clips.ask(uow, media_id, wanted)[1]


def made(run: Any) -> list[str]:
    return [event.asset_key.to_user_string() for event in run.get_asset_materialization_events()]


def kept(graph: Graph) -> set[str]:
    return {path.name for path in graph.files._root.rglob("*") if path.is_file()}


def test_a_video_comes_through_to_its_clip(graph: Graph, fake: FakeMedia) -> None:
    found, request = graph.take_in_video(video())

    run = graph.run("make_clips", request)

    clip = graph.clip_of(request)
    assert sorted(made(run)) == sorted(CHAIN)
    assert made(run)[3:] == CHAIN[3:]
    assert all(check.passed for check in run.get_asset_check_evaluations())
    assert len(run.get_asset_check_evaluations()) == len(CHAIN)
    assert (request_now(graph, request).state, clip.state) == (State.SUCCEEDED, ClipState.RENDERED)
    assert clip.span is not None
    assert (fake.plans[0].start_seconds, fake.plans[0].end_seconds, fake.plans[0].captions) == (*clip.span, clip.captions)
    assert found.sha256 in kept(graph)


def test_a_render_tells_its_rows_and_shows_a_picture(graph: Graph) -> None:
    run = graph.run("make_clips", graph.take_in_video(video())[1])

    (rendered,) = run.asset_materializations_for_node("out_clips__renders")
    (checked,) = run.asset_materializations_for_node("out_clips__checked")
    assert [each.metadata["dagster/row_count"].value for each in (rendered, checked)] == [1, 1]
    assert str(checked.metadata["picture"].value).startswith("![frame of the clip](data:image/jpeg;base64,")


def test_captions_that_came_along_win_over_tracks(graph: Graph) -> None:
    found, request = graph.take_in_video(video(tracks=(("eng", ()),)), captions=vtt())

    graph.run("make_clips", request)

    with graph.database.begin(graph.tenant_id) as uow:
        transcript = uow.media.transcript(found.media_id)
    assert transcript is not None
    assert (transcript.source.value, transcript.language, len(transcript.sentences)) == ("upload", "en", 5)


def test_a_run_that_comes_again_makes_no_second_clip(graph: Graph, fake: FakeMedia) -> None:
    found, request = graph.take_in_video(video())
    fake.trouble = SourceUnavailable("disk", "full")
    first = graph.run("make_clips", request, raise_on_error=False)
    waiting = request_now(graph, request)
    fake.trouble = None

    graph.run("make_clips", waiting)

    assert not first.success
    assert (waiting.state, waiting.attempt) == (State.PENDING, 2)
    clip = graph.clip_of(request)
    assert clip.state is ClipState.RENDERED
    assert kept(graph) == {found.sha256, clip.sha256, clip.thumbnail_sha256}


def test_what_cannot_be_rendered_fails_for_good_and_says_why(graph: Graph, fake: FakeMedia) -> None:
    _, request = graph.take_in_video(video())
    fake.trouble = SourceRefused("ffmpeg", "the source breaks off")

    graph.run("make_clips", request, raise_on_error=False)

    clip = graph.clip_of(request)
    assert (request_now(graph, request).state, clip.state) == (State.FAILED, ClipState.FAILED)
    assert clip.error is not None
    assert (clip.error["code"], clip.error["detail"]) == ("source_refused", "ffmpeg: the source breaks off")


def test_a_failed_clip_is_made_when_its_request_is_tried_again(graph: Graph, fake: FakeMedia) -> None:
    _, request = graph.take_in_video(video())
    fake.trouble = SourceRefused("ffmpeg", "no")
    graph.run("make_clips", request, raise_on_error=False)
    fake.trouble = None
    with graph.database.begin(graph.tenant_id) as uow:
        again = uow.requests.retry(request.request_id)

    graph.run("make_clips", again)

    assert (graph.clip_of(request).state, graph.clip_of(request).error) == (ClipState.RENDERED, None)


@pytest.mark.parametrize("flaws", [{"width": 1920, "height": 1080}, {"seconds": 3.0}])
def test_a_render_of_another_size_or_length_is_not_kept(graph: Graph, fake: FakeMedia, flaws: dict[str, Any]) -> None:
    _, request = graph.take_in_video(video())
    fake.flaws = flaws

    graph.run("make_clips", request, raise_on_error=False)

    assert graph.clip_of(request).state is ClipState.FAILED
    assert len(kept(graph)) == 1


def test_bounds_that_no_sentences_fit_are_refused_with_advice_and_given_back(graph: Graph) -> None:
    found, first = graph.take_in_video(video())
    graph.run("make_clips", first)
    request = another(graph, found.media_id, Wanted(28, 29))

    graph.run("make_clips", request, raise_on_error=False)

    clip = graph.clip_of(request)
    assert clip.error is not None
    assert (clip.state, clip.error["code"]) == (ClipState.FAILED, "unacceptable")
    assert [each["pointer"] for each in clip.error["errors"]] == ["min_seconds"]
    assert request_now(graph, request).error == {**(request_now(graph, request).error or {}), "code": "unacceptable", "is_retryable": False}
    with graph.database.begin(graph.tenant_id) as uow:
        used = uow.connection.exec_driver_sql("select used from usage_counters where meter = 'clips_per_day'").scalar_one()
    assert used == 0


@pytest.mark.parametrize("moment", ["meanwhile", "afterwards"])
def test_a_clip_that_is_canceled_while_it_is_rendered_or_just_after_leaves_nothing(graph: Graph, fake: FakeMedia, moment: str) -> None:
    _, request = graph.take_in_video(video())

    def cancel() -> None:
        with graph.database.begin(graph.tenant_id) as uow:
            uow.requests.cancel(request.request_id)

    setattr(fake, moment, cancel)

    graph.run("make_clips", request, raise_on_error=False)

    assert (request_now(graph, request).state, graph.clip_of(request).state) == (State.CANCELED, ClipState.CANCELED)
    assert len(kept(graph)) == 1


def test_a_video_that_is_deleted_while_its_clip_is_rendered_leaves_nothing(graph: Graph, fake: FakeMedia) -> None:
    found, request = graph.take_in_video(video())

    def delete() -> None:
        with graph.database.begin(graph.tenant_id) as uow:
            media.delete(uow, graph.files, found.media_id)

    fake.meanwhile = delete

    graph.run("make_clips", request, raise_on_error=False)

    assert request_now(graph, request).state is State.CANCELED
    assert kept(graph) == set()


def test_a_clip_that_is_deleted_under_a_run_of_nobodys_leaves_nothing(graph: Graph, fake: FakeMedia) -> None:
    _, request = graph.take_in_video(video(tracks=()), captions=vtt())
    clip = graph.clip_of(request)

    def delete() -> None:
        with graph.database.begin(graph.tenant_id) as uow:
            clips.delete(uow, graph.files, clip.clip_id)

    fake.meanwhile = delete

    run = graph.run("make_clips", raise_on_error=False)

    assert not run.success
    assert len(kept(graph)) == 2


# Runs that nobody asked us for


def test_a_run_from_the_ui_makes_every_clip_that_waits_and_claims_as_clips(graph: Graph) -> None:
    made = [graph.take_in_video(video(name=name))[1] for name in "ab"]

    run = graph.run("make_clips")

    with graph.database.begin(graph.tenant_id) as uow:
        recorded = uow.requests.of_run(run.run_id)
        claim_on = uow.connection.exec_driver_sql("select claim_on from requests where run_id is not null").scalar_one()
    assert recorded is not None
    assert (recorded.kind, recorded.state, claim_on) == ("manual", State.SUCCEEDED, CLIPS)
    assert {graph.clip_of(each).state for each in made} == {ClipState.RENDERED}


def test_a_run_from_the_ui_may_be_about_one_video(graph: Graph) -> None:
    (first, one), (_, other) = (graph.take_in_video(video(name=name)) for name in "ab")

    graph.run("make_clips", run_config={"ops": {"raw_media__files": {"config": {"media_id": str(first.media_id)}}}})

    assert (graph.clip_of(one).state, graph.clip_of(other).state) == (ClipState.RENDERED, ClipState.ASKED)


def test_a_config_that_names_no_video_is_refused(graph: Graph) -> None:
    run = graph.run("make_clips", raise_on_error=False, run_config={"ops": {"raw_media__files": {"config": {"media_id": "the first"}}}})

    with graph.database.begin(graph.tenant_id) as uow:
        recorded = uow.requests.of_run(run.run_id)
    assert recorded is not None
    assert recorded.error is not None
    assert recorded.error["code"] == "unacceptable"


def test_one_clip_that_cannot_be_made_stops_no_other(graph: Graph) -> None:
    lost, first = graph.take_in_video(video(name="lost"))
    _, second = graph.take_in_video(video(name="there"))
    graph.files.delete(lost.file_key)

    run = graph.run("make_clips")

    assert run.success
    assert (graph.clip_of(first).state, graph.clip_of(second).state) == (ClipState.FAILED, ClipState.RENDERED)


def test_work_on_clips_does_not_wait_for_the_graph(graph: Graph) -> None:
    with graph.database.begin(graph.tenant_id) as uow:
        other = uow.requests.ask(request_id=UUID(int=7), kind="insights", subject="insights", params={}, user_id=None)
        uow.requests.claim(other.request_id, 1, "a-run-of-the-graph")
    _, request = graph.take_in_video(video())

    graph.run("make_clips", request)

    assert graph.clip_of(request).state is ClipState.RENDERED


def test_a_run_that_makes_more_than_clips_claims_the_graph(graph: Graph) -> None:
    everything = dg.define_asset_job("everything", selection=dg.AssetSelection.groups("clips", "aggregates"))
    job = dg.Definitions(
        assets=graph.defs.assets, jobs=[everything], resources=graph.resources, executor=dg.in_process_executor
    ).resolve_job_def("everything")

    run = job.execute_in_process(instance=graph.instance, partition_key=str(graph.tenant_id))

    with graph.database.begin(graph.tenant_id) as uow:
        claims = uow.connection.exec_driver_sql("select claim_on from requests where run_id = %s", (run.run_id,)).scalars().all()
    assert claims == ["graph"]


# For real


@pytest.mark.real_data
def test_a_real_video_becomes_a_real_clip(graph: Graph, real_data: Path) -> None:
    real = replace(graph, tools=StoredMedia(graph.files))
    content = (real_data / "video" / "torchcodec_nasa_13013.mp4").read_bytes()
    found, request = real.take_in_video(content, wanted=Wanted.of(5))

    run = real.run("make_clips", request)

    clip: Clip = real.clip_of(request)
    assert all(check.passed for check in run.get_asset_check_evaluations())
    assert clip.loudness_lufs == pytest.approx(-14, abs=1)
    assert clip.seconds == pytest.approx(12.47, abs=0.1)
    assert (clip.width, clip.height) == (1080, 1920)
    assert clip.text is not None
    assert (clip.text[:20], clip.text[-20:]) == ("NAR: This is the opt", "Greenbelt, Maryland.")
    with real.files.open(clip.file_key or "") as file:
        head = file.read(64_000)
        file.seek(0)
        pictures = frames(file)
    assert 0 < head.find(b"moov") < head.find(b"mdat"), "the index comes first"
    assert sum(len(marked_rows(each)) > 150 for each in pictures) >= 0.7 * len(pictures)
    assert min(float(each[165:315].mean()) for each in pictures) > 5, "none is black"
    picture = str(run.asset_materializations_for_node("out_clips__checked")[0].metadata["picture"].value)
    assert len(picture) > 1000
    assert found.probe.subtitles[0].language == "eng"
