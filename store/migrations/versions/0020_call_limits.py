"""How many calls everybody has made, and which call a request came of."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0020_call_limits.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("what call a request came of would be lost: restore the dump from before instead")
