"""Runs of clips, played by hand in the order of their graph, with a fake at the port of media. The real graph is in tests/assets."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from domain.ports import Platforms
from domain.requests import State
from gateways.files.store import LocalFiles
from services import analysing, checking, clip_subjects, clips, sourcing, suggesting, transcribing
from store.database import Database
from tests.conftest import Member
from tests.media import FakeMedia, video
from tests.services.alone import Alone

if TYPE_CHECKING:  # these are fixtures of that module
    from tests.api.conftest import Caller

Made = dict[str, Any]


@dataclass(frozen=True)
class Playing:
    """Plays the run of whatever was asked for. `faults`: what the checks see of the clips that come out."""

    database: Database
    files: LocalFiles
    tenant_id: UUID
    faults: dict[str, object] = field(default_factory=dict)
    platforms: Platforms = field(default_factory=Platforms)

    def __call__(self, asked: Made) -> None:
        with self.database.begin(self.tenant_id) as uow:
            work = Alone(self.database, uow.requests.get(UUID(asked["request_id"])))
        tools, files = FakeMedia(self.files, seen=self.faults), self.files
        sourcing.ready(work, files, tools, self.platforms)
        clip_subjects.each_media(work, lambda media_id: transcribing.read(work, tools, files, media_id))
        clip_subjects.each_media(work, lambda media_id: analysing.look_at(work, tools, media_id))
        suggesting.suggest_all(work)
        if not clip_subjects.is_suggestion(work):
            clips.render_all(work, tools, files)
            checking.check_all(work, tools, files)
        with work.begin() as uow:
            uow.requests.claim(work.request.request_id, work.request.attempt, uuid4().hex)
            uow.requests.end(work.request.request_id, State.SUCCEEDED)


@pytest.fixture
def play(database: Database, member: Member, files: LocalFiles) -> Playing:
    """Play a run of `member`'s."""
    return Playing(database, files, member.tenant_id)


def taken(caller: "Caller", query: str = "") -> Made:
    """What is answered to a video that comes in; its bytes are its own."""
    headers = {"Content-Type": "video/mp4"}
    return dict(caller.call("POST", f"/media{query}", content=video(name=uuid4().hex), headers=headers).json())


@pytest.fixture
def taken_in(mine: "Caller") -> Made:
    """A video that came in, and its first clip as it was asked for."""
    return taken(mine)


@pytest.fixture
def media(mine: "Caller", play: Playing) -> Made:
    """A video whose candidates are known; nothing was rendered."""
    sent = taken(mine, "?render=false&min_seconds=5&max_seconds=12")
    play(sent["media"])
    return dict(sent["media"])


@pytest.fixture
def candidates(mine: "Caller", media: Made) -> list[Made]:
    """Best first."""
    return list(mine.get(f"/clips/candidates?media_id={media['media_id']}").json()["items"])


@pytest.fixture
def clip(mine: "Caller", play: Playing, candidates: list[Made]) -> Made:
    """A clip that was rendered and delivered."""
    job = mine.post("/clips/jobs", {"candidate_ids": [candidates[0]["candidate_id"]]}).json()
    play(job)
    return dict(mine.get(f"/clips/{job['clips'][0]['clip_id']}").json())


@pytest.fixture
def blocked(mine: "Caller", play: Playing, candidates: list[Made]) -> Made:
    """A clip that a check kept back."""
    job = mine.post("/clips/jobs", {"candidate_ids": [candidates[0]["candidate_id"]]}).json()
    play.faults["black"] = ((1.0, 4.0),)
    play(job)
    play.faults.clear()
    return dict(mine.get(f"/clips/{job['clips'][0]['clip_id']}").json())
