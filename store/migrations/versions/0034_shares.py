"""The deployment's caps in 64 shares."""

from pathlib import Path

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0034_shares.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("sixteen shares would not be dealt what sixty-four hold: restore the dump from before instead")
