"""Hearing of payments: events wait until they are due, lists of events are read on from where they ended, words go."""

from pathlib import Path

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0031_hearing.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("what was paid would be lost: restore the dump from before instead")
