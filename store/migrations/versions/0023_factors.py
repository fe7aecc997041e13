"""Second factors and sign-ins elsewhere: guesses at a challenge, names of identities, consents that log in or link."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0026"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0023_factors.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("second factors and linked identities would be lost: restore the dump from before instead")
