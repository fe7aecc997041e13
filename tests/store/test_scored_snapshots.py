"""What the scorer reads of a video says whether its views were bought, as far as anybody has told."""

from datetime import timedelta

import sqlalchemy as sa

from services.insights.kind import Given, Reading, Terms
from services.insights.packing import pack, unpack
from services.insights.scores import SCORES
from store.database import Database
from tests.conftest import Member
from tests.library import NOON, put, seen


def test_what_is_told_of_bought_views_reaches_the_scorer_and_what_is_unknown_stays_so(database: Database, member: Member) -> None:
    days = [NOON - timedelta(days=back) for back in (2, 1, 0)]
    ids = put(database, member.tenant_id, [seen(name, 100 + n, at=at) for name in ("a", "b", "c") for n, at in enumerate(days)])
    with database.begin(member.tenant_id) as uow:
        for name, is_promoted in (("b", True), ("c", False)):
            uow.connection.execute(sa.text("update videos set is_promoted = :p where video_id = :v"), {"p": is_promoted, "v": ids[name]})
    with database.begin(member.tenant_id) as uow:
        reading = Reading(as_of=NOON + timedelta(days=400), read_at=NOON + timedelta(days=400))
        inputs = SCORES.read(uow, reading)
        assert SCORES.reread is not None
        more = SCORES.reread(uow, inputs.kept, reading)
    videos = inputs.kept["videos"]

    told = dict(zip(videos["video_id"], videos["is_promoted"], strict=True))
    assert {name: told[str(video_id)] for name, video_id in ids.items()} == {"a": None, "b": True, "c": False}
    assert len(SCORES.make(Given(unpack(pack(inputs.kept)), more, Terms(NOON + timedelta(days=1), 0))).rows) == 3
