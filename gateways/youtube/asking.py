"""One question to Google: planned through the errand, asked by googleapiclient, checked before it is kept, then read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from domain.errors import SourceUnavailable
from domain.imports.values import Unreadable
from domain.ports import Errand
from domain.quota import COSTS
from domain.sources import Answer, Ask, Grant, SourceName
from gateways.youtube.transport import GoogleHttp, Wire
from gateways.youtube.troubles import failure, told

T = TypeVar("T")
SOURCE = SourceName.YOUTUBE_API
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Question:
    """`operation` is resource and method, as in the documentation. `bears`: reasons of a refusal that are an answer to us."""

    operation: str
    words: Mapping[str, str]
    bears: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read, as of when. `refused`: the reason that was borne with; then `value` is None."""

    value: T
    fetched_at: datetime
    refused: str | None = None


@dataclass
class Google:
    """Both services of the client library over one wire. `url`: another address for all of Google, such as the sandbox's."""

    wire: Wire
    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _methods: dict[str, Callable[..., Any]] = field(default_factory=dict, init=False, repr=False)

    def ask(self, errand: Errand, question: Question, read: Callable[[object], T], *, grant: Grant | None = None) -> Read[T | None]:
        """Read before the errand gets it: an answer that cannot be read must not reach the cache."""
        cost = COSTS.get(question.operation)
        ask = Ask(
            SOURCE,
            question.operation,
            (f"{grant.key}:" if grant else "") + urlencode(sorted(question.words.items())),
            bucket=cost.bucket if cost else None,
            units=cost.units if cost else 0,
            is_public=grant is None,
            is_kept=grant is None,
        )
        fresh: list[T] = []

        def call() -> Answer:
            made = self._call(question, grant)
            fresh.extend([_checked(read, made.payload)] if made.status < 400 else [])
            return made

        answer = errand.fetch(ask, call)
        at = answer.fetched_at or self.now()
        if answer.status >= 400:
            return Read(None, at, refused=str(answer.payload.get(REFUSED)) if isinstance(answer.payload, dict) else "")
        return Read(fresh[0] if fresh else _checked(read, answer.payload), at)

    def _call(self, question: Question, grant: Grant | None) -> Answer:
        from googleapiclient.errors import HttpError

        http = GoogleHttp(self.wire, {"Authorization": f"Bearer {grant.access_token}"} if grant else {"X-Goog-Api-Key": self.api_key or ""})
        try:
            payload = self._request(question).execute(http=http, num_retries=0)
        except HttpError as error:
            status, body = int(error.resp.status), bytes(error.content)
            borne = told(body)[0] & question.bears
            if borne:
                return Answer({REFUSED: min(borne)}, status=status, fetched_at=self.now())
            raise failure(SOURCE, status, body, error.resp, now=self.now(), has_key=grant is None) from None
        except (ValueError, RecursionError):
            # Not JSON, cut off, or nested without end.
            raise SourceUnavailable(
                SOURCE, f"{question.operation} was answered by something that is no JSON", category="parse_error"
            ) from None
        return Answer(payload, fetched_at=self.now())

    def _request(self, question: Question) -> Any:
        """The library makes a resource's methods anew each time that it is asked for the resource: that costs more than the call."""
        method = self._methods.get(question.operation)
        if method is None:
            resource, name = question.operation.split(".")
            service = self._built("youtubeAnalytics", "v2") if resource == "reports" else self._built("youtube", "v3")
            method = self._methods[question.operation] = getattr(getattr(service, resource)(), name)
        return method(**question.words)

    def _built(self, name: str, version: str) -> Any:
        """The document that the library brings along; its address is changed there, since `api_endpoint` leaves uploads and batches out."""
        import json

        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc

        document = json.loads(get_static_doc(name, version))
        if self.url:
            document["rootUrl"] = self.url.rstrip("/") + "/"
            document["baseUrl"] = document["rootUrl"] + document["servicePath"]
            document.pop("mtlsRootUrl", None)
        # Each call brings its own `http`: this one is never asked.
        return build_from_document(document, http=GoogleHttp(self.wire, {}))


def _checked(read: Callable[[object], T], payload: object) -> T:
    try:
        return read(payload)
    except Unreadable as wrong:
        raise SourceUnavailable(SOURCE, f"the answer cannot be read: {wrong.reason}", category="parse_error") from None
