"""The unit of work: one open transaction and the repositories bound to its tenant. Opening and committing is `store.database`."""

from functools import cached_property
from uuid import UUID

import sqlalchemy as sa

from domain.sessions import OpenSession
from store.accounts import Accounts
from store.aggregates import Aggregates
from store.analytics import Analytics
from store.candidates import Candidates
from store.catalogue import Catalogue
from store.channels import Channels
from store.clips import Clips
from store.collections import Collections
from store.comment_analysis import CommentAnalysis
from store.comments import Comments
from store.connections import Connections
from store.connections_system import SystemConnections
from store.costs import Costs
from store.days import Days
from store.deletions import Deletions, SystemDeletions
from store.entities import Entities
from store.experiment_tables import ExperimentTables
from store.experiments import Experiments
from store.exports import Exports
from store.features import Features
from store.fetches import Fetches, Quotas, Sources, SystemFetches
from store.forecasts import Forecasts
from store.idempotency import Idempotency
from store.identity import Identity
from store.imports import Imports
from store.insights import Insights
from store.kept import Kept
from store.leaving import Leaving
from store.ledger import Ledger, SystemLedger
from store.media import Media
from store.names import Names
from store.oauth_states import OauthStates
from store.own_channels import OwnChannels
from store.own_channels_system import SystemSyncs
from store.owner import Owner
from store.planning import Planning
from store.plans import Plans
from store.posts import Posts
from store.pushes import Pushes
from store.releases import Releases
from store.removals import Removals
from store.requests import Requests
from store.requests_system import SystemRequests
from store.retention import Retention
from store.scoring_models import ScoringModels
from store.scrapes import Scrapes
from store.searches import Activities, Searches
from store.served import Served
from store.sessions import Sessions
from store.stats import Stats
from store.tenant_rows import TenantRows
from store.thumbnails import Thumbnails
from store.told import Told
from store.trackings import SystemTrackings, Trackings
from store.trending import SystemTrending, Trending
from store.trust import Trust, raise_alert
from store.usage import Usage
from store.videos import Videos


