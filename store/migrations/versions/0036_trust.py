"""Logins from new places, and what a reset leaves of an account whose address nobody had confirmed."""

from pathlib import Path

from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0036_trust.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("a reset would leave strangers their ways in: restore the dump from before instead")
