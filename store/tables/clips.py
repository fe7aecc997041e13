"""Media that came in, what is said in them, and the clips made of them. The bytes are behind the file port."""

import sqlalchemy as sa

from domain.clips.states import ClipState
from domain.media import Purpose
from domain.transcripts import Source
from store.tables.base import Json, created_at, moment, tenant_table, uuid

# What a clip's row holds; `canceled` is told by its request.
SOURCES = tuple(str(each) for each in Source)
PURPOSES = tuple(str(each) for each in Purpose)
STATES = tuple(str(each) for each in ClipState if each is not ClipState.CANCELED)


def _of_media() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", "media_id"], ["media.tenant_id", "media.media_id"], ondelete="CASCADE")


media = tenant_table(
    "media",
    uuid("media_id", primary_key=True),
    uuid("request_id", nullable=True),
    sa.Column("file_name", sa.Text),
    sa.Column("file_key", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("duration_seconds", sa.Double, sa.CheckConstraint("duration_seconds > 0", name="duration_positive"), nullable=False),
    sa.Column("probe", Json, nullable=False),
    sa.Column("captions_key", sa.Text),
    sa.Column("captions_sha256", sa.Text),
    sa.Column("captions_language", sa.Text),
    uuid("created_by", nullable=True),
    created_at(),
    # The post that this is the video of, and how its bytes came here.
    uuid("video_id", nullable=True),
    sa.Column(
        "origin",
        sa.Text,
        sa.CheckConstraint("origin in ('upload', 'download')", name="origin_known"),
        nullable=False,
        server_default="upload",
    ),
    # A source of clips, or something that is added to them: nothing is made of that, so no request stands behind it.
    sa.Column(
        "purpose", sa.Text, sa.CheckConstraint(f"purpose in {PURPOSES}", name="purpose_known"), nullable=False, server_default="source"
    ),
    sa.CheckConstraint("purpose = 'addition' or request_id is not null", name="source_has_request"),
    # What is said, where the maker has it in writing: it is aligned rather than heard.
    sa.Column("script", sa.Text),
    # How much its stretches are watched again, where somebody told: start, end, and a share of the most watched one.
    sa.Column("heat", Json),
    # The same as the platform's page showed it when the video was fetched: empty where it showed none, null where nobody saw.
    sa.Column("platform_heat", Json),
    # Bytes that nobody has used for some days go; what was made of them stays.
    moment("used_at", default_now=True),
    moment("expired_at", nullable=True),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="SET NULL (video_id)"),
    sa.Index("ix_media_video", "tenant_id", "video_id"),
    sa.Index("ix_media_newest", "tenant_id", sa.text("created_at desc"), "media_id"),
    sa.Index("ix_media_file", "tenant_id", "sha256"),
    sa.Index("ix_media_unused", "tenant_id", "used_at", postgresql_where=sa.text("expired_at is null")),
)

transcripts = tenant_table(
    "transcripts",
    uuid("media_id", primary_key=True),
    sa.Column("source", sa.Text, sa.CheckConstraint(f"source in {SOURCES}", name="source_known"), nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("cues", Json, nullable=False),
    sa.Column("sentences", Json, nullable=False),
    sa.Column("words", sa.Integer, nullable=False),
    created_at(),
    sa.Column("timed", Json, nullable=False, server_default="[]"),
    sa.Column("chapters", Json, nullable=False, server_default="[]"),
    sa.Column("turns", Json, nullable=False, server_default="[]"),
    sa.Column("model", sa.Text),
    sa.Column("error_rate", sa.Double),
    _of_media(),
)

# What one look at the whole video saw and heard; the samples are packed, for an hour has 18,000 of them.
media_analyses = tenant_table(
    "media_analyses",
    uuid("media_id", primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    sa.Column("cuts", sa.Integer, nullable=False),
    sa.Column("samples", sa.Integer, nullable=False),
    created_at(),
    _of_media(),
)

# Parts of a video that could be clips, best first. A new suggestion for a video takes the place of the one before.
clip_candidates = tenant_table(
    "clip_candidates",
    uuid("candidate_id", primary_key=True),
    uuid("media_id"),
    uuid("request_id"),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("start_seconds", sa.Double, nullable=False),
    sa.Column("end_seconds", sa.Double, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("ranking_score", sa.Double, nullable=False),
    sa.Column("reasons", Json, nullable=False),
    # Signals that could not be told for this video, each with why.
    sa.Column("absent", Json, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    created_at(),
    _of_media(),
    sa.CheckConstraint("start_seconds >= 0 and start_seconds < end_seconds", name="span_forward"),
    sa.Index("ix_clip_candidates_media", "tenant_id", "media_id", "rank"),
    sa.Index("ix_clip_candidates_request", "tenant_id", "request_id"),
)

clips = tenant_table(
    "clips",
    uuid("clip_id", primary_key=True),
    uuid("media_id"),
    uuid("request_id"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("min_seconds", sa.Double, nullable=False),
    sa.Column("max_seconds", sa.Double, nullable=False),
    sa.Column("start_seconds", sa.Double),
    sa.Column("end_seconds", sa.Double),
    sa.Column("text", sa.Text),
    sa.Column("ranking_score", sa.Double),
    sa.Column("reasons", Json),
    sa.Column("method", sa.Text),
    sa.Column("captions", Json),
    sa.Column("file_key", sa.Text),
    sa.Column("sha256", sa.Text),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("seconds", sa.Double),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("loudness_lufs", sa.Double),
    sa.Column("error", Json),
    uuid("created_by", nullable=True),
    created_at(),
    moment("rendered_at", nullable=True),
    uuid("candidate_id", nullable=True),
    sa.Column("look", Json),
    # As they were put together: pieces of the source, words as drawn.
    sa.Column("pieces", Json),
    sa.Column("shown_words", Json),
    sa.Column("findings", Json),
    sa.Column("fingerprint", Json),
    sa.Column("thumbnail_key", sa.Text),
    sa.Column("thumbnail_sha256", sa.Text),
    # The post that it became, and when.
    uuid("video_id", nullable=True),
    moment("published_at", nullable=True),
    # Its bytes go some days after its publication, its thumbnail's later; neither before.
    moment("expired_at", nullable=True),
    moment("thumbnail_expired_at", nullable=True),
    _of_media(),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="SET NULL (video_id)"),
    sa.CheckConstraint(f"state in {STATES}", name="state_known"),
    sa.CheckConstraint("start_seconds >= 0 and start_seconds < end_seconds", name="span_forward"),
    # A clip that is rendered has its file, whatever the code above believes.
    sa.CheckConstraint("state <> 'rendered' or (file_key is not null and seconds is not null)", name="rendered_has_file"),
    sa.Index("ix_clips_newest", "tenant_id", sa.text("created_at desc"), "clip_id"),
    sa.Index("ix_clips_media", "tenant_id", "media_id"),
    sa.Index("ix_clips_request", "tenant_id", "request_id"),
    sa.Index("ix_clips_file", "tenant_id", "sha256"),
    sa.Index("ix_clips_video", "tenant_id", "video_id"),
    sa.Index("ix_clips_thumbnail", "tenant_id", "thumbnail_sha256"),
    sa.Index("ix_clips_published", "tenant_id", "published_at", postgresql_where=sa.text("published_at is not null")),
)

# Files that a row let go because its days are over. They are deleted unless something else stands on the same bytes.
leaving_files = tenant_table(
    "leaving_files",
    sa.Column("file_key", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    moment("marked_at"),
)
