"""What an administrator of the platform may do who acts as a member: look, and do everyday work. Nothing that lasts beyond it.

What is not named here is refused, so that a route is closed until somebody decides otherwise: keys, passwords, second factors, sessions,
members, ownership, grants of platforms, plans and payment, links to files, export, erasure and all of /admin. The member's own role
holds as well.
"""

from datetime import timedelta

LIFE = timedelta(minutes=30)
BASE = "/api/v1/"
HEADER = "Whyral-Impersonated-By"

# The first word of a path, below /api/v1.
WORK = frozenset(
    {
        *("accounts", "activity", "analytics", "clips", "collections", "dashboard", "hashtags", "imports", "insights", "media", "requests"),
        *("scrape", "search", "sounds", "sources", "stats", "trackings", "trending", "videos", "youtube"),
    }
)
# The last word of a path: a link to a file goes on for days.
_LASTING = frozenset({"link"})
_ALSO_READ = frozenset({"/members", "/me", "/me/features", "/tenants", "/channels", "/channels/{channel_id}", "/health/detailed"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def may_be_done(method: str, route: str) -> bool:
    """Whether a call of this method to this route (its template, such as `/api/v1/clips/{clip_id}`) may be made in somebody's name."""
    if not route.startswith(BASE):
        return False
    path = route.removeprefix(BASE.rstrip("/")).rstrip("/").replace(":uuid", "")
    if method in _READS and path in _ALSO_READ:
        return True
    first, last = path.split("/")[1], path.rpartition("/")[2]
    return first in WORK and last not in _LASTING
