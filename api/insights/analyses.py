"""Deep, causal and advanced analyses: asked for, and read as they were published last. One effect is in `api.insights.effects`."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from api.figures import AsOf, asked_moment
from api.idempotency import IdempotencyKey, once
from api.insights.frame import Published, frame, published, raw
from api.insights.outliers import OfAccount
from api.launching import launching
from api.reading import Reading
from api.requests import RequestOut, accepted
from api.security import BEARER, known_caller, needs_write
from domain.analytics import DEEP_SECTION, EFFECTS_SECTION
from domain.ports import RunLauncher
from domain.requests import Request
from services import requests
from services.insights import deep
from store.releases import EVERYBODY, Head

# The sections of a release of effects that overlay the plain questions; all others are served as causal.
ADVANCED = ("combinations", "content_by_person", "engagement_quality", "controversy", "title_patterns")
CAUSAL = (
    "people", "description_patterns", "title_versus_content", "success_factors", "changes", "event_study", "calibration", "gate_summary",
    "power_summary",
)  # fmt: skip
NO_ACCOUNT = f"this account has no analysis of its own: it has fewer than {deep.LEAST_POSTS} dated posts, or others have more"
NO_SECTION = "this account has no sections of its own, which own accounts have: leave account_id out for those of all accounts"


class DeepSection(StrEnum):
    """The parts of a deep analysis."""

    POSTING_TIME = "posting_time"
    TITLES = "titles"
    ENGAGEMENT = "engagement"
    CONTENT_TYPE = "content_type"
    GROWTH = "growth"


class AnalysisOut(Published, frozen=True, kw_only=True):
    """Sections of one release by name, as they were published. `missing`: known ones that this release does not have.

    Each section says its nature, its n and its figures with 95 % intervals, or the reason why there are none. `account_id`: whose posts,
    null for all of them.
    """

    account_id: UUID | None
    sections: dict[str, Any]
    missing: list[str]


class _Kept(Published, frozen=True, kw_only=True):
    account_id: UUID | None
    sections: dict[str, msgspec.Raw]
    missing: list[str]


_SECTIONS = ResponseSpec(AnalysisOut, generate_examples=False, description="The sections as they were published.")
_ASKED = ResponseSpec(RequestOut, generate_examples=False, description="The request; follow it by its Location.")
OfSection = Annotated[DeepSection | None, QueryParameter(description="only this section; left out: all of them")]


class DeepController(Controller):
    """How posts did by hour, title and kind, and how accounts grow. It describes; what a choice is worth is asked under effects."""

    path = "/insights/deep"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202, responses={202: _ASKED})
    def ask_deep(
        self, reading: NamedDependency[Reading], launcher: NamedDependency[RunLauncher], idempotency_key: IdempotencyKey = None
    ) -> Response[bytes]:
        """Have the deep analysis made now. 202 with the request; every night, and after a sync, it is made by itself."""
        return _asked("deep", reading, launcher, idempotency_key)

    @get("/", sync_to_thread=True, responses={200: _SECTIONS})
    def deep(
        self, reading: NamedDependency[Reading], section: OfSection = None, account_id: OfAccount = None, as_of: AsOf = None
    ) -> Response[bytes]:
        """Posting time, titles, engagement, content type and growth, or one of them, as published last; of all accounts or of one."""
        return _deep(reading, account_id, as_of, [section.value] if section else None)

    @get("/cached", sync_to_thread=True, responses={200: _SECTIONS})
    def deep_cached(self, reading: NamedDependency[Reading], account_id: OfAccount = None, as_of: AsOf = None) -> Response[bytes]:
        """The last stored deep analysis, whole, with `computed_at` and `stale`."""
        return _deep(reading, account_id, as_of, None)


class CausalController(Controller):
    """What stands beside the effects of a release: people, descriptions, titles against content, changes, success factors."""

    path = "/insights/causal"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202, responses={202: _ASKED})
    def ask_causal(
        self, reading: NamedDependency[Reading], launcher: NamedDependency[RunLauncher], idempotency_key: IdempotencyKey = None
    ) -> Response[bytes]:
        """Have all effects estimated now. 202 with the request; every night, and after a sync, it is done by itself."""
        return _asked("causal", reading, launcher, idempotency_key)

    @get("/", sync_to_thread=True, responses={200: _SECTIONS})
    def causal(self, reading: NamedDependency[Reading], account_id: OfAccount = None, as_of: AsOf = None) -> Response[bytes]:
        """Sections of the newest release of effects: people named, descriptions, titles against content, changes, success factors."""
        return _of_effects(reading, account_id, as_of, CAUSAL)

    @get("/cached", sync_to_thread=True, responses={200: _SECTIONS})
    def causal_cached(self, reading: NamedDependency[Reading], account_id: OfAccount = None, as_of: AsOf = None) -> Response[bytes]:
        """The last stored causal analysis, whole, with `computed_at` and `stale`."""
        return _of_effects(reading, account_id, as_of, CAUSAL)


class AdvancedController(Controller):
    """Overlays of the causal analysis: combinations, content by person, controversy, quality of engagement, patterns of titles."""

    path = "/insights/advanced"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=202, responses={202: _ASKED})
    def ask_advanced(
        self, reading: NamedDependency[Reading], launcher: NamedDependency[RunLauncher], idempotency_key: IdempotencyKey = None
    ) -> Response[bytes]:
        """The same as `POST /insights/causal`: overlays and effects are one release, so that q counts all of their questions."""
        return _asked("causal", reading, launcher, idempotency_key)

    @get("/", sync_to_thread=True, responses={200: _SECTIONS})
    def advanced(self, reading: NamedDependency[Reading], account_id: OfAccount = None, as_of: AsOf = None) -> Response[bytes]:
        """Combinations, content by person, engagement quality, controversy, title patterns."""
        return _of_effects(reading, account_id, as_of, ADVANCED)


def _asked(kind: str, reading: Reading, launcher: RunLauncher, key: str | None) -> Response[bytes]:
    made: list[Request] = []
    with reading.database.begin(reading.entry) as uow:
        needs_write(uow)

        def effect() -> tuple[RequestOut, int, dict[str, str]]:
            made.append(requests.ask(uow, kind, {}))
            return accepted(made[0])

        answer = once(uow, key, route=f"POST /insights/{kind}", body=None, effect=effect)
    return launching(answer, reading.database, launcher, made)


def _deep(reading: Reading, account_id: UUID | None, as_of: AsOf, names: list[str] | None) -> Response[bytes]:
    """The n is that of the posts looked at, so what the analysis is about is read along."""
    asked = [*names, deep.ABOUT] if names else None

    def made() -> tuple[UUID, _Kept]:
        with reading.database.begin(reading.entry) as uow:
            scope = uow.accounts.narrowing(account_id) or EVERYBODY
            found = uow.served.sections("deep", scope, names=asked, as_of=asked_moment(as_of))
        if found is None:
            return uow.tenant_id, _kept(None, DEEP_SECTION, {}, deep.SECTIONS, account_id=account_id)
        about, wanted = found.figures.get(deep.ABOUT), names or deep.SECTIONS
        n, note = msgspec.json.decode(about, type=_About).n if about else 0, None if about else NO_ACCOUNT
        return uow.tenant_id, _kept(found.release, DEEP_SECTION, found.figures, wanted, n=n, note=note, account_id=account_id)

    return published(reading, "deep", None if account_id or as_of else ("deep", *(names or ())), made)


class _About(msgspec.Struct):
    n: int


def _of_effects(reading: Reading, account_id: UUID | None, as_of: AsOf, known: Sequence[str]) -> Response[bytes]:
    """Overlays are read by their names. The plain sections are all others."""
    is_overlay = known is ADVANCED

    def made() -> tuple[UUID, _Kept]:
        with reading.database.begin(reading.entry) as uow:
            scope = uow.accounts.narrowing(account_id) or EVERYBODY
            found = uow.served.sections("effects", scope, names=ADVANCED if is_overlay else None, as_of=asked_moment(as_of))
        if found is None:
            return uow.tenant_id, _kept(None, EFFECTS_SECTION, {}, known, account_id=account_id)
        figures = {name: text for name, text in found.figures.items() if (name in ADVANCED) is is_overlay}
        note = None if figures else NO_SECTION
        return uow.tenant_id, _kept(found.release, EFFECTS_SECTION, figures, known, note=note, account_id=account_id)

    return published(reading, "effects", None if account_id or as_of else known, made)


def _kept(
    release: Head | None, section: str, figures: Mapping[str, str], known: Sequence[str], *, n: int | None = None, note: str | None = None,
    account_id: UUID | None = None,
) -> _Kept:  # fmt: skip
    told = frame(release, section, n=n, note=note)
    sections = {name: raw(text) for name, text in figures.items()}
    missing = [name for name in known if name not in figures]
    return _Kept(**told, account_id=account_id, sections=sections, missing=missing)
