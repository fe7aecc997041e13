"""Sessions: rotation of refresh tokens, listing and ending; single-use tokens, passwords, known devices, profiles."""

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0022_sessions.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("refresh tokens would be accepted by nobody: restore the dump from before instead")
