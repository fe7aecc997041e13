"""Bytes that are kept for some days only."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0016_leaving_files.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("bytes that left do not come back: restore the dump from before instead")
