"""What belongs to a person rather than to a workspace: a session, a sign-in elsewhere, and that the address is theirs."""

import sqlalchemy as sa

from store.ids import new_id
from tests.canary.routes import Ids
from tests.canary.words import canary
from tests.conftest import Member


def personal(connection: sa.Connection, member: Member, number: int) -> Ids:
    """Rows of the platform's tables with canaries of this workspace; their ids."""
    made = {"session": new_id(), "identity": new_id(), "user": member.user_id, "tenant": member.tenant_id}
    words = {name: canary(number, name) for name in ("user_agent", "identity_subject", "identity_email", "company_name", "profile_image")}
    for statement in (
        "update users set is_verified = true, verified_at = now(), company_name = :company_name, profile_image = :profile_image"
        " where user_id = :user",
        "insert into sessions (session_id, user_id, tenant_id, kind, expires_at, ends_at, address, user_agent)"
        " values (:session, :user, :tenant, 'tokens', now() + interval '9 days', now() + interval '9 days', '192.0.2.1', :user_agent)",
        "insert into user_identities (issuer, subject, user_id, email, identity_id)"
        " values ('https://issuer.example', :identity_subject, :user, :identity_email, :identity)",
    ):
        connection.execute(sa.text(statement), {**made, **words})
    return {"session_id": [str(made["session"])], "identity_id": [str(made["identity"])], "workspace_id": [str(member.tenant_id)]}
