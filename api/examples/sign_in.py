"""Examples of second factors and of sign-ins elsewhere."""

from uuid import UUID

from api.examples.shape import NOON, SESSION, WORKSPACE, Example
from api.session_answers import TokenOut
from api.sign_in.factors import AnswerIn, CodeIn, CodesOut, EnrolmentOut, FactorOut, PasswordAndCodeIn, PasswordIn
from api.sign_in.google import AwayOut, ReturnIn
from api.sign_in.identities import ExchangeIn, IdentitiesOut, IdentityOut, LinkGoogleIn, LinkTokenIn

_WORDS, _SIGNED, _SCHEME = "correct horse battery", "eyJhbGciOiJIUzI1NiJ9...", "Bearer"
_REFRESH = "whr_AZPBvR5g..."
_TOKEN = TokenOut(
    access_token=_SIGNED, token_type=_SCHEME, expires_in=1800, workspace_id=WORKSPACE, session_id=SESSION, refresh_token=_REFRESH,
    refresh_expires_in=604_800,
)  # fmt: skip
_AWAY = AwayOut(consent_url="https://accounts.google.com/o/oauth2/v2/auth?client_id=...", expires_in=600)
_CODES = CodesOut(recovery_codes=["abcd-efgh-jkmn-pqrs", "tuvw-xyz2-3456-789a"])
_URI = "otpauth://totp/Whyral:ana%40example.org?digits=6&secret=JBSWY3DPEHPK3PXP&algorithm=SHA1&issuer=Whyral&period=30"
_IDENTITY = IdentityOut(
    identity_id=UUID("01931c00-0000-7000-8000-0000000001d0"), issuer="https://accounts.google.com", email="ana@example.org", linked_at=NOON,
    used_at=None
)  # fmt: skip

EXAMPLES = {
    "POST /auth/second-factor": Example(_TOKEN, AnswerIn(challenge="the-challenge-that-the-login-answered", code="492039")),
    "POST /auth/google/login": Example(_AWAY, ReturnIn(return_to="/")),
    "POST /auth/oidc": Example(_TOKEN, ExchangeIn(token=_SIGNED)),
    "GET /me/second-factor": Example(FactorOut(is_on=True, confirmed_at=NOON, recovery_codes_left=9)),
    "POST /me/second-factor": Example(EnrolmentOut(otpauth_uri=_URI), PasswordIn(password=_WORDS)),
    "POST /me/second-factor/confirm": Example(_CODES, CodeIn(code="492039")),
    "POST /me/second-factor/recovery-codes": Example(_CODES, PasswordAndCodeIn(code="492039", password=_WORDS)),
    "POST /me/second-factor/disable": Example(None, PasswordAndCodeIn(code="492039", password=_WORDS)),
    "GET /me/identities": Example(IdentitiesOut(items=[_IDENTITY], has_password=True)),
    "POST /me/identities/google": Example(_AWAY, LinkGoogleIn(password=_WORDS, return_to="/")),
    "POST /me/identities/oidc": Example(None, LinkTokenIn(password=_WORDS, token=_SIGNED)),
}
