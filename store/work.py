"""The unit of work: one open transaction and the repositories bound to its tenant. Opening and committing is `store.database`."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound, Unauthenticated
from domain.sessions import OpenSession
from store.accounts import Accounts
from store.aggregates import Aggregates
from store.analytics import Analytics
from store.audit import Audit, SystemAudit
from store.billing import Billing
from store.billing_calls import BillingCalls
from store.billing_events import BillingEvents
from store.billing_lists import BillingLists
from store.billing_system import SystemBilling
from store.billing_told import BillingTold
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
from store.factors import Factors
from store.features import Features
from store.feedback import FeedbackBox, Switches
from store.fetches import Fetches, Quotas, Sources, SystemFetches
from store.forecasts import Forecasts
from store.idempotency import Idempotency
from store.identity import Identity
from store.ids import new_id
from store.imports import Imports
from store.insights import Insights
from store.invitations import Invitations
from store.kept import Kept
from store.leaving import Leaving
from store.ledger import Ledger, SystemLedger
from store.logs import Logs, SystemLogs
from store.media import Media
from store.members import Members
from store.names import Names
from store.oauth_states import OauthStates
from store.outbox import SystemMails
from store.overrides import Overrides
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
from store.sign_ins import SignIns
from store.stats import Stats
from store.tenant_rows import TenantRows
from store.thumbnails import Thumbnails
from store.told import Told
from store.trackings import SystemTrackings, Trackings
from store.trending import SystemTrending, Trending
from store.trust import Trust, raise_alert
from store.usage import Usage
from store.users import Users
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

    @contextmanager
    def visiting(self, tenant_id: UUID, user_id: UUID) -> "Iterator[UnitOfWork]":
        """The same transaction, for a while in another workspace of its user: one that they have just made or joined."""
        role = self.connection.exec_driver_sql("select role from app.enter_member(%s, %s)", (tenant_id, user_id)).scalar()
        if role is None:
            raise Unauthenticated("the user is no member of that workspace")
        yield UnitOfWork(self.connection, tenant_id, user_id=user_id, role=role, session=self.session)
        # After an error there is no way back: the transaction is over.
        self.connection.exec_driver_sql("select set_config('app.tenant', %s, true)", (str(self.tenant_id),))

    @cached_property
    def members(self) -> Members:
        return Members(self.connection, self.tenant_id)

    @cached_property
    def invitations(self) -> Invitations:
        return Invitations(self.connection, self.tenant_id)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.connection, self.tenant_id)

    @cached_property
    def users(self) -> Users:
        return Users(self.connection, self.tenant_id)

    @cached_property
    def factors(self) -> Factors:
        return Factors(self.connection, self.tenant_id)

    @cached_property
    def sign_ins(self) -> SignIns:
        return SignIns(self.connection, self.tenant_id)

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
        return Trust(self.connection, self.tenant_id, impersonator=self.session.impersonator if self.session else None)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self.connection, self.tenant_id)

    @cached_property
    def logs(self) -> Logs:
        return Logs(self.connection, self.tenant_id)

    @cached_property
    def usage(self) -> Usage:
        return Usage(self.connection, self.tenant_id, user_id=self.user_id)

    @cached_property
    def plans(self) -> Plans:
        return Plans(self.connection, self.tenant_id)

    @cached_property
    def billing(self) -> Billing:
        return Billing(self.connection, self.tenant_id)

    @cached_property
    def billing_lists(self) -> BillingLists:
        return BillingLists(self.connection, self.tenant_id)

    @cached_property
    def billing_events(self) -> BillingEvents:
        return BillingEvents(self.connection, self.tenant_id)

    @cached_property
    def billing_calls(self) -> BillingCalls:
        return BillingCalls(self.connection, self.tenant_id, user_id=self.user_id)

    @cached_property
    def billing_told(self) -> BillingTold:
        return BillingTold(self.connection, self.tenant_id)

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

    @cached_property
    def overrides(self) -> Overrides:
        return Overrides(self.connection, self.tenant_id)

    @cached_property
    def feedback(self) -> FeedbackBox:
        return FeedbackBox(self.connection, self.tenant_id)

    @cached_property
    def switches(self) -> Switches:
        return Switches(self.connection, self.tenant_id)


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
    def billing(self) -> SystemBilling:
        return SystemBilling(self.connection)

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

    @cached_property
    def mails(self) -> SystemMails:
        return SystemMails(self.connection)

    @cached_property
    def audit(self) -> SystemAudit:
        return SystemAudit(self.connection)

    @cached_property
    def logs(self) -> SystemLogs:
        return SystemLogs(self.connection)

    def set_platform_admin(self, email: str, *, is_admin: bool) -> UUID:
        """Whether a user sees all workspaces. Returns who it is. Raises NotFound."""
        words = {"email": email, "is_admin": is_admin, "entry": new_id()}
        found: UUID | None = self.connection.execute(
            sa.text("select app.set_platform_admin(:email, :is_admin, :entry)"), words
        ).scalar_one()
        if found is None:
            raise NotFound("user", email)
        return found

    def raise_alert(self, tenant_id: UUID, **words: object) -> bool:
        """Tell one tenant something, once."""
        return raise_alert(self.connection, tenant_id, **words)
