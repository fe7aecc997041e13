"""Tracked accounts, and what reading them takes: cached answers, quotas, the log of calls, the health of sources, pushed feeds."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0006_tracking.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("trackings are not taken back: restore the dump from before instead")
