"""The Dagster wiring: everything that the code location offers. Loading it touches neither database nor network."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import dagster as dg

import assets
from domain.clips.aids import RankingAids
from domain.media import MediaLimits
from domain.ports import Mailer, Platforms, Shops
from domain.retention import BytesKept, LogsKept
from gateways.embedding import OnnxEmbedding
from gateways.files.imports import StoredImports
from gateways.files.kept import FileOptions, KeptFiles, kept_files
from gateways.log_lines import configure_logging
from gateways.mail.choosing import MailOptions, mailer
from gateways.media.tools import StoredMedia
from gateways.platforms import PlatformOptions, platforms
from gateways.speech.choosing import Listeners, SpeechOptions
from jobs.billing import hear_payments, hourly_standing, nightly_reconciling, reconcile_payments
from jobs.channels import daily_channel_sync, sync_channel
from jobs.clips import make_clips, suggest_clips
from jobs.imports import import_file
from jobs.insights import causal_analysis, daily_insights, deep_analysis, publish_insights, refresh_accounts
from jobs.library import add_urls, daily_charts, daily_tidying, read_charts, tidy_library
from jobs.logs import daily_logs, keep_logs
from jobs.rights import erase_tenants, export_tenant
from jobs.tracking import due_schedule, scrapes
from resources.database import database_resource
from resources.files import charts, files_resource
from resources.logs import console, logs_kept_resource
from resources.mail import mailer_resource
from resources.media import bytes_kept_resource, kept_files_resource, media_tools_resource, ranking_aids_resource
from resources.platforms import platforms_resource
from resources.shops import shops_resource
from resources.traces import traces
from sensors.billing import heard_events
from sensors.charts import wanted_charts
from sensors.connections import mend_connections
from sensors.failures import failed_runs
from sensors.mails import send_mails
from sensors.requests import request_sensor
from sensors.rights import due_erasures
from settings import Settings
from store.database import Database

SETTINGS = Settings()
configure_logging(SETTINGS.log_level)
JOBS = [
    import_file,
    make_clips,
    suggest_clips,
    publish_insights,
    causal_analysis,
    deep_analysis,
    refresh_accounts,
    *scrapes,
    add_urls,
    tidy_library,
    read_charts,
    sync_channel,
    export_tenant,
    erase_tenants,
    keep_logs,
    hear_payments,
    reconcile_payments,
]


def _database() -> Database:
    url, system = SETTINGS.database_url, SETTINGS.database_system_url
    if url is None or system is None:
        raise dg.DagsterInvariantViolationError("set DATABASE_URL and WHYRAL_DATABASE_SYSTEM_URL, or start with `whyral up`")
    return Database(url.get_secret_value(), system_url=system.get_secret_value(), pool_size=3, application="whyral-dagster")


def build_defs(resources: Mapping[str, Any]) -> dg.Definitions:
    """The definitions over given resources; tests hand in their own."""
    return dg.Definitions(
        assets=dg.load_assets_from_package_module(assets),
        asset_checks=dg.load_asset_checks_from_package_module(assets),
        jobs=JOBS,
        schedules=[
            daily_insights,
            daily_tidying,
            daily_charts,
            daily_channel_sync,
            daily_logs,
            nightly_reconciling,
            hourly_standing,
            due_schedule(live_runs=SETTINGS.live_runs),
        ],
        sensors=[
            request_sensor(live_runs=SETTINGS.live_runs, jobs=JOBS),
            wanted_charts,
            failed_runs,
            mend_connections,
            send_mails,
            due_erasures,
            heard_events,
        ],
        resources=dict(resources),
        executor=dg.in_process_executor,
        loggers={"console": console},
    )


def _kept_files() -> KeptFiles:
    return kept_files(FileOptions(**SETTINGS.files))


def _files() -> StoredImports:
    return StoredImports(_kept_files())


def _media_tools() -> StoredMedia:
    listeners = Listeners(SpeechOptions(**SETTINGS.listening))
    return StoredMedia(_kept_files(), MediaLimits(file_bytes=SETTINGS.media_limit_bytes), listeners)


def _ranking_aids() -> RankingAids:
    folder = SETTINGS.embedding_model
    return RankingAids(embeds=OnnxEmbedding(folder) if folder else None)


def _bytes_kept() -> BytesKept:
    days = SETTINGS.video_retention_days, SETTINGS.thumbnail_retention_days
    return BytesKept(*(timedelta(days=each) for each in days))


def _logs_kept() -> LogsKept:
    return LogsKept(access=timedelta(days=SETTINGS.access_log_days), auth=timedelta(days=SETTINGS.auth_log_days))


def _mailer() -> Mailer:
    try:
        return mailer(MailOptions(**SETTINGS.mailing))
    except ValueError as error:
        raise dg.DagsterInvariantViolationError(str(error)) from error


def _platforms() -> Platforms:
    return platforms(PlatformOptions(**SETTINGS.platforms))


def _shops() -> Shops:
    from gateways.payment_providers import PaymentOptions, shops

    try:
        return shops(PaymentOptions(**SETTINGS.payments))
    except ValueError as error:
        raise dg.DagsterInvariantViolationError(str(error)) from error


defs = build_defs(
    {
        "database": database_resource(_database),
        "files": files_resource(_files),
        "charts": charts,
        "kept_files": kept_files_resource(_kept_files),
        "ranking_aids": ranking_aids_resource(_ranking_aids),
        "bytes_kept": bytes_kept_resource(_bytes_kept),
        "media_tools": media_tools_resource(_media_tools),
        "platforms": platforms_resource(_platforms),
        "traces": traces,
        "logs_kept": logs_kept_resource(_logs_kept),
        "mailer": mailer_resource(_mailer),
        "shops": shops_resource(_shops),
    }
)
