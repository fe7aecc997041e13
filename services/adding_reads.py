"""The reading half of adding links: what a link names, what the platform says of it, side by side and in bounded time. Keeps nothing."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from time import monotonic
from typing import TypeAlias, TypeVar

from domain.adding import PROFILE_POSTS, Errands
from domain.errors import FieldProblem, SourceFailed, SourceRefused, Unacceptable, WhyralError
from domain.links import Link, LinkKind, read_link
from domain.ports import Platforms
from domain.sources import AccountRead, PostsRead
from services.fetching import Fetching

Read: TypeAlias = AccountRead | PostsRead
T = TypeVar("T")


def understood(platforms: Platforms, url: str) -> Link:
    """What a link names; a short one is asked where it leads."""
    link = read_link(url)
    if link.kind is not LinkKind.SHORT:
        return link
    if platforms.links is None:
        raise SourceRefused("links", "short links are not resolved here", category="not_configured")
    link = read_link(platforms.links.resolve(link.url))
    if link.kind is LinkKind.SHORT:
        raise Unacceptable("the short link leads to another short link", (FieldProblem("/url", "give the link that it leads to"),))
    return link


def fetched(fetching: Fetching, asked: Errands) -> Read:
    if asked.is_account:
        return fetching.account(asked.wanted[0].link.target, posts=PROFILE_POSTS)
    return fetching.posts(asked.platform, [each.key for each in asked.wanted])


def done(futures: Iterable[Future[T]], until: float | None, *, late: Callable[[Future[T]], None]) -> Iterator[Future[T]]:
    """Each as it is done, until there is no time left; `late` is told of each that goes on after that."""
    waiting = set(futures)
    while waiting:
        ended, waiting = wait(waiting, timeout=None if until is None else max(0, until - monotonic()), return_when=FIRST_COMPLETED)
        if not ended:
            for future in waiting:
                late(future)
            return
        yield from ended


def failure(future: Future[T]) -> WhyralError | None:
    """Why it failed. What is a mistake of ours, or our own database's, is raised."""
    error = future.exception()
    if error is None:
        return None
    if not isinstance(error, WhyralError) or (isinstance(error, SourceFailed) and error.source == "database"):
        raise error
    return error
