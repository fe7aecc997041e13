"""Dodo's API and webhooks, written from its documentation and its public SDK's types. Nothing of it was compared with the real one.

| the sandbox's own | does |
|---|---|
| `POST /_dodo/pay/{session}` `{"card": "declined"}` | the payer pays; without `card`, well |
| `POST /_dodo/renew/{subscription}` `{"card": "declined"}` | the period ends |
| `POST /_dodo/pump` | sends what waits to `Dodo.endpoint` |

The key is any bearer but an empty one or "revoked". There is no idempotency: none is documented.
"""

import base64
import hashlib
import hmac
import re

from sandbox.dodo.books import Books, No
from sandbox.dodo.doing import ROUTES
from sandbox.serving import Answered, Asked
from sandbox.world import Clock

SECRET = "whsec_" + base64.b64encode(b"sandbox-dodo-secret-of-24b").decode()


class Dodo(Books):
    """The service. Webhooks go to `endpoint`."""

    hosts = ("live.dodopayments.com", "test.dodopayments.com")
    paths = ("/customers", "/checkouts", "/subscriptions", "/refunds", "/payments", "/_dodo/")

    def __init__(self, clock: Clock, endpoint: str | None = None) -> None:
        super().__init__(clock)
        self.endpoint = endpoint

    def answer(self, asked: Asked) -> Answered | None:
        try:
            if not asked.path.startswith("/_dodo/") and asked.headers.get("authorization", "") in ("", "Bearer revoked"):
                raise No(401, "UNAUTHORIZED", "The API key is not accepted.")
            if asked.path == "/_dodo/pump":
                return Answered.of_json({"taken": self.pump()})
            with self.lock:
                return self._routed(asked)
        except No as no:
            return no.answer
        except (KeyError, ValueError, TypeError) as error:
            return No(422, "INVALID_REQUEST_BODY", str(error)).answer

    def _routed(self, asked: Asked) -> Answered | None:
        for pattern, does in ROUTES.items():
            match = re.fullmatch(pattern, f"{asked.method} {asked.path}")
            if match:
                made = does(self, match[1] if match.groups() else "", {**asked.query, **(asked.json() or {})})
                return Answered(200) if made is None else Answered.of_json(made)
        return None

    def pump(self) -> int:
        """Sends all that waits; what is not taken waits on. How many were taken."""
        import httpx

        due, self.waiting, taken = self.waiting, [], 0
        for key, body in due:
            headers = signed(key, body, int(self.clock.now().timestamp()))
            status = httpx.post(str(self.endpoint), content=body, headers=headers, trust_env=False, timeout=10).status_code
            taken += 200 <= status < 300
            self.waiting += [] if 200 <= status < 300 else [(key, body)]
        return taken


def signed(key: str, body: bytes, now: int, secret: str = SECRET) -> dict[str, str]:
    """Headers as Standard Webhooks says."""
    made = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), f"{key}.{now}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": key, "webhook-timestamp": str(now), "webhook-signature": f"v1,{base64.b64encode(made).decode()}"}
