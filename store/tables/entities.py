"""People and brands that a tenant tells apart, every name they go by, when the list changed, and what was measured of thumbnails."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from domain.entities import EntityKind
from store.tables.base import created_at, moment, tally, tenant_table, uuid

KINDS = tuple(str(each) for each in EntityKind)

entities = tenant_table(
    "entities",
    uuid("entity_id", primary_key=True),
    sa.Column("kind", sa.Text, sa.CheckConstraint(f"kind in {KINDS}", name="kind_known"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("aliases", ARRAY(sa.Text), nullable=False, server_default="{}"),
    uuid("created_by", nullable=True),
    created_at(),
    moment("updated_at", default_now=True),
    sa.Index("ix_entities_oldest", "tenant_id", "created_at", "entity_id"),
)

# A name belongs to one entity: as its key says, without case and accents, whether it is the name or an alias.
entity_names = tenant_table(
    "entity_names",
    sa.Column("key", sa.Text, primary_key=True),
    uuid("entity_id"),
    sa.ForeignKeyConstraint(["tenant_id", "entity_id"], ["entities.tenant_id", "entities.entity_id"], ondelete="CASCADE"),
    sa.Index("ix_entity_names_entity", "tenant_id", "entity_id"),
)

# When the list was changed last, also by taking something off it: features that are older know another one.
entity_lists = tenant_table("entity_lists", moment("changed_at"))

# Of the picture that was looked at last: measures or a reason, never both. `picture` is the hash of the address without host and query: those change with every reading.
video_thumbnails = tenant_table(
    "video_thumbnails",
    uuid("video_id", primary_key=True),
    sa.Column("picture", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("brightness", sa.Float),
    sa.Column("contrast", sa.Float),
    sa.Column("colourfulness", sa.Float),
    sa.Column("faces", sa.Integer),
    sa.Column("text_share", sa.Float),
    moment("measured_at", nullable=True),
    sa.Column("reason", sa.Text),
    tally("tries"),
    moment("tried_at"),
    moment("next_try_at", nullable=True),
    sa.CheckConstraint(
        "num_nonnulls(measured_at, reason) = 1"
        " and num_nulls(sha256, width, height, brightness, contrast, colourfulness, faces, text_share) = case when reason is null then 0 else 8 end",
        name="measured_or_not",
    ),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
)
