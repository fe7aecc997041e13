"""Overages that somebody has looked at stop nothing any more."""

from pathlib import Path

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0037_excused.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("what was looked at would stop its subject again: restore the dump from before instead")
