"""Sessions, single-use tokens, sign-ins elsewhere, recovery codes, known devices, the authentication log.

All of them are looked up before a tenant is known: the app role reaches them only through functions. Secrets are kept as hashes.
"""

from typing import Any

import sqlalchemy as sa

from store.tables.base import created_at, metadata, moment, uuid

_PLATFORM = {"owner": "platform"}


def _of_user() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], ondelete="CASCADE")


def _table(name: str, *parts: Any) -> sa.Table:
    return sa.Table(name, metadata, *parts, info=_PLATFORM)


sessions = _table(
    "sessions",
    uuid("session_id", primary_key=True),
    uuid("user_id"),
    uuid("tenant_id", nullable=True),
    sa.Column("kind", sa.Text, sa.CheckConstraint("kind in ('tokens', 'cookie', 'impersonation')", name="kind_known"), nullable=False),
    sa.Column("secret_hash", sa.LargeBinary),
    sa.Column("refresh_counter", sa.Integer, nullable=False, server_default="0"),
    moment("rotated_at", nullable=True),
    created_at(),
    moment("used_at", default_now=True),
    moment("expires_at"),
    moment("ends_at"),
    moment("ended_at", nullable=True),
    sa.Column("end_reason", sa.Text),
    moment("second_factor_at", nullable=True),
    uuid("impersonator", nullable=True),
    # The impersonator's own session, with which this one ends.
    uuid("begun_in", nullable=True),
    sa.Column("reason", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("user_agent", sa.Text),
    _of_user(),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="SET NULL"),
    sa.CheckConstraint("(kind = 'impersonation') = (impersonator is not null and reason is not null)", name="impersonation_explained"),
    sa.Index("uq_sessions_secret", "secret_hash", unique=True),
    sa.Index("ix_sessions_user", "user_id", sa.text("created_at desc")),
    sa.Index("ix_sessions_ends", "ends_at"),
)

user_tokens = _table(
    "user_tokens",
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column(
        "purpose",
        sa.Text,
        sa.CheckConstraint("purpose in ('verify', 'reset', 'second_factor', 'link')", name="purpose_known"),
        nullable=False,
    ),
    uuid("user_id"),
    sa.Column("email", sa.Text, nullable=False),
    created_at(),
    moment("expires_at"),
    moment("used_at", nullable=True),
    sa.Column("guesses", sa.Integer, nullable=False, server_default="0"),
    _of_user(),
    sa.Index("ix_user_tokens_user", "user_id", "purpose"),
    sa.Index("ix_user_tokens_expires", "expires_at"),
)

user_identities = _table(
    "user_identities",
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    uuid("user_id"),
    sa.Column("email", sa.Text),
    moment("linked_at", default_now=True),
    moment("used_at", nullable=True),
    _of_user(),
    uuid("identity_id"),
    sa.Index("ix_user_identities_user", "user_id"),
    sa.Index("uq_user_identities_id", "identity_id", unique=True),
)

recovery_codes = _table(
    "recovery_codes",
    uuid("user_id", primary_key=True),
    sa.Column("code_hash", sa.LargeBinary, primary_key=True),
    moment("used_at", nullable=True),
    _of_user(),
)

known_devices = _table(
    "known_devices",
    uuid("user_id", primary_key=True),
    sa.Column("device_hash", sa.LargeBinary, primary_key=True),
    created_at(),
    moment("used_at", default_now=True),
    _of_user(),
)

auth_events = _table(
    "auth_events",
    uuid("event_id", primary_key=True),
    moment("at", default_now=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("is_success", sa.Boolean, nullable=False),
    uuid("user_id", nullable=True),
    sa.Column("email_hash", sa.LargeBinary),
    sa.Column("address", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Index("ix_auth_events_at", "at"),
    sa.Index("ix_auth_events_user", "user_id", sa.text("at desc")),
)
