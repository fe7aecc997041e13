"""An owner's figures, derived from the world: a day's views are what the posts gained on that day, so the days sum up to the counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sandbox.google.project import PACIFIC, share
from sandbox.world import Creator, Post, World

# After so many hours a day's figures are there, in part at first, then for good.
FIRST_HOURS, FINAL_HOURS = 48, 72
PART = 0.85
AD_SHARE, CPM_USD, OURS = 0.6, 4.0, 0.55
SPLITS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "country": (("US", 40), ("GB", 14), ("DE", 12), ("FR", 9), ("BR", 9), ("JP", 8), ("CA", 5), ("MX", 3)),
    "deviceType": (("MOBILE", 62), ("DESKTOP", 22), ("TV", 12), ("TABLET", 4)),
    "insightTrafficSourceType": (
        ("YT_SEARCH", 28), ("RELATED_VIDEO", 24), ("SUBSCRIBER", 20), ("SHORTS", 12), ("YT_CHANNEL", 8), ("EXT_URL", 5),
        ("NO_LINK_OTHER", 3),
    ),
    "subscribedStatus": (("UNSUBSCRIBED", 71), ("SUBSCRIBED", 29)),
    "insightPlaybackLocationType": (("WATCH", 83), ("CHANNEL", 8), ("EMBEDDED", 6), ("BROWSE", 3)),
}  # fmt: skip
AGES = (("age13-17", 5), ("age18-24", 23), ("age25-34", 32), ("age35-44", 20), ("age45-54", 11), ("age55-64", 6), ("age65-", 3))
GENDERS = (("female", 44), ("male", 53), ("user_specified", 3))


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, Pacific time. `watched_seconds` is summed over all views."""

    day: date
    views: int
    likes: int
    comments: int
    shares: int
    watched_seconds: float
    watched_percent: float
    gained: int
    lost: int


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PACIFIC)


def days(world: World, creator: Creator, video_id: str | None, first: date, last: date, now: datetime) -> list[Day]:
    """Each day that can be told now. The newest two or three are not there yet, and the next one is restated later."""
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    there = [day for day in wanted if now - midnight(day + timedelta(days=1)) >= timedelta(hours=FIRST_HOURS)]
    posts = [post for post in world.history(creator) if video_id in (None, post.native_id)]
    return [_day(world, creator, posts, day, now) for day in there]


def _day(world: World, creator: Creator, posts: Sequence[Post], day: date, now: datetime) -> Day:
    start, end = midnight(day), midnight(day + timedelta(days=1))
    part = 1.0 if now - end >= timedelta(hours=FINAL_HOURS) else PART
    views = likes = comments = shares = 0
    seconds = percent = 0.0
    for post in posts:
        if post.posted_at >= end or (post.deleted_at and post.deleted_at <= start):
            continue
        before = world.seen(post, at=start)
        after = world.seen(post, at=min(end, post.deleted_at or end))
        gained = int((after.views - before.views) * part)
        views, likes = views + gained, likes + int((after.likes - before.likes) * part)
        comments, shares = comments + int((after.comments - before.comments) * part), shares + int((after.shares - before.shares) * part)
        kept = watched_share(post)
        seconds, percent = seconds + gained * kept * post.duration_seconds, percent + gained * kept * 100
    net = world.followers(creator, at=end) - world.followers(creator, at=start)
    churn = int(creator.followers * 0.0005 * (0.5 + share("churn", creator.native_id, day)))
    return Day(day, views, likes, comments, shares, seconds, percent, churn + max(0, net), churn + max(0, -net))


def watched_share(post: Post) -> float:
    """How much of it an average view sees."""
    return 0.3 + 0.4 * share("watched", post.native_id)


def split(total: int, dimension: str, *words: object) -> dict[str, int]:
    """A total in whole numbers over the groups of a dimension; they sum up to it."""
    weights = {name: weight * (0.7 + 0.6 * share(name, *words)) for name, weight in SPLITS[dimension]}
    whole = sum(weights.values())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    parts = {name: int(amount) for name, amount in exact.items()}
    for name in sorted(exact, key=lambda each: parts[each] - exact[each])[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def people(creator: Creator, video_id: str | None) -> dict[tuple[str, str], float]:
    """Per cent of the viewers by age and gender; they sum up to 100."""
    key = video_id or creator.native_id
    weights = {(age, gender): a * g * (0.6 + 0.8 * share(age, gender, key)) for age, a in AGES for gender, g in GENDERS}
    whole = sum(weights.values())
    return {names: round(100 * weight / whole, 1) for names, weight in weights.items()}


def retention(post: Post) -> list[tuple[float, float, float]]:
    """A hundred places of the video: which share of the viewers is there, and how it does beside others of its length."""
    kept = watched_share(post)
    relative = 0.2 + 0.6 * share("relative", post.native_id)
    return [(place / 100, round(1.05 * (1 - (1 - kept**2) * (place / 100) ** 0.6), 4), round(relative, 4)) for place in range(1, 101)]


def money(views: int, creator: Creator, day: date) -> dict[str, float]:
    """In US dollars, as the reports round them."""
    cpm = CPM_USD * (0.6 + 0.8 * share("cpm", creator.native_id, day))
    playbacks = int(views * AD_SHARE)
    gross = round(playbacks * cpm / 1000, 3)
    return {
        "monetizedPlaybacks": playbacks,
        "grossRevenue": gross,
        "estimatedAdRevenue": round(gross * OURS, 3),
        "estimatedRedPartnerRevenue": round(gross * OURS * 0.1, 3),
        "estimatedRevenue": round(gross * OURS * 1.1, 3),
        "cpm": round(cpm * 0.9, 3),
        "playbackBasedCpm": round(cpm, 3),
        "adImpressions": int(playbacks * 1.1),
    }
