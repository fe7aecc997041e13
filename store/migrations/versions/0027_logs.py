"""The audit log becomes a chain of hashes, calls of the API are logged, mails have a second form."""

from pathlib import Path

from alembic import op

revision = "0027"
down_revision = "0023"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0027_logs.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("the chain of the audit log would be lost: restore the dump from before instead")
