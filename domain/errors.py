"""The one tree of errors. The shells map it: `api/errors.py` to problem+json, `assets/failures.py` to Dagster.

WhyralError
├── NotFound            it is not there, or it is another tenant's
├── Unauthenticated     nobody we know
├── Refused             the plan or the role lacks it
│   ├── Forged              a browser was made to call by a page of others
│   ├── Suspended           the workspace is suspended
│   ├── FactorNeeded        only with a second factor
│   └── NotInPlan           the plan lacks the meter; `upgrade` has it
├── PaymentNeeded       only a payment helps
├── LimitReached        a quota is used up until `resets_at`
├── Conflict            it clashes with what is there
│   ├── AlreadySubscribed   a plan is paid for already
│   └── ClaimLost       another attempt owns the work now
├── Unacceptable        well-formed, yet it cannot be accepted; says per field what to do
├── Gone                it was there and was removed on purpose
├── Unwanted            somebody took the wish for it back while it was being done
└── SourceFailed        the outside world
    ├── SourceUnavailable   try again later
    └── SourceRefused       trying again changes nothing
        └── OutOfResources  it would take more than we are ready to spend on it
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that cannot be accepted. `pointer` is a JSON pointer (RFC 6901) or a parameter's name."""

    pointer: str
    detail: str


class FailureCategory(StrEnum):
    """How reading from outside failed, in the words that people are shown."""

    INVALID_URL = "invalid_url"
    NOT_FOUND = "not_found"
    PRIVATE = "private"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    NETWORK = "network"
    BLOCKED = "blocked"
    API_ERROR = "api_error"
    PARSE_ERROR = "parse_error"
    INVALID_GRANT = "invalid_grant"
    NO_SCOPE = "no_scope"
    NOT_CONFIGURED = "not_configured"
    UNKNOWN = "unknown"


class WhyralError(Exception):
    """The root. `code` is stable and documented; the message begins with the subject."""

    code = "error"


class NotFound(WhyralError):
    """Another tenant's row is not there either."""

    code = "not_found"

    def __init__(self, subject: str, key: object) -> None:
        super().__init__(f"{subject} {key} was not found")
        self.subject = subject


class Unauthenticated(WhyralError):
    """No credential, or one that we do not accept."""

    code = "unauthenticated"


class Refused(WhyralError):
    """Known, but not allowed."""

    code = "refused"


class Forged(Refused):
    """A call by cookie that no page of ours made (cross-site request forgery)."""

    code = "csrf_failed"


class Suspended(Refused):
    """An administrator of the platform suspended the workspace."""

    code = "suspended"


class FactorNeeded(Refused):
    """Only a session that was proven with a second factor may do it."""

    code = "second_factor_needed"


class NotInPlan(Refused):
    """The workspace's plan does not have this meter. `upgrade` is the next plan that has it."""

    code = "not_in_plan"

    def __init__(self, meter: str, *, upgrade: str | None = None) -> None:
        super().__init__(f"{meter}: the plan of this workspace does not include it")
        self.upgrade = upgrade


class PaymentNeeded(WhyralError):
    """Only a payment helps. What the plan would allow, where a meter was asked for."""

    code = "payment_needed"

    def __init__(self, detail: str, *, limit: int | None = None, used: int | None = None, resets_at: datetime | None = None) -> None:
        super().__init__(detail)
        self.limit, self.used, self.resets_at = limit, used, resets_at


@dataclass(eq=False)
class LimitReached(WhyralError):
    """A quota is used up. `resets_at` is None where it does not reset; `upgrade` is the next plan that has more."""

    subject: str
    limit: int
    used: int
    resets_at: datetime | None = None
    upgrade: str | None = None
    code = "limit_reached"

    def __post_init__(self) -> None:
        Exception.__init__(self, f"{self.subject}: {self.used} of {self.limit} used")


class Conflict(WhyralError):
    """It clashes with what is there."""

    code = "conflict"


class AlreadySubscribed(Conflict):
    """The workspace pays for a plan: a second one would be paid for beside it."""

    code = "already_subscribed"


class ClaimLost(Conflict):
    """A late, dead or paused attempt tried to write; another one owns the work."""

    code = "claim_lost"


@dataclass(eq=False)
class Unacceptable(WhyralError):
    """Well-formed, yet unacceptable; `problems` says per field what to do."""

    detail: str
    problems: tuple[FieldProblem, ...] = field(default=())
    code = "unacceptable"

    def __post_init__(self) -> None:
        Exception.__init__(self, self.detail)


class Gone(WhyralError):
    """It was there and was removed on purpose."""

    code = "gone"


class Unwanted(WhyralError):
    """Somebody took the wish for it back while it was being done."""

    code = "canceled"


class SourceFailed(WhyralError):
    """The outside world did not give us what we asked for.

    `for_callers`: what they are told instead, where the words name what only operators know, such as settings.
    """

    code = "source_failed"

    def __init__(
        self,
        source: str,
        detail: str = "",
        *,
        category: str = "unknown",
        retry_after_seconds: float | None = None,
        for_callers: str | None = None,
    ) -> None:
        super().__init__(f"{source}: {detail or self.code.replace('_', ' ')}")
        self.source, self.category, self.retry_after_seconds = source, FailureCategory(category), retry_after_seconds
        self.for_callers = for_callers


def told(error: BaseException) -> str:
    """The words of an error, as far as callers may know them."""
    return error.for_callers if isinstance(error, SourceFailed) and error.for_callers else str(error)


class SourceUnavailable(SourceFailed):
    """408, 429, 5xx, time-outs: try again later."""

    code = "source_unavailable"


class SourceRefused(SourceFailed):
    """Everything else: trying again changes nothing."""

    code = "source_refused"


class OutOfResources(SourceRefused):
    """It takes more memory, time or room than we are ready to spend on it; the same would happen again."""

    code = "resource_limit"
