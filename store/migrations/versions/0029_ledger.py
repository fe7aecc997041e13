"""Plans from the packaged file, metering per user and platform, caps of the whole deployment, a ledger that proves its balance."""

from pathlib import Path

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0029_ledger.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("who took what for whom would be lost: restore the dump from before instead")
