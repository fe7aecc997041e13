"""The second wall: row-level security, forced, and who is granted what. Statements only; the migrations run them.

Roles: `whyral_owner` owns and migrates, `whyral_app` serves tenants, `whyral_system` serves sensors, reaper and schedules,
`whyral_definer` (no login) owns the few functions that may look before a tenant is known.
FORCE binds the owner too. A policy `TO whyral_definer USING (true)` leaves no security qual, so its functions use indexes.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

OWNER, APP, SYSTEM, DEFINER = "whyral_owner", "whyral_app", "whyral_system", "whyral_definer"

CURRENT_TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"

# Append-only: never updated. Deletion is allowed and planned (the policy clock), except for money and audit.
APPEND_ONLY = {
    *("video_snapshots", "video_texts", "owner_metrics", "owner_reports", "account_followers"),
    *("request_events", "audit_log", "ledger_entries", "effects", "releases", "findings", "release_inputs"),
    *("experiment_counts", "experiment_units", "auth_events"),
    *("scoring_model_versions", "predictions", "prediction_videos", "prediction_scores"),
}
NEVER_DELETED = {"audit_log", "ledger_entries", "ledger_days", "reservations"}

# What the role of sensors, reaper and schedules reaches across tenants.
SYSTEM_TABLES = {
    "tenants",
    "requests",
    "request_events",
    "outbox",
    "idempotency_keys",
    "alerts",
    "reservations",
    "ledger_entries",
    "ledger_days",
    "channels",
    "connections",
    "oauth_states",
    "channel_syncs",
    "trending_sounds",
    "chart_asks",
    "trackings",
    "fetch_cache",
    "fetch_uses",
    "quota_days",
    "quota_uses",
    "external_calls",
    "push_entries",
}

# What the definer's functions reach: each fixes its tenant inside, or is on the list of `CROSS_TENANT_FUNCTIONS`.
DEFINER_TABLES = {
    *("users", "rate_limits", "tenants", "memberships", "api_keys", "subscriptions", "videos", "oauth_states"),
    *("accounts", "trackings", "fetch_cache", "fetch_uses", "quota_days", "quota_uses", "source_health", "push_feeds", "push_entries"),
    *("collections", "name_changes", "trending_sounds", "chart_asks"),
    *("sessions", "user_tokens", "user_identities", "recovery_codes", "known_devices", "auth_events", "invitations"),
}
CROSS_TENANT_FUNCTIONS = {
    *("enter", "enter_member", "register", "login", "take_token", "ensure_month", "workspaces", "take_oauth_state"),
    # Before a workspace is known, or of a user in all of theirs.
    *("enter_session", "open_session", "end_session", "note_auth"),
    *("put_sign_in_state", "use_token_once", "find_identity", "register_identity", "link_identity", "identities", "unlink_identity"),
    *("second_factor", "begin_second_factor", "accept_totp_step", "confirm_second_factor", "renew_recovery_codes", "use_recovery_code"),
    *("drop_second_factor", "prove_session", "begin_challenge", "guess_challenge", "end_challenge", "give_token"),
    *("sealed_factors", "reseal_factor"),
    # Of the whole platform by their nature: answers, quotas and health that all share, feeds that are known by a token.
    *(
        "find_answer",
        "fresh_answers",
        "put_answers",
        "quota_free",
        "take_quota",
        "spend_quota",
        "source_health",
        "put_source_health",
        "sources",
    ),
    *("push_feed", "ask_push", "find_push", "confirm_push", "push_arrived"),
    # Charts of sounds belong to no tenant.
    *("trending_sounds", "sound_facts", "sound_ranks", "ask_for_chart"),
}
PLATFORM_TABLES = {
    *("users", "rate_limits", "plans", "oauth_states"),
    *("sessions", "user_tokens", "user_identities", "recovery_codes", "known_devices", "auth_events"),
    *("fetch_cache", "quota_days", "source_health", "push_feeds", "push_entries"),
    *("trending_sounds", "chart_asks"),
}


def protect(table: str) -> Iterator[str]:
    """Forced row-level security and grants for one table of a tenant, or of the platform."""
    yield f"alter table {table} enable row level security"
    yield f"alter table {table} force row level security"
    yield f"revoke all on {table} from public"
    if table == "plans":
        yield f"create policy readable on {table} for select using (true)"
        yield f"grant select on {table} to {APP}, {SYSTEM}, {DEFINER}"
        yield f"create policy kept on {table} to {OWNER} using (true) with check (true)"
    elif table not in PLATFORM_TABLES:
        mine = f"tenant_id = {CURRENT_TENANT}"
        yield f"create policy tenant on {table} to {APP} using ({mine}) with check ({mine})"
        yield f"grant {', '.join(_verbs(table))} on {table} to {APP}"
    for role, listed in ((SYSTEM, SYSTEM_TABLES), (DEFINER, DEFINER_TABLES)):
        if table in listed:
            yield f"create policy {role.removeprefix('whyral_')} on {table} to {role} using (true) with check (true)"
            yield f"grant {', '.join(_verbs(table))} on {table} to {role}"


def _verbs(table: str) -> list[str]:
    verbs = ["select", "insert"]
    if table not in APPEND_ONLY:
        verbs.append("update")
    if table not in NEVER_DELETED:
        verbs.append("delete")
    return verbs


def run(connection: sa.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
