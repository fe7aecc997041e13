"""Tokens of other issuers (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725): whether their word about somebody can be taken.

An algorithm off the list, a key that the token brings along, another issuer, audience, party or nonce, a moment that is not now: each is
Unauthenticated, and callers are told no more than that. Keys are in `gateways.issuer_keys`.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from domain.errors import Unauthenticated
from domain.sign_in import MOST_SUBJECT, ExternalIdentity, is_address
from gateways.issuer_keys import KINDS, Discovered, IssuerKeys

LONGEST = 8192
LEEWAY = timedelta(seconds=60)
# A token that names somebody is short-lived; one for weeks is something else.
LONGEST_LIFE = timedelta(days=1)
# What would let a token choose how it is checked, and kinds of tokens that name nobody to us (RFC 9068, logout tokens).
_REFUSED_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64"})
_TYPES = (None, "JWT")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose tokens for whom. With neither `audience` nor `parties`, every token of the issuer would do: that is refused.

    `issuers`: the names of one issuer, the first is the one that is kept.
    """

    issuers: tuple[str, ...]
    audience: str | None = None
    parties: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.issuers or not (self.audience or self.parties):
            raise ValueError("WHYRAL_OIDC_ISSUER needs WHYRAL_OIDC_AUDIENCE or WHYRAL_OIDC_AUTHORIZED_PARTIES: see docs/guides/sign-in.md")


@dataclass(frozen=True, slots=True)
class IdentityTokens:
    """Fills the port ReadsIdentityTokens."""

    expected: Expected
    keys: IssuerKeys
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def identity(self, token: str, *, nonce: str | None = None) -> ExternalIdentity:
        """Who it names. `nonce`: what the token must carry, where it was asked for with one."""
        try:
            claims = self._claims(token)
            self._check_names(claims)
            expires_at = self._check_times(claims)
            if nonce is not None and not hmac.compare_digest(_word(claims, "nonce").encode(), nonce.encode()):
                raise _Wrong("its nonce is another one")
            return self._person(claims, expires_at)
        except _Wrong as wrong:
            log.info("an identity token was refused", issuer=self.expected.issuers[0], reason=str(wrong))
            raise Unauthenticated("the identity token cannot be accepted") from wrong

    def _claims(self, token: str) -> Mapping[str, Any]:
        """Of a token whose signature is good. What else it says is not checked yet."""
        import jwt

        if len(token) > LONGEST:
            raise _Wrong("it is too long")
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid")
            if algorithm not in KINDS or header.get("typ") not in _TYPES or _REFUSED_HEADERS & header.keys():
                raise _Wrong("its header asks for something that is not taken")
            key = self.keys.find(key_id, algorithm)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                # Names and times are checked here, with our own clock and in words that the log can tell.
                options={
                    "verify_signature": True,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": False,
                    "verify_iss": False,
                    "verify_sub": False,
                    "verify_jti": False,
                },
            )
        # A header of nothing but brackets is too deep for the JSON reader.
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise _Wrong(f"it cannot be read or its signature is wrong ({type(error).__name__})") from error
        return claims

    def _check_names(self, claims: Mapping[str, Any]) -> None:
        expected, meant = self.expected, claims.get("aud")
        audiences = [meant] if isinstance(meant, str) else meant if isinstance(meant, list) else []
        if claims.get("iss") not in expected.issuers:
            raise _Wrong("its issuer is another one")
        if expected.audience is not None and expected.audience not in audiences:
            raise _Wrong("it is meant for somebody else")
        party = claims.get("azp")
        known = expected.parties or frozenset(filter(None, (expected.audience,)))
        # Core, 3.1.3.7: a token for several, or one that names its party, must name a known one.
        if (expected.parties or len(audiences) > 1 or party is not None) and (not isinstance(party, str) or party not in known):
            raise _Wrong("its authorized party is another one")

    def _check_times(self, claims: Mapping[str, Any]) -> datetime:
        now = self.now()
        expires_at, issued_at = _moment(claims, "exp"), _moment(claims, "iat")
        begins_at = _moment(claims, "nbf") if "nbf" in claims else issued_at
        if not now - LEEWAY < expires_at <= now + LONGEST_LIFE + LEEWAY:
            raise _Wrong("it has expired, or is good for too long")
        if issued_at > now + LEEWAY or begins_at > now + LEEWAY or expires_at <= issued_at:
            raise _Wrong("it is not good yet")
        return expires_at

    def _person(self, claims: Mapping[str, Any], expires_at: datetime) -> ExternalIdentity:
        subject, email, name = _word(claims, "sub"), claims.get("email"), claims.get("name")
        if not 0 < len(subject) <= MOST_SUBJECT or not subject.isprintable():
            raise _Wrong("it names nobody")
        return ExternalIdentity(
            issuer=self.expected.issuers[0],
            subject=subject,
            email=email if isinstance(email, str) and is_address(email) else None,
            # Issuers whose claims are written by templates say it as a word.
            is_email_verified=is_address(email) and (claims.get("email_verified") is True or claims.get("email_verified") == "true"),
            name=name.strip()[:100] if isinstance(name, str) and name.strip() and name.isprintable() else None,
            expires_at=expires_at,
        )


def tokens_of(issuer: str, audience: str | None, parties: str | None, get: Callable[[str], bytes]) -> IdentityTokens:
    """As the settings say it. Raises ValueError where they would take tokens that are meant for others."""
    if not issuer.startswith("https://") or not issuer.isascii() or not issuer.isprintable() or {"?", "#", "@", " "} & set(issuer):
        raise ValueError("WHYRAL_OIDC_ISSUER: write the issuer as its tokens do, beginning with https://")
    known = frozenset(filter(None, (each.strip() for each in (parties or "").split(","))))
    return IdentityTokens(Expected((issuer,), audience or None, known), IssuerKeys("issuer", Discovered(issuer, get)))


class _Wrong(Exception):
    """Why a token is not taken: for the log, not for callers."""


def _word(claims: Mapping[str, Any], name: str) -> str:
    word = claims.get(name)
    if not isinstance(word, str):
        raise _Wrong(f"it has no {name}")
    return word


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e11:
        raise _Wrong(f"its {name} is no moment")
    return datetime.fromtimestamp(seconds, UTC)
