"""Sessions and what surrounds them: second factors, devices, single-use tokens, invitations, the authentication log."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0019_identity.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("sessions and second factors would be lost: restore the dump from before instead")
