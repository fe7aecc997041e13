"""Examples of channels and their grants."""

from datetime import timedelta
from uuid import UUID

import msgspec

from api.channels.shapes import ChannelChange, ChannelIn, ChannelOut, ConnectIn, ConnectionOut, ConnectOut, FeatureOut, TransferIn
from api.examples.shape import ACCOUNT, CURSOR, NOON, REQUEST, USER, Example
from api.pages import Page
from domain.connections import WHAT
from domain.owner_reports import ANALYTICS, READONLY

CHANNEL = UUID("01931c00-0000-7000-8000-00000000000b")
_CONNECTION = UUID("01931c00-0000-7000-8000-00000000000c")
_RECEIVER = UUID("01931c00-0000-7000-8000-00000000000d")
_MADE = ChannelOut(
    channel_id=CHANNEL, user_id=USER, account_id=None, platform="youtube", external_id=None, handle=None, name="Night music",
    description=None, niche="music", status="pending_oauth", automation_enabled=True, daily_video_limit=5, upload_time_utc="18:30",
    settings={}, metadata={}, created_at=NOON, updated_at=NOON, archived_at=None,
)  # fmt: skip
_ACTIVE = msgspec.structs.replace(_MADE, account_id=ACCOUNT, external_id="UCexampleexampleexample1", handle="nightmusic", status="active")
_GRANT = ConnectionOut(
    connection_id=_CONNECTION, channel_id=CHANNEL, status="live", external_id="UCexampleexampleexample1", scopes=[READONLY, ANALYTICS],
    features=[
        FeatureOut(name="channel", what=WHAT["channel"], is_on=True, reason=None),
        FeatureOut(name="analytics", what=WHAT["analytics"], is_on=True, reason=None),
        FeatureOut(name="revenue", what=WHAT["revenue"], is_on=False, reason="it was not asked for: connect again with it"),
    ],
    connected_at=NOON, refreshed_at=None, next_refresh_at=NOON + timedelta(minutes=55), revoked_at=None, delete_after=None,
    tokens_deleted_at=None, error=None, onboarding=REQUEST,
)  # fmt: skip
_ENDED = msgspec.structs.replace(
    _GRANT, status="revoked", scopes=[], next_refresh_at=None, revoked_at=NOON, tokens_deleted_at=NOON, onboarding=None,
    features=[msgspec.structs.replace(each, is_on=False, reason="the channel is not connected") for each in _GRANT.features],
)  # fmt: skip
_URL = "https://accounts.google.com/o/oauth2/v2/auth?client_id=...&state=...&code_challenge=..."

EXAMPLES = {
    "POST /channels": Example(_MADE, ChannelIn(name="Night music", niche="music", upload_time_utc="18:30")),
    "GET /channels": Example(Page(items=[_ACTIVE], next_cursor=CURSOR, has_more=True)),
    "GET /channels/{channel_id}": Example(_ACTIVE),
    "PATCH /channels/{channel_id}": Example(msgspec.structs.replace(_ACTIVE, daily_video_limit=2), ChannelChange(daily_video_limit=2)),
    "POST /channels/{channel_id}/transfer": Example(msgspec.structs.replace(_ACTIVE, user_id=_RECEIVER), TransferIn(user_id=_RECEIVER)),
    "POST /channels/{channel_id}/connect": Example(
        ConnectOut(consent_url=_URL, expires_in=600), ConnectIn(revenue=True, return_to="/channels")
    ),
    "GET /channels/{channel_id}/connection": Example(_GRANT),
    "DELETE /channels/{channel_id}/connection": Example(_ENDED),
    "GET /auth/google/callback": Example("(a page that says what came of it)", media_type="text/html"),
}
