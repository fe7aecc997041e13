"""The inputs of releases, and what they name."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0014_releases.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("releases are not taken back: restore the dump from before instead")
