"""Examples of owner data: reports, a channel at a glance, syncs, the dashboard, YouTube read live."""

from datetime import date
from typing import Any

from api.examples.catalogue import DETAIL, VIDEO_OUT
from api.examples.shape import CHANNEL, NOON, POSTED, VIDEO, Example
from api.examples.work import asked
from api.figures import MethodOut
from api.owner.channel_shapes import (
    NO_PRODUCTIONS,
    ChannelStatsOut,
    CostsOut,
    DashboardChannelOut,
    DashboardOut,
    OwnMetricOut,
    OwnOverviewOut,
    OwnVideoDetailOut,
    OwnVideoOut,
    OwnVideosOut,
    WatchedChangeOut,
    WatchedDayOut,
    WatchedOut,
)
from api.owner.comments import CommentAnalysisOut, CommentDayOut, CommenterOut, LikeBandOut
from api.owner.shapes import (
    CpmDayOut,
    CpmOut,
    DemographicsOut,
    MoneyOut,
    PartOut,
    PartsOut,
    RetentionOut,
    RetentionPointOut,
    RevenueAvailabilityOut,
    RevenueDayOut,
    RevenueOut,
    ViewersOut,
)
from api.owner.syncs import SyncOut
from api.youtube import LiveVideoOut, LiveVideosOut, OwnershipOut
from domain.comments import RULE

_DAY = date(2026, 11, 7)
_FRAME: dict[str, Any] = {
    "n": 28, "as_of": NOON, "newest_observation": NOON, "method": MethodOut(id="owner-days-added/1", url="/docs/method#owner-data"),
    "channel_id": CHANNEL, "available": True, "reason": None, "advice": None, "first_day": date(2026, 10, 11), "last_day": _DAY,
    "known_at": NOON, "read_at": NOON,
}  # fmt: skip
_NOTHING = _FRAME | {
    "n": 0, "as_of": None, "newest_observation": None, "available": False, "reason": "no_scope", "known_at": None,
    "advice": "connect the channel again and leave this permission ticked at Google",
}  # fmt: skip
_PARTS = PartsOut(
    **_FRAME,
    items=[
        PartOut(name="MOBILE", views=8_200, watch_minutes=16_400, average_view_seconds=120, views_share=0.82),
        PartOut(name="TV", views=1_800, watch_minutes=7_200, average_view_seconds=240, views_share=0.18),
    ],
)
_WATCHED: dict[str, Any] = {
    "views": 10_000, "watch_minutes": 23_600, "average_view_seconds": 141.6, "average_percentage_viewed": 48.5,
    "likes": 610, "comments": 84,
    "shares": 95, "subscribers_gained": 120, "subscribers_lost": 14,
}  # fmt: skip
_CHANGE = dict.fromkeys(_WATCHED, 0.12)
_MONEY: dict[str, Any] = {
    "estimated_revenue_usd": "182.204",
    "ad_revenue_usd": "150.11",
    "gross_revenue_usd": "272.93",
    "monetized_playbacks": 41_000,
}
_SYNC = SyncOut(
    request=asked(kind="sync", subject=f"sync:{CHANNEL}", params={"channel_id": str(CHANNEL)}, state="succeeded", progress=1.0),
    posts_listed=214, resumes=0, listed_at=NOON, reports_read_at=NOON, error=None,
)  # fmt: skip
_LIVE = LiveVideoOut(
    external_id="3xampl3vide", account_external_id="UCexample0000000000000001", account_title="Example Kitchen",
    title="Why does bread rise?",
    description=None, url="https://www.youtube.com/watch?v=3xampl3vide", thumbnail_url=None, posted_at=POSTED, duration_seconds=34,
    format="short", views=12_000, likes=640, comments=60,
)  # fmt: skip
_LIVES = LiveVideosOut(source="youtube_api", fetched_at=NOON, items=[_LIVE])
_ASKED = Example(asked(kind="sync", subject=f"sync:{CHANNEL}", params={"channel_id": str(CHANNEL)}))
_CPM = CpmOut(
    **_FRAME, cpm_usd="6.64", playback_cpm_usd="8.12",
    items=[CpmDayOut(day=_DAY, cpm_usd="6.70", playback_cpm_usd="8.30", monetized_playbacks=1_500)],
)  # fmt: skip
_COMMENTS = CommentAnalysisOut(
    n=240, as_of=NOON, newest_observation=NOON, method=MethodOut(id="comment-counts/1", url="/docs/method#owner-data"), channel_id=CHANNEL,
    video_id=None, available=True, reason=None, advice=None, videos=214, videos_read=12, videos_whole=11, comments_disabled=1,
    oldest_read_at=NOON, threads=180, replies=60, authors=150, questions=48, questions_share=0.2, rule=RULE, likes=900, mean_likes=3.75,
    median_likes=1.0, likes_distribution=[LikeBandOut(band="[0,1)", comments=100), LikeBandOut(band="[1,5)", comments=110)],
    days=[CommentDayOut(day=_DAY, comments=9)],
    top_commenters=[CommenterOut(name="@quiet_reader", comments=7, videos=5, likes=12, is_owner=False)], sentiment="not_available",
    topics="not_available",
)  # fmt: skip
_AT = "/channels/{channel_id}"

