"""Users, tenants, memberships, invitations, API keys, counts of calls. Sessions and second factors are in `store.tables.sessions`.

`users`, `rate_limits` and `call_counts` are looked up before a tenant is known: the app role reaches them only through functions.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from store.tables.base import Json, created_at, metadata, moment, tenant_table, uuid

users = sa.Table(
    "users",
    metadata,
    uuid("user_id", primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text),
    sa.Column("full_name", sa.Text),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("is_verified", sa.Boolean, nullable=False, server_default=sa.false()),
    created_at(),
    moment("updated_at", default_now=True),
    sa.Column("company_name", sa.Text),
    sa.Column("profile_image", sa.Text),
    sa.Column("settings", Json, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("is_platform_admin", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("verified_at", nullable=True),
    moment("password_changed_at", nullable=True),
    sa.Column("totp_sealed", sa.LargeBinary),
    moment("totp_confirmed_at", nullable=True),
    sa.Column("totp_last_step", sa.BigInteger),
    moment("deactivated_at", nullable=True),
    sa.Index("uq_users_email", sa.text("lower(email)"), unique=True),
    info={"owner": "platform"},
)

rate_limits = sa.Table(
    "rate_limits",
    metadata,
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("tokens", sa.Double, nullable=False),
    moment("updated_at"),
    sa.Index(None, "updated_at"),
    info={"owner": "platform"},
)

# Unlogged: nothing waits for the disk, and after a crash counting begins anew. `ends_at` is in seconds since 1970.
call_counts = sa.Table(
    "call_counts",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("window_seconds", sa.Integer, primary_key=True),
    sa.Column("ends_at", sa.BigInteger, nullable=False),
    sa.Column("ceiling", sa.BigInteger, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("granted", sa.BigInteger, nullable=False),
    sa.Index(None, "ends_at"),
    info={"owner": "platform"},
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 50},
)

tenants = tenant_table(
    "tenants",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()),
    created_at(),
    moment("suspended_at", nullable=True),
    sa.Column("suspension_reason", sa.Text),
)

memberships = tenant_table(
    "memberships",
    uuid("user_id", primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    created_at(),
    sa.CheckConstraint("role in ('owner', 'admin', 'member', 'viewer')", name="role_known"),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], ondelete="CASCADE"),
    sa.Index(None, "user_id"),
)

invitations = tenant_table(
    "invitations",
    uuid("invitation_id", primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("role", sa.Text, sa.CheckConstraint("role in ('admin', 'member', 'viewer')", name="role_known"), nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    uuid("invited_by"),
    created_at(),
    moment("expires_at"),
    moment("accepted_at", nullable=True),
    uuid("accepted_by", nullable=True),
    moment("revoked_at", nullable=True),
    sa.ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
    sa.Index(None, "token_hash"),
)

api_keys = tenant_table(
    "api_keys",
    uuid("key_id", primary_key=True),
    uuid("user_id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("key_hash", sa.LargeBinary, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    moment("last_used_at", nullable=True),
    moment("expires_at", nullable=True),
    moment("revoked_at", nullable=True),
    created_at(),
    # The secret of before a rotation, good until then.
    sa.Column("old_hash", sa.LargeBinary),
    moment("old_until", nullable=True),
    moment("rotated_at", nullable=True),
    sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["memberships.tenant_id", "memberships.user_id"], ondelete="CASCADE"),
    sa.Index(None, "key_hash"),
    sa.Index(None, "old_hash"),
)