class UnitOfWork:
    """Everything a tenant's transaction can do. No method takes a tenant: the unit of work already has one."""

    def __init__(  # noqa: PLR0913 - who came in, and by what
        self,
        connection: sa.Connection,
        tenant_id: UUID,
        *,
        user_id: UUID | None = None,
        key_id: UUID | None = None,
        role: str | None = None,
        scopes: tuple[str, ...] = (),
        session: OpenSession | None = None,
    ) -> None:
        self.connection, self.tenant_id, self.user_id = connection, tenant_id, user_id
        self.key_id, self.role, self.scopes, self.session = key_id, role, scopes, session

    @cached_property
    def identity(self) -> Identity:
        return Identity(self.connection, self.tenant_id)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.connection, self.tenant_id)

    @cached_property
    def requests(self) -> Requests:
        return Requests(self.connection, self.tenant_id)

    @cached_property
    def idempotency(self) -> Idempotency:
        return Idempotency(self.connection, self.tenant_id)

    @cached_property
    def imports(self) -> Imports:
        return Imports(self.connection, self.tenant_id)

    @cached_property
    def kept(self) -> Kept:
        return Kept(self.connection, self.tenant_id)

    @cached_property
    def leaving(self) -> Leaving:
        return Leaving(self.connection, self.tenant_id)

    @cached_property
    def media(self) -> Media:
        return Media(self.connection, self.tenant_id)

    @cached_property
    def candidates(self) -> Candidates:
        return Candidates(self.connection, self.tenant_id)

    @cached_property
    def clips(self) -> Clips:
        return Clips(self.connection, self.tenant_id)

    @cached_property
    def channels(self) -> Channels:
        return Channels(self.connection, self.tenant_id)

    @cached_property
    def connections(self) -> Connections:
        return Connections(self.connection, self.tenant_id)

    @cached_property
    def oauth_states(self) -> OauthStates:
        return OauthStates(self.connection, self.tenant_id)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.connection, self.tenant_id)

    @cached_property
    def videos(self) -> Videos:
        return Videos(self.connection, self.tenant_id)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.connection, self.tenant_id)

    @cached_property
    def analytics(self) -> Analytics:
        return Analytics(self.connection, self.tenant_id)

    @cached_property
    def stats(self) -> Stats:
        return Stats(self.connection, self.tenant_id)

    @cached_property
    def aggregates(self) -> Aggregates:
        return Aggregates(self.connection, self.tenant_id)

    @cached_property
    def comment_analysis(self) -> CommentAnalysis:
        return CommentAnalysis(self.connection, self.tenant_id)

    @cached_property
    def owner(self) -> Owner:
        return Owner(self.connection, self.tenant_id)

    @cached_property
    def own_channels(self) -> OwnChannels:
        return OwnChannels(self.connection, self.tenant_id)

    @cached_property
    def insights(self) -> Insights:
        return Insights(self.connection, self.tenant_id)

    @cached_property
    def releases(self) -> Releases:
        return Releases(self.connection, self.tenant_id)

    @cached_property
    def features(self) -> Features:
        return Features(self.connection, self.tenant_id)

    @cached_property
    def posts(self) -> Posts:
        return Posts(self.connection, self.tenant_id)

    @cached_property
    def told(self) -> Told:
        return Told(self.connection, self.tenant_id)

    @cached_property
    def collections(self) -> Collections:
        return Collections(self.connection, self.tenant_id)

    @cached_property
    def comments(self) -> Comments:
        return Comments(self.connection, self.tenant_id)

    @cached_property
    def names(self) -> Names:
        return Names(self.connection, self.tenant_id)

    @cached_property
    def removals(self) -> Removals:
        return Removals(self.connection, self.tenant_id)

    @cached_property
    def retention(self) -> Retention:
        return Retention(self.connection, self.tenant_id)

    @cached_property
    def scrapes(self) -> Scrapes:
        return Scrapes(self.connection, self.tenant_id)

    @cached_property
    def searches(self) -> Searches:
        return Searches(self.connection, self.tenant_id)

    @cached_property
    def activities(self) -> Activities:
        return Activities(self.connection, self.tenant_id)

    @cached_property
    def trending(self) -> Trending:
        return Trending(self.connection, self.tenant_id)

    @cached_property
    def trust(self) -> Trust:
        return Trust(self.connection, self.tenant_id)

    @cached_property
    def usage(self) -> Usage:
        return Usage(self.connection, self.tenant_id, user_id=self.user_id)

    @cached_property
    def plans(self) -> Plans:
        return Plans(self.connection, self.tenant_id)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.connection, self.tenant_id, user_id=self.user_id)

    @cached_property
    def costs(self) -> Costs:
        return Costs(self.connection, self.tenant_id)

    @cached_property
    def trackings(self) -> Trackings:
        return Trackings(self.connection, self.tenant_id)

    @cached_property
    def entities(self) -> Entities:
        return Entities(self.connection, self.tenant_id)

    @cached_property
    def thumbnails(self) -> Thumbnails:
        return Thumbnails(self.connection, self.tenant_id)

    @cached_property
    def experiments(self) -> Experiments:
        return Experiments(self.connection, self.tenant_id)

    @cached_property
    def experiment_tables(self) -> ExperimentTables:
        return ExperimentTables(self.connection, self.tenant_id)

    @cached_property
    def served(self) -> Served:
        return Served(self.connection, self.tenant_id)

    @cached_property
    def days(self) -> Days:
        return Days(self.connection, self.tenant_id)

    @cached_property
    def forecasts(self) -> Forecasts:
        return Forecasts(self.connection, self.tenant_id)

    @cached_property
    def planning(self) -> Planning:
        return Planning(self.connection, self.tenant_id)

    @cached_property
    def scoring_models(self) -> ScoringModels:
        return ScoringModels(self.connection, self.tenant_id)

    @cached_property
    def fetches(self) -> Fetches:
        return Fetches(self.connection, self.tenant_id)

    @cached_property
    def quotas(self) -> Quotas:
        return Quotas(self.connection, self.tenant_id)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.connection, self.tenant_id)

    @cached_property
    def pushes(self) -> Pushes:
        return Pushes(self.connection, self.tenant_id)

    @cached_property
    def exports(self) -> Exports:
        return Exports(self.connection, self.tenant_id)

    @cached_property
    def deletions(self) -> Deletions:
        return Deletions(self.connection, self.tenant_id)

    @cached_property
    def rows(self) -> TenantRows:
        return TenantRows(self.connection, self.tenant_id)


class SystemWork:
    """What sensors, reaper and schedules do across tenants."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    @cached_property
    def requests(self) -> SystemRequests:
        return SystemRequests(self.connection)

    @cached_property
    def connections(self) -> SystemConnections:
        return SystemConnections(self.connection)

    @cached_property
    def deletions(self) -> SystemDeletions:
        return SystemDeletions(self.connection)

    def adopt_user(self, user_id: UUID, email: str, full_name: str | None) -> UUID:
        """Whoever has this address; made, without a password, where nobody has it."""
        words = {"user": user_id, "email": email, "name": full_name}
        found = self.connection.execute(sa.text("select app.adopt_user(:user, :email, :name)"), words)
        return found.scalar_one()  # type: ignore[no-any-return]  # a uuid

    @cached_property
    def ledger(self) -> SystemLedger:
        return SystemLedger(self.connection)

    @cached_property
    def syncs(self) -> SystemSyncs:
        return SystemSyncs(self.connection)

    @cached_property
    def trending(self) -> SystemTrending:
        return SystemTrending(self.connection)

    @cached_property
    def trackings(self) -> SystemTrackings:
        return SystemTrackings(self.connection)

    @cached_property
    def fetches(self) -> SystemFetches:
        return SystemFetches(self.connection)

    def raise_alert(self, tenant_id: UUID, **words: object) -> bool:
        """Tell one tenant something, once."""
        return raise_alert(self.connection, tenant_id, **words)
