"""All controllers of the API: what stands under `/api/v1`, and the pages beside it. Their wiring is in `api.app`."""

from api.accounts import AccountController
from api.admin.caps import CapController, StopController
from api.admin.events import BillingEventController
from api.admin.figures import AdminStatusController
from api.admin.impersonations import ImpersonationController
from api.admin.inbox import AdminFeedbackController, DeadLetterController
from api.admin.logs import AdminLogController
from api.admin.people import AdminUserController
from api.admin.refunds import RefundController
from api.admin.revenue import RevenueController
from api.admin.switches import FeatureSwitchController
from api.admin.workspaces import AdminTenantController
from api.analytics.routes import AnalyticsController
from api.audit import AuditController
from api.billing.buying import BuyingController
from api.billing.papers import PaperController
from api.billing.returns import ReturnController
from api.billing.subscription import SubscriptionController
from api.billing.webhooks import BillingWebhookController
from api.channels.grants import ConsentController, GrantController
from api.channels.routes import ChannelController
from api.costs import CostController
from api.dashboard import DashboardController
from api.docs import ErrorPages, MethodPage
from api.entities import EntityController
from api.experiments.routes import ExperimentController
from api.experiments.tables import ExperimentTableController
from api.feedback import FeedbackController
from api.health import DetailController, HealthController, RootController, SchemaController
from api.identity import AuthController, LogoutController
from api.imports import ImportController
from api.insights.analyses import AdvancedController, CausalController, DeepController
from api.insights.anomalies import AnomalyController
from api.insights.charts import ChartController
from api.insights.effects import EffectController
from api.insights.outliers import ForecastController, OutlierController
from api.invitations import InvitationController, JoiningController
from api.keys import KeyController
from api.library.activity import ActivityController
from api.library.collections import CollectionController
from api.library.comments import CommentController
from api.library.names import HashtagController, SoundController
from api.library.refreshing import CommentRefreshController
from api.library.scraping import ScrapeController
from api.library.searching import SearchController, TrendingController
from api.library.series import SeriesController
from api.me import MeController
from api.media.clip_files import ClipFileController
from api.media.clips import ClipController
from api.media.jobs import JobController
from api.media.links import LinkedFileController
from api.media.routes import MediaController
from api.media.suggesting import SuggestionController
from api.media.transcripts import TranscriptController
from api.members import MemberController
from api.owner.channel import OwnChannelController
from api.owner.comments import CommentAnalysisController
from api.owner.reports import OwnerReportController
from api.owner.syncs import SyncController
from api.passwords import PasswordController, ResetController
from api.planning.models import ScoringModelController
from api.planning.plans import PlanController
from api.planning.predictions import PredictionController
from api.plans import OfferController
from api.releases import ReleaseController
from api.requests import RequestController
from api.rights import DeletionController, ExportController
from api.sign_in.factors import OwnFactorController, SecondFactorController
from api.sign_in.google import GoogleLoginController
from api.sign_in.identities import OidcController, OwnIdentityController
from api.stats import StatsController
from api.switching import DeactivationController, SwitchController
from api.tenants import TenantController
from api.tracking.routes import TrackController, TrackingController
from api.tracking.sources import SourceController
from api.tracking.webhooks import PushController
from api.usage import UsageController
from api.videos.routes import VideoController
from api.youtube import YouTubeController

PAGES = (RootController, HealthController, ErrorPages, MethodPage)
ROUTES = (
    SchemaController,
    HealthController,
    AuthController,
    LogoutController,
    ResetController,
    MeController,
    PasswordController,
    SecondFactorController,
    GoogleLoginController,
    OidcController,
    OwnFactorController,
    OwnIdentityController,
    KeyController,
    ExportController,
    DeletionController,
    TenantController,
    SwitchController,
    DeactivationController,
    MemberController,
    InvitationController,
    JoiningController,
    AuditController,
    FeedbackController,
    AdminStatusController,
    AdminUserController,
    AdminTenantController,
    CapController,
    StopController,
    AdminLogController,
    ImpersonationController,
    DeadLetterController,
    RevenueController,
    RefundController,
    BillingEventController,
    AdminFeedbackController,
    FeatureSwitchController,
    ConsentController,
    ChannelController,
    GrantController,
    RequestController,
    ImportController,
    MediaController,
    TranscriptController,
    SuggestionController,
    JobController,
    ClipController,
    ClipFileController,
    LinkedFileController,
    OutlierController,
    ForecastController,
    EffectController,
    DeepController,
    CausalController,
    AdvancedController,
    AnomalyController,
    ChartController,
    EntityController,
    ExperimentController,
    ExperimentTableController,
    PlanController,
    ScoringModelController,
    PredictionController,
    ReleaseController,
    VideoController,
    AccountController,
    SeriesController,
    CommentController,
    CommentRefreshController,
    HashtagController,
    SoundController,
    CollectionController,
    ActivityController,
    ScrapeController,
    SearchController,
    TrendingController,
    TrackController,
    TrackingController,
    SourceController,
    PushController,
    AnalyticsController,
    StatsController,
    OwnChannelController,
    OwnerReportController,
    CommentAnalysisController,
    SyncController,
    DashboardController,
    OfferController,
    BillingWebhookController,
    SubscriptionController,
    BuyingController,
    PaperController,
    ReturnController,
    UsageController,
    CostController,
    YouTubeController,
    DetailController,
)
