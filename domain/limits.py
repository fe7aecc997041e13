"""How many calls somebody may make: windows, route classes, what a worker takes at once. Counting is in `store.call_counts`.

Windows are fixed: an hour begins at the full hour (UTC), so twice a limit may fall around its turn. The words of the
headers are those of draft-ietf-httpapi-ratelimit-headers-10: a policy is `"name";q=<quota>;w=<window>`.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from uuid import UUID

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# A worker takes so small a part of a limit at once that what four of them leave unused is less than 1 %.
PARTS = 512


@dataclass(frozen=True, slots=True)
class CallLimits:
    """What one caller may do; a workspace may do `workspace_factor` times as much, with all its keys and people together."""

    per_minute: int = 60
    per_hour: int = 1_000
    per_day: int = 10_000
    workspace_factor: int = 5
    analyses_per_hour: int = 20
    chat_messages_per_hour: int = 100
    expensive_per_minute: int = 5


@dataclass(frozen=True, slots=True)
class Counter:
    """One limit of one subject: at most `limit` calls in a window. `name` is told to callers, `subject` is not."""

    name: str
    subject: str
    seconds: int
    limit: int

    @property
    def block(self) -> int:
        """How many calls a worker takes at once."""
        return max(1, self.limit // PARTS)

    @property
    def policy(self) -> str:
        return f'"{self.name}";q={self.limit};w={self.seconds}'


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is counted: a key or a person, in a workspace. `subject` tells keys and people apart."""

    subject: str
    tenant_id: UUID
    user_id: UUID


_BASE = "/api/v1"
ANALYSES, CHAT, EXPENSIVE = "analyses", "chat", "expensive"
# The first that fits counts. Chats come with their own routes; their limit is ready.
CLASSES: tuple[tuple[str, str, str], ...] = (
    (ANALYSES, "POST", r"/insights/(?:deep|causal|advanced)"),
    (CHAT, "POST", r"/chat/sessions/[^/]+/messages(?:/stream)?"),
    (EXPENSIVE, "POST", r"/insights/releases/[^/]+/replay"),
    (EXPENSIVE, "GET", r"/insights/releases/[^/]+/replay"),
    (EXPENSIVE, "POST", r"/insights/scoring-models/[^/]+/fit"),
)
_CLASSES = tuple((name, method, re.compile(f"{_BASE}{path}/?")) for name, method, path in CLASSES)
# Hubs push for everybody from few addresses; a page asks for many files. Payment providers tell of all payers, at the turn of a month of
# most of them at once, and what is refused comes again: only who floods us meets this limit.
_WIDE = ((f"{_BASE}/billing/webhooks/", 500), (f"{_BASE}/webhooks/", 20), (f"{_BASE}/files/", 10))
# Whether a process lives must be told however much is asked of it; what is static costs nothing.
_FREE = ("/health", f"{_BASE}/health/live", f"{_BASE}/health/ready", "/static/")


def is_free(path: str) -> bool:
    """Whether a call is not counted."""
    return path == f"{_BASE}/health" or path.startswith(_FREE)


def class_of(method: str, path: str) -> str | None:
    """The route class with a limit of its own."""
    return next((name for name, verb, pattern in _CLASSES if verb == method and pattern.fullmatch(path)), None)


def counters_of(limits: CallLimits, caller: Caller, method: str, path: str) -> tuple[Counter, ...]:
    """What a call of somebody known is counted on."""
    workspace = f"tenant:{caller.tenant_id}"
    return (
        *_windows(limits, "", caller.subject, 1),
        *_windows(limits, "workspace-", workspace, limits.workspace_factor),
        *_of_class(limits, class_of(method, path), f"user:{caller.user_id}"),
    )


def counters_of_nobody(limits: CallLimits, address: str, path: str) -> tuple[Counter, ...]:
    """What a call without a good credential is counted on: the network address."""
    factor = next((factor for prefix, factor in _WIDE if path.startswith(prefix)), 1)
    kind = "address" if factor == 1 else f"address-{factor}"
    return _windows(limits, "address-", f"{kind}:{_hashed(address)}", factor)


def headers(counters: Sequence[Counter]) -> str:
    """`RateLimit-Policy`: all limits that a call counts on."""
    return ", ".join(counter.policy for counter in counters)


def _windows(limits: CallLimits, prefix: str, subject: str, factor: int) -> tuple[Counter, ...]:
    return (
        Counter(f"{prefix}minute", subject, MINUTE, limits.per_minute * factor),
        Counter(f"{prefix}hour", subject, HOUR, limits.per_hour * factor),
        Counter(f"{prefix}day", subject, DAY, limits.per_day * factor),
    )


def _of_class(limits: CallLimits, name: str | None, user: str) -> tuple[Counter, ...]:
    if name is None:
        return ()
    seconds, limit = {
        ANALYSES: (HOUR, limits.analyses_per_hour),
        CHAT: (HOUR, limits.chat_messages_per_hour),
        EXPENSIVE: (MINUTE, limits.expensive_per_minute),
    }[name]
    return (Counter(name, f"{name}:{user}", seconds, limit),)


def _hashed(address: str) -> str:
    """No address in clear. Whoever has an IPv6 address has the 2^64 of its network, so they count as one (RFC 6177)."""
    return hashlib.sha256(network_of(address).encode()).hexdigest()[:32]


def network_of(address: str) -> str:
    """The address, or the /64 that an IPv6 one is of; as it came where it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped) if found.ipv4_mapped else str(IPv6Address(int(found) >> 64 << 64))
