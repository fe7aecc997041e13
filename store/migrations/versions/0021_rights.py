"""Exports of workspaces, deletions that were asked for, tombstones."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0021_rights.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("what was erased does not come back: restore the dump from before instead")
