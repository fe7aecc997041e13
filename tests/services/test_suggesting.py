"""Candidates of videos: where the words come from, what the ranking knows of the workspace, how lists take each other's place."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.errors import Conflict, LimitReached, NotFound, OutOfResources, Refused, SourceRefused, Unacceptable
from domain.platforms.ytdlp import Fetched
from domain.ports import Platforms
from domain.requests import Request
from domain.transcripts import Source, Transcript
from services import suggesting
from services.owner_posts import list_posts
from services.owner_reports import read_reports
from store.candidates import StoredCandidate
from store.database import Database
from store.ids import new_id
from store.releases import EffectRow
from tests.conftest import Member
from tests.library import put, seen
from tests.media import TALK, video, vtt
from tests.owner import NOON, FakeOwnData, add_channel, ask_sync, own_post, read_the_past, reading_of
from tests.services.alone import Alone
from tests.services.chain import Studio

SAID = " ".join(cue.text for cue in TALK)
POST = seen("v1", 10, title="How videos travel", account="ana")


def ask(studio: Studio, *, media_id: UUID | None = None, video_id: UUID | None = None, wanted: Wanted | None = None) -> Request:
    can_fetch = studio.platforms.media is not None
    with studio.database.begin(studio.tenant_id) as uow:
        about = suggesting.Subject(media_id=media_id, video_id=video_id)
        return suggesting.ask(uow, about, wanted or Wanted.of(5, 12), can_fetch=can_fetch)[0]


def transcript_of(studio: Studio, media_id: UUID) -> Transcript:
    with studio.database.begin(studio.tenant_id) as uow:
        found = uow.media.transcript(media_id)
    assert found is not None
    return found


def reason(candidate: StoredCandidate, name: str) -> float | None:
    return next((each.value for each in candidate.reasons if each.name == name), None)


# Lists


def test_a_video_may_come_in_for_its_candidates_alone(studio: Studio) -> None:
    found, request = studio.send(video())

    studio.run(request)

    listed = studio.candidates(found.media_id)
    scores = [each.ranking_score for each in listed]
    assert request.kind == "suggest"
    assert len(listed) > 1
    assert ([each.rank for each in listed], scores) == (list(range(1, len(listed) + 1)), sorted(scores, reverse=True))
    assert all(5 <= each.end_seconds - each.start_seconds <= 12 and each.text and each.absent for each in listed)
    with studio.database.begin(studio.tenant_id) as uow:
        assert uow.clips.of_media(found.media_id) == []
    assert (studio.tools.plans, studio.used()) == ([], 0)


def test_the_next_suggestion_takes_the_place_of_the_one_before(studio: Studio) -> None:
    found, request = studio.send(video())
    studio.run(request)
    before = studio.candidates(found.media_id)

    studio.run(ask(studio, media_id=found.media_id, wanted=Wanted.of(14, 22, 1)))

    (after,) = studio.candidates(found.media_id)
    assert 14 <= after.end_seconds - after.start_seconds <= 22
    assert after.candidate_id not in {each.candidate_id for each in before}


def test_a_suggestion_in_vain_says_what_would_help_and_leaves_the_list_as_it_is(studio: Studio) -> None:
    found, request = studio.send(video())
    studio.run(request)
    before = studio.candidates(found.media_id)

    with pytest.raises(Unacceptable, match="no run of whole sentences"):
        studio.run(ask(studio, media_id=found.media_id, wanted=Wanted.of(28, 29)))

    assert studio.candidates(found.media_id) == before


def test_another_workspaces_candidates_do_not_exist(studio: Studio, other: Member) -> None:
    mine = studio.suggested(video())
    theirs = replace(studio, tenant_id=other.tenant_id)
    listed = theirs.suggested(video())

    with pytest.raises(NotFound):
        theirs.candidates(mine[0].media_id)
    with pytest.raises(NotFound):
        theirs.ask([mine[0]])
    with pytest.raises(NotFound):
        ask(theirs, media_id=mine[0].media_id)
    assert {each.candidate_id for each in mine}.isdisjoint({each.candidate_id for each in listed})
    assert [(each.start_seconds, each.text) for each in mine] == [(each.start_seconds, each.text) for each in listed]


# Words


def test_a_video_without_captions_is_heard(studio: Studio) -> None:
    found, request = studio.send(video(tracks=(), said=SAID))

    studio.run(request)

    heard = transcript_of(studio, found.media_id)
    assert (heard.source, heard.model, heard.error_rate) == (Source.SPEECH, "fake", 0.5)
    assert " ".join(each.text for each in heard.sentences) == SAID
    assert studio.candidates(found.media_id)


def test_a_video_that_nobody_can_hear_says_how_to_get_a_listener(studio: Studio) -> None:
    found, request = studio.send(video(tracks=()))

    with pytest.raises(Unacceptable, match="WHYRAL_SPEECH"):
        studio.run(request)

    with studio.database.begin(studio.tenant_id) as uow:
        listed, why = suggesting.candidates(uow, found.media_id)
    assert (listed, (why or "").partition(":")[0]) == ([], "nobody has looked for candidates yet, or that failed")


def test_captions_that_came_along_are_not_heard_again(studio: Studio) -> None:
    found, request = studio.send(video(tracks=(), said="something else is heard"), captions=vtt())

    studio.run(request)

    assert transcript_of(studio, found.media_id).source is Source.UPLOAD


def test_a_script_is_aligned_and_takes_the_place_of_captions(studio: Studio) -> None:
    found, request = studio.send(video())
    studio.run(request)
    with studio.database.begin(studio.tenant_id) as uow:
        uow.media.put_script(found.media_id, "This is what was said. Word for word, in writing. It is aligned.", "en")

    studio.run(ask(studio, media_id=found.media_id, wanted=Wanted.of(3, 12)))

    aligned = transcript_of(studio, found.media_id)
    assert aligned.source is Source.SCRIPT
    assert [each.text for each in aligned.sentences] == ["This is what was said.", "Word for word, in writing.", "It is aligned."]
    # The fake says a word every half second: the sixth is the first of the second sentence.
    assert aligned.sentences[1].start_seconds == 2.5
    assert {each.text.split()[0] for each in studio.candidates(found.media_id)} <= {"This", "Word", "It"}


# What the ranking knows


def publish_effects(studio: Studio, **estimates: tuple[str, float]) -> None:
    release_id = new_id()
    with studio.database.begin(studio.tenant_id) as uow:
        uow.releases.publish(
            {"release_id": release_id, "kind": "effects", "method": "m", "code_version": "t", "params": {}, "seed": 1, "inputs_hash": "i",
             "outputs_hash": "o", "inputs_count": 9, "as_of": NOON}
        )  # fmt: skip
        rows = [EffectRow(name, verdict, {"feature": name, "verdict": verdict, "estimate": estimate, "kind": "feature", "outcome": "reach"})
                for name, (verdict, estimate) in estimates.items()]  # fmt: skip
        uow.releases.put_effects(release_id, rows)


def test_what_works_in_this_workspace_is_weighed_and_what_only_goes_along_is_shown(studio: Studio, other: Member) -> None:
    publish_effects(studio, is_question=("causal-supported", 0.4), has_number=("associational", 0.2))

    mine = studio.suggested(video())
    theirs = replace(studio, tenant_id=other.tenant_id).suggested(video())

    opens_with_question = [each for each in mine if each.text.startswith("Why do")]
    weights = {reason.name: reason.weight for reason in mine[0].reasons}
    assert opens_with_question
    assert {reason(each, "proven_here") for each in opens_with_question} == {0.4}
    assert all(reason(each, "proven_here") == 0 for each in mine if each not in opens_with_question)
    assert (weights["proven_here"] > 0, weights["associated_here"]) == (True, 0)
    assert theirs[0].absent["proven_here"] == "no effects of this workspace are known yet"


def test_how_viewers_stayed_is_known_of_a_video_that_is_an_own_post(studio: Studio, database: Database, member: Member) -> None:
    channel = add_channel(database, member)
    work = Alone(database, ask_sync(database, channel, member.tenant_id))
    reading = reading_of(channel, FakeOwnData([own_post(number) for number in range(3)]))
    read_the_past(database, channel, member.tenant_id, now=NOON)
    list_posts(work, reading, now=NOON)
    read_reports(work, reading, now=NOON)
    with work.begin() as uow:
        video_id = uow.connection.execute(sa.text("select video_id from videos where external_id = 'own00000002'")).scalar_one()

    of_post, of_nothing = studio.suggested(video(), video_id=video_id), studio.suggested(video(name="other"))

    assert (reason(of_post[0], "retention") or 0) > 0
    assert of_nothing[0].absent["retention"] == "no retention report of this video's owner is at hand"


# Posts


class Fetching:
    """Downloads what it was made with."""

    def __init__(self, content: bytes, trouble: Exception | None = None) -> None:
        self.content, self.trouble = content, trouble
        self.asked: list[str] = []
        self.limits: list[tuple[int, float]] = []

    def fetch(self, url: str, *, folder: Path, limit_bytes: int, limit_seconds: float, is_unwanted: Callable[[], bool]) -> Fetched:
        self.asked.append(url)
        self.limits.append((limit_bytes, limit_seconds))
        if self.trouble is not None:
            raise self.trouble
        path = folder / "video.mp4"
        path.write_bytes(self.content)
        return Fetched(path)


def post(studio: Studio) -> UUID:
    facts = replace(POST.video, url="https://www.tiktok.com/@ana/video/1") if POST.video else None
    return put(studio.database, studio.tenant_id, [replace(POST, video=facts)])["v1"]


def test_a_posts_video_is_fetched_once_where_downloads_are_allowed(studio: Studio) -> None:
    fetching = Fetching(video())
    allowed = replace(studio, platforms=Platforms(media=fetching))
    video_id = post(allowed)

    for _ in range(2):
        allowed.run(ask(allowed, video_id=video_id))

    with allowed.database.begin(allowed.tenant_id) as uow:
        (found,) = uow.media.page(limit=5)
    assert (found.origin, found.video_id, found.file_name) == ("download", video_id, "How videos travel")
    assert (fetching.asked, len(allowed.kept())) == (["https://www.tiktok.com/@ana/video/1"], 1)
    assert allowed.candidates(found.media_id)


def test_where_downloads_are_off_a_post_needs_its_file_and_the_caller_is_told(studio: Studio) -> None:
    video_id = post(studio)
    with pytest.raises(Conflict, match=rf"POST /media\?video_id={video_id}.*WHYRAL_MEDIA_DOWNLOADS"):
        ask(studio, video_id=video_id)
    # Asked for while they were on, run after they were turned off.
    request = ask(replace(studio, platforms=Platforms(media=Fetching(video()))), video_id=video_id)

    with pytest.raises(Refused, match="downloads of public videos are off"):
        studio.run(request)

    found, _ = studio.send(video(), video_id=video_id)
    studio.run(ask(studio, video_id=video_id))
    assert studio.candidates(found.media_id)


@pytest.mark.parametrize(
    ("fetching", "error"),
    [(Fetching(b"no video"), Unacceptable), (Fetching(b"", OutOfResources("the video has more than 4 hours")), OutOfResources)],
)
def test_a_download_that_is_of_no_use_is_not_kept(studio: Studio, fetching: Fetching, error: type[Exception]) -> None:
    allowed = replace(studio, platforms=Platforms(media=fetching))
    request = ask(allowed, video_id=post(allowed))

    with pytest.raises(error):
        allowed.run(request)

    assert allowed.kept() == set()


def fetches(studio: Studio) -> int:
    """How many of the day's videos are counted."""
    with studio.database.begin(studio.tenant_id) as uow:
        found = uow.connection.execute(sa.text("select coalesce(sum(used), 0) from usage_counters where meter = 'media_per_day'"))
        return int(found.scalar_one())


