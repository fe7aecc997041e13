"""Experiments as registered, what was counted of their arms, which post drew which arm; and tables of arms that came in as files."""

import sqlalchemy as sa

from domain.experiments.states import ExperimentState
from store.tables.base import Json, count, created_at, moment, tally, tenant_table, uuid

STATES = tuple(str(each) for each in ExperimentState)
OWN, REPORTED = "own", "reported"
SOURCES = (OWN, REPORTED)


def _of(name: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", key], [f"{name}.tenant_id", f"{name}.{key}"], ondelete="CASCADE")


experiments = tenant_table(
    "experiments",
    uuid("experiment_id", primary_key=True),
    # Run by the tenant, or reported of a platform's own test.
    sa.Column("source", sa.Text, sa.CheckConstraint(f"source in {SOURCES}", name="source_known"), nullable=False, server_default=OWN),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint(f"state in {STATES}", name="state_known"), nullable=False, server_default="planned"),
    # As registered before the start, or as reported; never changed.
    sa.Column("plan", Json, nullable=False),
    sa.Column("plan_hash", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date),
    moment("started_at", nullable=True),
    moment("ended_at", nullable=True),
    uuid("created_by", nullable=True),
    created_at(),
    sa.Index("ix_experiments_newest", "tenant_id", sa.text("created_at desc"), "experiment_id"),
)

# Append-only: a restated day is a new row, and the newest one counts.
experiment_counts = tenant_table(
    "experiment_counts",
    uuid("experiment_id", primary_key=True),
    sa.Column("arm", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    moment("known_at", primary_key=True),
    count("impressions"),
    count("clicks"),
    count("views"),
    count("watch_seconds"),
    _of("experiments", "experiment_id"),
)

# Posts of a choice, in the order in which they asked.
experiment_units = tenant_table(
    "experiment_units",
    uuid("experiment_id", primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, nullable=False),
    moment("assigned_at", default_now=True),
    _of("experiments", "experiment_id"),
    sa.Index("uq_experiment_units_slot", "tenant_id", "experiment_id", "slot", unique=True),
)

experiment_imports = tenant_table(
    "experiment_imports",
    uuid("import_id", primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_own", sa.Boolean, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("columns", Json, nullable=False),
    tally("tests"),
    tally("arms"),
    tally("rejected"),
    # What of the rejected rows is shown, and the pooled effects as they are served.
    sa.Column("problems", Json, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("pool", Json, nullable=False),
    uuid("created_by", nullable=True),
    created_at(),
    sa.Index("ix_experiment_imports_newest", "tenant_id", sa.text("created_at desc"), "import_id"),
)

experiment_arms = tenant_table(
    "experiment_arms",
    uuid("import_id", primary_key=True),
    sa.Column("test", sa.Text, primary_key=True),
    sa.Column("arm", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("within", sa.Text, nullable=False, server_default=""),
    sa.Column("title", sa.Text),
    count("impressions", nullable=False),
    count("clicks", nullable=False),
    _of("experiment_imports", "import_id"),
)
