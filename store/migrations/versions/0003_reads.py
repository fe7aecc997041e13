"""Reads: the index of words is by tenant."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0003_reads.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("the index of words is not taken back: restore the database of before instead")
