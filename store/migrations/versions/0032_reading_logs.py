"""Logs as administrators read them, and what an erasure takes from logs; seats; acting as a member; logging in past what is suspended."""

from pathlib import Path

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0032_reading_logs.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("restore the dump from before instead")
