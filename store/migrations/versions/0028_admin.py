"""The platform's administrators: suspension, overrides of plans, feedback, switches, and what they may read across workspaces."""

from pathlib import Path

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0028_admin.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("suspensions, overrides and feedback would be lost: restore the dump from before instead")
