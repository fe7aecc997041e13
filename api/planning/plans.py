"""Plans as published, and drafts. Scoring models and predictions are in modules of their own."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from api.figures import AsOf, asked_moment
from api.planning.bodies import DraftIn
from api.planning.shapes import DraftOut, PlanOut
from api.security import BEARER, known_caller
from services import planning
from store.database import Database, Entry
from store.releases import EVERYBODY

OfAccount = Annotated[UUID | None, QueryParameter(description="of this account; left out: of all of them together")]


class PlanController(Controller):
    """What next."""

    path = "/insights"
    tags = ["planning"]
    guards = [known_caller]
    security = BEARER

    @get("/patterns", sync_to_thread=True)
    def patterns(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], account_id: OfAccount = None, as_of: AsOf = None
    ) -> PlanOut:
        """What outliers share, against the other posts: shares with intervals, lift, q over all patterns. A description, no cause."""
        return _section(database, entry, "patterns", account_id, as_of)

    @get("/blueprint", sync_to_thread=True)
    def blueprint(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], account_id: OfAccount = None, as_of: AsOf = None
    ) -> PlanOut:
        """What to do, to avoid and to test, with the effects that carry each item; what makes no difference; what is not known yet."""
        return _section(database, entry, "blueprint", account_id, as_of)

    @get("/quick-wins", sync_to_thread=True)
    def quick_wins(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], account_id: OfAccount = None, as_of: AsOf = None
    ) -> PlanOut:
        """What is cheap to change and not done already, with what it comes to on the account's usual views."""
        return _section(database, entry, "quick_wins", account_id, as_of)

    @get("/suggestions", sync_to_thread=True)
    def suggestions(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], account_id: OfAccount = None, as_of: AsOf = None
    ) -> PlanOut:
        """Ideas for the next video: topics and slots that did better, combinations that were never tried."""
        return _section(database, entry, "suggestions", account_id, as_of)

    @post("/drafts", sync_to_thread=True, status_code=200)
    def check_draft(self, data: JSONBody[DraftIn], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> DraftOut:
        """Check a video before it is out: features, views to expect, effects that apply, what its texts break. Nothing is kept."""
        with database.begin(entry) as uow:
            return DraftOut.of(data.account_id, *planning.checked(uow, data.draft))


def _section(database: Database, entry: Entry, section: str, account_id: UUID | None, as_of: AsOf) -> PlanOut:
    with database.begin(entry) as uow:
        scope = uow.accounts.narrowing(account_id) or EVERYBODY
        return PlanOut.of(uow.releases.finding("next", section, scope, as_of=asked_moment(as_of)), account_id)
