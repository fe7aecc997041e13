"""Paying: customers, mirrors of what providers hold, calls that change something there, the inbox of their events."""

from pathlib import Path

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0030_billing.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("what was paid would be lost: restore the dump from before instead")
