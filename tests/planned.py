"""A tenant whose plans are published: posts of two accounts, effects as if they had been found, and what may be said of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np

from domain.observations import Observed
from services.insights.features import FEATURES
from services.insights.plans import PLANS
from services.insights.releases import Published, publish
from services.insights.scores import SCORES
from store.database import Database
from store.ids import new_id
from store.releases import EffectRow
from tests.domain.planning.worlds import EFFECTS, WORDS
from tests.library import NOON, seen
from tests.published import DAY, bring, work_of

NOW = NOON
# Share of its long run that a post has at each age, in days.
GROWN = {1: 0.3, 7: 0.6, 31: 1.0}


def posts(account: str, *, count: int, seed: int = 1) -> list[Observed]:
    """A post a day, the last of them 32 days ago, each seen at three ages; every other title asks, and every tenth post is a hit."""
    chance = np.random.default_rng(seed)
    found = []
    for number in range(count):
        posted, views = (
            NOW - (32 + count - number) * DAY,
            5000 * float(np.exp(0.4 * chance.standard_normal())) * (8 if number % 10 == 4 else 1),
        )
        title = f"{' '.join(chance.choice(WORDS, 2))}{'?' if number % 2 else ''}"
        for age, share in GROWN.items():
            found.append(
                seen(f"{account}-{number}", int(views * share), 9, account=account, posted=posted, at=posted + age * DAY, title=title,
                     comments=1, shares=1, hashtags=("bread",))
            )  # fmt: skip
    return found


def put_effects(database: Database, tenant_id: UUID, effects: tuple[tuple[str, dict[str, Any]], ...] = EFFECTS) -> None:
    """A release of effects, as if these had been found."""
    with database.begin(tenant_id) as uow:
        release_id = new_id()
        uow.releases.publish(
            {"release_id": release_id, "kind": "effects", "method": "m", "code_version": "t", "params": {}, "seed": 1, "inputs_hash": "i",
             "outputs_hash": "o", "inputs_count": 60, "as_of": NOW}
        )  # fmt: skip
        rows = [(f"{figures['outcome']}/{figures['feature']}", figures) for _, figures in effects]
        uow.releases.put_effects(release_id, [EffectRow(key, figures["verdict"], figures) for key, figures in rows])


def plan_all(database: Database, tenant_id: UUID, *, count: int = 50) -> dict[str, Published]:
    """Accounts ana and ben with so many posts each, through features, scores, effects and plans."""
    for seed, account in enumerate(("ana", "ben")):
        bring(database, tenant_id, posts(account, count=count, seed=seed))
    work = work_of(database, tenant_id)
    made = {kind.name: publish(work, kind, as_of=NOW) for kind in (FEATURES, SCORES)}
    put_effects(database, tenant_id)
    return made | {"next": publish(work, PLANS, as_of=NOW)}


def id_of(database: Database, tenant_id: UUID, name: str, *, of: str = "account") -> UUID:
    """The account by its handle, or the video by its own name."""
    known = {
        "account": "select account_id from accounts where username = %s",
        "video": "select video_id from videos where external_id = %s",
    }
    with database.begin(tenant_id) as uow:
        return UUID(str(uow.connection.exec_driver_sql(known[of], (name,)).scalar_one()))


def post_later(database: Database, tenant_id: UUID, *, days: float, ages: tuple[float, ...], views: int = 5000, name: str = "new") -> UUID:
    """Another post of ana, so many days after NOW, seen at these ages (days)."""
    posted = NOW + timedelta(days=days)
    rows = [
        seen(name, int(views * min(age, 31) / 31), 1, account="ana", posted=posted, at=posted + age * DAY, title="New?") for age in ages
    ]
    bring(database, tenant_id, rows)
    return id_of(database, tenant_id, name, of="video")
