"""The foundation: identity, catalogue, imports, requests, insights, trust and money."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    for name in ("0001_tables.sql", "0001_functions.sql"):
        # The driver's own cursor: a file of statements, none of them with parameters.
        op.get_bind().connection.cursor().execute((_SQL / name).read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("the foundation is not taken back: drop the database instead")