def test_a_video_that_is_fetched_is_one_of_the_days_and_no_other_is(studio: Studio) -> None:
    allowed = replace(studio, platforms=Platforms(media=Fetching(video())))
    video_id = post(allowed)

    request = ask(allowed, video_id=video_id)
    asked = fetches(studio)
    allowed.run(request)
    allowed.run(request)
    allowed.run(ask(allowed, video_id=video_id))
    with studio.database.begin(studio.tenant_id) as uow:
        uow.requests.cancel(request.request_id)

    assert (asked, fetches(studio)) == (1, 1), "what came counts, whatever becomes of its run"


def test_a_video_that_was_not_fetched_in_the_end_is_not_counted(studio: Studio) -> None:
    allowed = replace(studio, platforms=Platforms(media=Fetching(video(), SourceRefused("youtube", "it is private"))))
    video_id = post(allowed)
    request, late = ask(allowed, video_id=video_id), ask(allowed, video_id=video_id)
    with pytest.raises(SourceRefused):
        allowed.run(request)
    asked = fetches(studio)
    with studio.database.begin(studio.tenant_id) as uow:
        uow.requests.fail(uow.requests.get(request.request_id), error={}, retryable=False)
    refused = fetches(studio)

    allowed.send(video(name="sent"), video_id=video_id)
    allowed.run(late)

    assert (asked, refused, fetches(studio)) == (2, 1, 1), "the one that was sent"


def test_a_fetch_beyond_the_plans_limit_is_not_asked_for(studio: Studio) -> None:
    allowed = replace(studio, platforms=Platforms(media=Fetching(video())))
    video_id = post(allowed)
    with studio.database.begin(studio.tenant_id) as uow:
        uow.usage.take("media_per_day", 20, operation="x", now=datetime.now(UTC))

    with pytest.raises(LimitReached):
        ask(allowed, video_id=video_id)


def test_a_fetch_keeps_to_the_limits_of_the_deployment(studio: Studio) -> None:
    fetching = Fetching(video())
    allowed = replace(studio, platforms=Platforms(media=fetching))

    allowed.run(ask(allowed, video_id=post(allowed)))

    assert fetching.limits == [(studio.tools.limits.file_bytes, studio.tools.limits.duration_seconds)]
