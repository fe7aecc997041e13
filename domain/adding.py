"""Links to add, sorted into what is asked of the platforms at once. Asking and keeping is in `services.adding`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.errors import FailureCategory, LimitReached, SourceFailed, Unacceptable, WhyralError
from domain.links import Link, LinkKind
from domain.observations import Observed, Platform

# So many links are added while the caller waits; more are a run's work.
INLINE, MOST = 5, 500
# A profile means its newest posts, so many at most.
PROFILE_POSTS = 200
# So many posts are asked for in one call, where a platform answers for several: what fails then fails together.
TOGETHER: Mapping[Platform, int] = {Platform.TIKTOK: 1, Platform.YOUTUBE: 50, Platform.INSTAGRAM: 50, Platform.X: 50}
# These are asked for by their address, the others by their id.
BY_ADDRESS = frozenset({Platform.TIKTOK, Platform.INSTAGRAM})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link as it was given, by its line, and what it names."""

    line: int
    link: Link

    @property
    def key(self) -> str:
        """What the platform is asked for."""
        return self.link.url if self.link.platform in BY_ADDRESS else str(self.link.external_id)


@dataclass(frozen=True, slots=True)
class Errands:
    """What is asked at once: an account, or posts of one platform."""

    platform: Platform
    wanted: tuple[Wanted, ...]

    @property
    def is_account(self) -> bool:
        return self.wanted[0].link.kind is LinkKind.ACCOUNT


def planned(wanted: Sequence[Wanted]) -> list[Errands]:
    """Accounts each alone, posts by platform, in the order in which they were given."""
    errands = [Errands(each.link.platform, (each,)) for each in wanted if each.link.kind is LinkKind.ACCOUNT]
    for platform, size in TOGETHER.items():
        posts = [each for each in wanted if each.link.kind is LinkKind.VIDEO and each.link.platform is platform]
        errands += [Errands(platform, tuple(posts[start : start + size])) for start in range(0, len(posts), size)]
    return sorted(errands, key=lambda each: each.wanted[0].line)


def is_named_by(link: Link, seen: Observed) -> bool:
    """Whether a post that came back is the one that the link names, by its id or by the code in its address."""
    video, code = seen.video, link.external_id
    return video is not None and code is not None and (video.external_id == code or f"/{code}/" in f"{video.url or ''}/")


def told(error: WhyralError) -> tuple[FailureCategory, str]:
    """A failure as people are told it. What the outside world said is for operators, but a refusal says what is wrong."""
    if isinstance(error, Unacceptable):
        return FailureCategory.INVALID_URL, "; ".join([error.detail, *(each.detail for each in error.problems)])
    if isinstance(error, LimitReached):
        return FailureCategory.QUOTA, str(error)
    category = error.category if isinstance(error, SourceFailed) else FailureCategory.UNKNOWN
    return category, WORDS.get(category, "it could not be read")


WORDS: Mapping[FailureCategory, str] = {
    FailureCategory.NOT_FOUND: "it was deleted, or was never there",
    FailureCategory.PRIVATE: "it is private",
    FailureCategory.RATE_LIMIT: "the platform asks us to wait: add it again later",
    FailureCategory.QUOTA: "the day's quota is used up: add it again tomorrow",
    FailureCategory.NETWORK: "the platform could not be reached: add it again later",
    FailureCategory.BLOCKED: "the platform does not let us read it at the moment: add it again later",
    FailureCategory.API_ERROR: "the platform answered with an error: add it again later",
    FailureCategory.PARSE_ERROR: "the platform's answer could not be read",
    FailureCategory.NOT_CONFIGURED: "this deployment does not read that platform: ask its operator",
}
