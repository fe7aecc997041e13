"""How strongly viewers react (ANA-08, ANA-11) and the bands a multiple falls into (ANA-10). Multiples are made in `domain.scores`."""

from bisect import bisect_right
from math import log1p

ENGAGEMENT_FORMULA = "rate-times-log-views/1"

# Each band reaches from its own edge up to the next one, which it does not hold.
BAND_EDGES = (1.0, 5.0, 10.0, 25.0, 50.0)
BANDS = ("<1", "[1,5)", "[5,10)", "[10,25)", "[25,50)", "[50,inf)")


def engagement_rate(views: int | None, likes: int | None, comments: int | None, shares: int | None) -> float | None:
    """(likes + comments + shares) / views as a ratio, not percent.

    None at 0 views, and None where views or a part is unknown: a sum without a part would look like a weaker post.
    A platform that has no such counter (YouTube has no shares) is told apart from an unknown one by the caller, who gives 0.
    """
    if not views or likes is None or comments is None or shares is None:
        return None
    return (likes + comments + shares) / views


def engagement_score(views: int | None, likes: int | None, comments: int | None, shares: int | None) -> float | None:
    """Rate x ln(1 + views): a high rate counts for more where many have seen the post. `ENGAGEMENT_FORMULA` stands beside it."""
    rate = engagement_rate(views, likes, comments, shares)
    return None if rate is None or views is None else rate * log1p(views)


def band_of(multiple: float | None) -> str | None:
    """The band of a multiple, fair or naive; none without a multiple."""
    return None if multiple is None else BANDS[bisect_right(BAND_EDGES, multiple)]