EXAMPLES = {
    f"POST {_AT}/sync": _ASKED,
    f"POST {_AT}/videos/sync": _ASKED,
    f"GET {_AT}/videos/sync/latest": Example(_SYNC),
    f"GET {_AT}/videos/sync/{{request_id}}": Example(_SYNC),
    f"GET {_AT}/audience/demographics": Example(
        DemographicsOut(**_FRAME, items=[ViewersOut(age_group="age25-34", gender="female", viewer_percent=31.4)])
    ),
    f"GET {_AT}/audience/geography": Example(_PARTS),
    f"GET {_AT}/audience/devices": Example(_PARTS),
    f"GET {_AT}/traffic/sources": Example(_PARTS),
    f"GET {_AT}/traffic/subscribers": Example(_PARTS),
    f"GET {_AT}/traffic/playback-locations": Example(PartsOut(**_NOTHING, items=[])),
    f"GET {_AT}/revenue": Example(RevenueOut(**_FRAME, totals=MoneyOut(**_MONEY), items=[RevenueDayOut(day=_DAY, **_MONEY)])),
    f"GET {_AT}/revenue/cpm": Example(_CPM),
    f"GET {_AT}/cpm": Example(_CPM),
    f"GET {_AT}/revenue/availability": Example(
        RevenueAvailabilityOut(
            channel_id=CHANNEL,
            available=False,
            reason="not_monetised",
            advice="the channel earns nothing on YouTube, or its owner may not see what",
            read_at=NOON,
            first_day=None,
            last_day=None,
        )
    ),
    f"GET {_AT}/retention": Example(
        RetentionOut(
            **_FRAME, video_id=VIDEO, items=[RetentionPointOut(elapsed_share=0.5, audience_watch_ratio=0.61, relative_retention=0.55)]
        )
    ),
    f"GET {_AT}/comments/analysis": Example(_COMMENTS),
    f"GET {_AT}/videos/{{video_id}}/comments/analysis": Example(_COMMENTS),
    f"GET {_AT}/stats": Example(
        ChannelStatsOut(
            n=214,
            as_of=NOON,
            newest_observation=NOON,
            method=MethodOut(id="channel-counts/1", url="/docs/method#owner-data"),
            channel_id=CHANNEL,
            videos=214,
            views=2_400_000,
            likes=120_000,
            comments=9_100,
            subscribers=18_400,
            productions=None,
            total_cost_usd=None,
            average_quality_score=None,
            missing={"productions": NO_PRODUCTIONS},
            cached_seconds=300,
        )
    ),
    f"GET {_AT}/analytics/overview": Example(
        OwnOverviewOut(
            **_FRAME,
            totals=WatchedOut(**_WATCHED),
            preceding=WatchedOut(**_WATCHED),
            change=WatchedChangeOut(**_CHANGE),
            items=[WatchedDayOut(day=_DAY, **_WATCHED)],
        )
    ),
    f"GET {_AT}/videos/recent": Example(
        OwnVideosOut(
            channel_id=CHANNEL, listed_at=NOON, items=[OwnVideoOut(visibility="unlisted", listed_at=NOON, gone_at=None, video=VIDEO_OUT)]
        )
    ),
    f"GET {_AT}/videos/{{video_id}}": Example(
        OwnVideoDetailOut(
            **_FRAME,
            visibility="public",
            listed_at=NOON,
            gone_at=None,
            video=DETAIL,
            metrics=[OwnMetricOut(metric="watch_hours", value="393.33", known_at=NOON, source="youtube_api")],
            totals=WatchedOut(**_WATCHED),
            items=[WatchedDayOut(day=_DAY, **_WATCHED)],
        )
    ),
    "GET /dashboard": Example(
        DashboardOut(
            as_of=NOON,
            channels=[
                DashboardChannelOut(
                    channel_id=CHANNEL,
                    name="Example Kitchen",
                    niche="Cooking",
                    status="active",
                    handle="@examplekitchen",
                    videos=214,
                    views=2_400_000,
                    subscribers=18_400,
                    synced_at=NOON,
                    sync_error=None,
                )
            ],
            videos=[VIDEO_OUT],
            costs=CostsOut(today_usd="0.42", month_usd="7.90", reserved_usd="0.00"),
        )
    ),
    "GET /youtube/videos": Example(_LIVES),
    "GET /youtube/search": Example(_LIVES),
    "GET /youtube/videos/{video_id}": Example(_LIVE),
    "GET /youtube/videos/{video_id}/ownership": Example(OwnershipOut(owned=True, channel_id=CHANNEL)),
}
