"""The second wall: row-level security, forced, and who is granted what. Statements only; the migrations run them.

Roles: `whyral_owner` owns and migrates, `whyral_app` serves tenants, `whyral_system` serves sensors, reaper and schedules,
`whyral_definer` (no login) owns the few functions that may look before a tenant is known.
FORCE binds the owner too. A policy `TO whyral_definer USING (true)` leaves no security qual, so its functions use indexes.
"""

from collections.abc import Iterable

import sqlalchemy as sa

OWNER, APP, SYSTEM, DEFINER = "whyral_owner", "whyral_app", "whyral_system", "whyral_definer"

CURRENT_TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"

# Append-only: never updated. Deletion is allowed and planned (the policy clock), except for money and audit.
APPEND_ONLY = {
    *("video_snapshots", "video_texts", "owner_metrics", "owner_reports", "account_followers"),
    *("request_events", "audit_log", "ledger_entries", "effects", "releases", "findings", "release_inputs"),
    *("experiment_counts", "experiment_units", "auth_events"),
    *("audit_addresses", "audit_chain", "audit_exports", "access_log"),
    *("scoring_model_versions", "predictions", "prediction_videos", "prediction_scores"),
    "subscription_changes",
}
NEVER_DELETED = {
    *("audit_log", "audit_chain", "audit_heads", "audit_exports", "ledger_entries", "ledger_days", "reservations"),
    *("billing_invoices", "billing_payments", "billing_refunds", "billing_disputes", "subscription_changes"),
}
# What erasure takes out of rows that stay: the definer may write these columns, and nobody else may.
SCRUBBED = {
    "audit_log": ("subject", "details", "request_id", "address_seal", "scrubbed_at"),
    **dict.fromkeys(("billing_invoices", "billing_payments", "billing_refunds", "billing_disputes"), ("data",)),
}

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
    *("usage_takes", "usage_counters", "usage_parts", "clips", "leaving_files"),
    "deletions",
    "tombstones",
    *("audit_chain", "audit_heads", "audit_exports"),
    *("billing_customers", "billing_subscriptions", "billing_invoices", "billing_payments", "billing_refunds", "billing_disputes"),
    *("billing_methods", "billing_calls", "billing_events", "subscription_changes", "billing_cursors"),
}

# What the definer's functions reach: each fixes its tenant inside, or is on the list of `CROSS_TENANT_FUNCTIONS`.
DEFINER_TABLES = {
    *("users", "rate_limits", "call_counts", "tenants", "memberships", "api_keys", "subscriptions", "videos", "oauth_states"),
    *("accounts", "trackings", "fetch_cache", "fetch_uses", "quota_days", "quota_uses", "source_health", "push_feeds", "push_entries"),
    *("collections", "name_changes", "trending_sounds", "chart_asks"),
    *("sessions", "user_tokens", "user_identities", "recovery_codes", "known_devices", "auth_events", "invitations"),
    *("audit_log", "audit_addresses", "audit_chain", "audit_heads", "access_log"),
    # What administrators of the platform read across workspaces.
    *("plan_overrides", "feedback", "switch_overrides", "switches", "requests", "outbox", "reservations", "ledger_days", "external_calls"),
    "usage_counters",
    *("deployment_caps", "deployment_spending", "deployment_settled"),
    *("billing_customers", "billing_subscriptions", "billing_events"),
    *("billing_invoices", "billing_payments", "billing_refunds", "billing_disputes"),
}
# For administrators of the platform: each asks `app.is_admin()` first, whoever calls it.
ADMIN_FUNCTIONS = {
    *("admin_users", "admin_members", "admin_set_active", "admin_end_sessions", "admin_sessions", "admin_tenants", "admin_audit"),
    *("admin_auth_log", "admin_calls", "admin_spending", "admin_usage", "admin_quotas", "admin_counts", "admin_dead_letters"),
    *("admin_feedback", "admin_impersonate", "admin_impersonations", "admin_switches", "admin_put_switch"),
}
CROSS_TENANT_FUNCTIONS = {
    *("enter", "enter_member", "register", "login", "take_token", "ensure_month", "workspaces", "take_oauth_state"),
    # Before a workspace is known, or of a user in all of theirs.
    *("enter_session", "open_session", "end_session", "note_auth"),
    *("take_calls", "owner_of_key", "owner_of_session"),
    *("enter_key", "session_facts", "switch_session", "add_workspace", "deactivate_me"),
    *("invited", "accept_invitation", "register_invited"),
    *("refresh_session", "own_sessions", "end_own_sessions", "sweep_sessions", "give_token"),
    *("put_user_token", "take_user_token", "token_of", "verify_email", "reset_password", "change_password"),
    *("knows_device", "know_device", "change_profile"),
    *("put_sign_in_state", "use_token_once", "find_identity", "register_identity", "link_identity", "identities", "unlink_identity"),
    *("second_factor", "begin_second_factor", "accept_totp_step", "confirm_second_factor", "renew_recovery_codes", "use_recovery_code"),
    *("drop_second_factor", "prove_session", "begin_challenge", "guess_challenge", "end_challenge"),
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
    # The chain of the audit log, which no role may write by itself, and logs of the whole platform.
    *("chain_entry", "chain_audit", "verify_audit", "note_platform"),
    *("put_access_log", "check_admin", "read_access_log", "read_auth_events", "prune_logs", "overdue_logs"),
    # Charts of sounds belong to no tenant.
    *("trending_sounds", "sound_facts", "sound_ranks", "ask_for_chart"),
    # The whole deployment's spending: each answers for one workspace whether there is room, and tells no sums of others.
    *("deal_out", "hold_deployment", "settle_deployment", "count_settled"),
    # An event of a payment provider names its customer: whose that is has to be found out.
    *("billing_workspace", "keep_billing_event", "kept_billing_events", "settle_billing_event"),
    # A workspace that is imported brings members: the system role asks who of them is known here.
    "adopt_user",
    *("is_admin", "must_be_admin", "enter_admin", "set_platform_admin", *ADMIN_FUNCTIONS),
}
PLATFORM_TABLES = {
    *("users", "rate_limits", "call_counts", "plans", "oauth_states"),
    *("sessions", "user_tokens", "user_identities", "recovery_codes", "known_devices", "auth_events"),
    *("fetch_cache", "quota_days", "source_health", "push_feeds", "push_entries"),
    *("trending_sounds", "chart_asks", "switches"),
    "tombstones",
    *("audit_chain", "audit_heads", "audit_exports", "access_log"),
    *("deployment_caps", "deployment_spending", "deployment_settled"),
    *("billing_events", "billing_cursors"),
}


def run(connection: sa.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
