"""What is known of videos that clips are made of, and how clips are made."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0015_clip_making.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("parts and clips are not taken back: restore the dump from before instead")
