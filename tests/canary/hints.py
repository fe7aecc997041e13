"""What the OpenAPI document does not say of an operation. Paths are written in full."""

from collections.abc import Mapping

from tests.canary.routes import Hint
from tests.media import video

V1 = "/api/v1"
VIDEO_OF_YOUTUBE = {"video_id": "dQw4w9WgXcQ"}
_TABLE = b"test_id,title,impressions,clicks\n1,A,1000,50\n1,B,1000,60\n"
_COUNTS = b"arm,day,impressions,clicks\nA,2026-11-01,1000,50\n"

HINTS: Mapping[str, Hint] = {
    # The address, the token or the code is nobody's: whoever is there is told the same.
    f"POST {V1}/auth/login": Hint(reached=(401,)),
    f"POST {V1}/auth/refresh": Hint(reached=(401,)),
    f"POST {V1}/invitations/accept": Hint(reached=(404,)),
    f"POST {V1}/invitations/register": Hint(reached=(404,)),
    f"GET {V1}/channels/{{channel_id}}/videos/sync/{{request_id}}": Hint(params={"request_id": "sync_request_id"}),
    f"GET {V1}/clips/{{clip_id}}/checks/{{name}}/picture": Hint(params={"name": "black"}, reached=(404,)),
    f"GET {V1}/hashtags/{{hashtag}}/videos": Hint(params={"hashtag": "hashtag"}),
    f"GET {V1}/files/{{token}}": Hint(params={"token": "file_token"}),
    f"GET {V1}/webhooks/youtube/{{token}}": Hint(params={"token": "feed_token"}, reached=(404,)),
    f"POST {V1}/webhooks/youtube/{{token}}": Hint(params={"token": "feed_token"}, raw=b"<feed/>", content_type="application/atom+xml"),
    # Without a provider's key nobody's webhook is taken.
    f"POST {V1}/billing/webhooks/stripe": Hint(raw=b"{}", content_type="application/json", reached=(404,)),
    f"POST {V1}/billing/webhooks/dodo": Hint(raw=b"{}", content_type="application/json", reached=(404,)),
    f"GET {V1}/youtube/videos/{{video_id}}": Hint(params=VIDEO_OF_YOUTUBE),
    f"GET {V1}/youtube/videos/{{video_id}}/ownership": Hint(params=VIDEO_OF_YOUTUBE),
    f"POST {V1}/imports": Hint(raw=b"video_id,views\nv1,10\n", content_type="text/csv"),
    f"POST {V1}/media": Hint(raw=video(), content_type="video/mp4"),
    f"POST {V1}/insights/experiments/imports": Hint(raw=_TABLE, content_type="text/csv"),
    f"POST {V1}/insights/experiments/{{experiment_id}}/counts/file": Hint(raw=_COUNTS, content_type="text/csv"),
}
