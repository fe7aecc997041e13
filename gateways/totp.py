"""Time-based codes (RFC 6238) as authenticator apps make them: SHA-1, six digits, steps of 30 seconds. Fills the port TotpCodes."""

import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from domain.second_factor import CODE, STEP_SECONDS, steps_around

ISSUER = "Whyral"
# RFC 4226, 4: 160 bits.
SECRET_BYTES = 20
DIGITS = 6


class Totp:
    """No state: which steps were used is kept in the database."""

    def new_secret(self) -> bytes:
        return secrets.token_bytes(SECRET_BYTES)

    def uri(self, secret: bytes, *, account: str) -> str:
        return _totp(secret).get_provisioning_uri(account, ISSUER)

    def step_of(self, secret: bytes, code: str, *, now: datetime) -> int | None:
        """All steps are tried, and compared in constant time."""
        if not CODE.fullmatch(code):
            return None
        made = _totp(secret)
        fits = [step for step in steps_around(now) if hmac.compare_digest(made.generate(step * STEP_SECONDS), code.encode("ascii"))]
        return fits[0] if fits else None


def _totp(secret: bytes) -> TOTP:
    # SHA-1 within HMAC is what the apps know; its collisions do not matter there (RFC 6151, RFC 4226 appendix B).
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303
