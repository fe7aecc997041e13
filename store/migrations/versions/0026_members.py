"""Members, invitations that are accepted, workspaces of one user, rotated keys; a key's entry says what its user is now."""

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0022"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver's own cursor: a file of statements, none of them with parameters.
    op.get_bind().connection.cursor().execute((_SQL / "0026_members.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("old secrets of rotated keys would be lost: restore the dump from before instead")
