"""What is added to clips, and for which request something was taken."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0017_additions.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("an addition has no request: restore the dump from before instead")
