"""Media, what is said in them, and the clips made of them."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0002_clips.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("clips are not taken back: drop the database instead")
