"""How Stripe says no: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes."""

from typing import Any


class Refusal(Exception):
    """An error answer. `is_kept`: an idempotency key keeps it (what was refused before it was tried is not)."""

    def __init__(self, status: int, kind: str, message: str, *, is_kept: bool = False, **more: Any) -> None:
        super().__init__(message)
        self.status, self.is_kept = status, is_kept
        self.headers: dict[str, str] = {}
        self.error = {"type": kind, "message": message, **{name: value for name, value in more.items() if value is not None}}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    return Refusal(400, "invalid_request_error", message, param=param, code=code)


def required(param: str) -> Refusal:
    return invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")


def missing(kind: str, key: object) -> Refusal:
    return Refusal(404, "invalid_request_error", f"No such {kind}: '{key}'", param="id", code="resource_missing")


def declined(code: str, decline_code: str | None, message: str, intent: Any = None) -> Refusal:
    return Refusal(402, "card_error", message, is_kept=True, code=code, decline_code=decline_code, payment_intent=intent)
