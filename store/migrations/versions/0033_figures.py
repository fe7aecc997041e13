"""Figures about money: use, costs, revenue, payments and unit costs by day; what administrators read of them, and the inbox of events."""

from pathlib import Path

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0033_figures.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("figures of workspaces that are gone would be lost: restore the dump from before instead")
