"""Scoring models with their versions; predictions as written down, which video each turned out to be, and what came of it.

Nothing of a prediction is ever changed: its rows are append-only.
"""

import sqlalchemy as sa

from store.tables.base import Json, created_at, moment, tenant_table, uuid

scoring_models = tenant_table(
    "scoring_models",
    uuid("model_id", primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    uuid("created_by", nullable=True),
    created_at(),
    sa.Index("ix_scoring_models_newest", "tenant_id", sa.text("created_at desc"), "model_id"),
)

# A change of weights, or another fit, is a new version; the older ones stay as long as the model does.
scoring_model_versions = tenant_table(
    "scoring_model_versions",
    uuid("model_id", primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    # given or fitted
    sa.Column("kind", sa.Text, nullable=False),
    # What scores are made of, and (fitted) how it did on posts that came later.
    sa.Column("model", Json, nullable=False),
    sa.Column("validation", Json),
    sa.Column("is_useful", sa.Boolean),
    # Whose posts it was fitted to; null: of all accounts.
    uuid("account_id", nullable=True),
    sa.Column("features_version", sa.Text, nullable=False),
    moment("data_from", nullable=True),
    moment("data_to", nullable=True),
    created_at(),
    sa.ForeignKeyConstraint(["tenant_id", "model_id"], ["scoring_models.tenant_id", "scoring_models.model_id"], ondelete="CASCADE"),
)

predictions = tenant_table(
    "predictions",
    uuid("prediction_id", primary_key=True),
    uuid("account_id"),
    sa.Column("draft", Json, nullable=False),
    # As it was shown: views by horizon, and the effects that entered.
    sa.Column("figures", Json, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    # The release of plans that it stands on; releases are pruned, predictions are not.
    uuid("release_id"),
    moment("made_at"),
    uuid("created_by", nullable=True),
    sa.Index("ix_predictions_newest", "tenant_id", sa.text("made_at desc"), "prediction_id"),
)


def _of_prediction() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "prediction_id"], ["predictions.tenant_id", "predictions.prediction_id"], ondelete="CASCADE"
    )


prediction_videos = tenant_table(
    "prediction_videos",
    uuid("prediction_id", primary_key=True),
    uuid("video_id"),
    moment("attached_at", default_now=True),
    _of_prediction(),
    sa.ForeignKeyConstraint(["tenant_id", "video_id"], ["videos.tenant_id", "videos.video_id"], ondelete="CASCADE"),
    sa.Index("ix_prediction_videos_video", "tenant_id", "video_id"),
)

prediction_scores = tenant_table(
    "prediction_scores",
    uuid("prediction_id", primary_key=True),
    sa.Column("horizon", sa.Text, primary_key=True),
    sa.Column("views", sa.Double),
    sa.Column("is_hit", sa.Boolean),
    # The probability that was given to fewer views, 0 to 1.
    sa.Column("position", sa.Double),
    sa.Column("pinball", sa.Double),
    sa.Column("reason", sa.Text),
    moment("scored_at"),
    _of_prediction(),
)
