"""The second factor: set up, confirmed, looked at, given up; and answering the question for it at login."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.addresses import caller_of
from api.security import BEARER, PUBLIC, known_caller
from api.session_answers import CookieOut, SessionAnswers, TokenOut
from api.sign_in.own import means_of, own_user, proven_user
from domain.errors import FieldProblem, Unacceptable
from domain.ports import Platforms
from domain.second_factor import SecondFactor
from gateways.credentials import Passwords
from gateways.totp import Totp
from services import logging_in, second_factor
from services.second_factor import Attempt
from store.database import Database, Entry

Asked = Request[Any, Any, Any]
Code = Annotated[str, msgspec.Meta(max_length=40)]
SECRET = {"Cache-Control": "no-store"}


class PasswordIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password of the account; null for accounts without one."""

    password: str | None = None


class CodeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Six digits of the authenticator."""

    code: Code


class PasswordAndCodeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password (null for accounts without one), and six digits or a recovery code."""

    code: Code
    password: str | None = None


class AnswerIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`challenge` of the login (null: the browser's cookie has it), and six digits or a recovery code.

    `session` null: a cookie where the challenge is in one, else tokens.
    """

    code: Code
    challenge: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    workspace_id: UUID | None = None
    session: Literal["tokens", "cookie"] | None = None


class FactorOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a second factor is on."""

    is_on: bool
    confirmed_at: datetime | None
    recovery_codes_left: int

    @classmethod
    def of(cls, factor: SecondFactor) -> "FactorOut":
        return cls(is_on=factor.is_on, confirmed_at=factor.confirmed_at, recovery_codes_left=factor.codes_left if factor.is_on else 0)


class EnrolmentOut(msgspec.Struct, frozen=True, kw_only=True):
    """`otpauth_uri` is what the QR code for an authenticator holds. It is shown once; nothing is on until it is confirmed."""

    otpauth_uri: str


class CodesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Recovery codes, each good once in place of six digits. They are shown once and kept as hashes."""

    recovery_codes: list[str]


class SecondFactorController(Controller):
    """The second half of a login."""

    path = "/auth/second-factor"
    tags = ["identity"]
    security = PUBLIC

    @post("/", sync_to_thread=True, status_code=200)
    def answer(
        self, request: Asked, data: JSONBody[AnswerIn], database: NamedDependency[Database], platforms: NamedDependency[Platforms],
        answers: NamedDependency[SessionAnswers], totp: NamedDependency[Totp],
    ) -> Response[TokenOut | CookieOut]:  # fmt: skip
        """Answer the question for a second factor: five guesses in five minutes. A step of the clock and a recovery code are good once."""
        kept = answers.browsers.challenge_of(request.cookies)
        kind = data.session or ("tokens" if data.challenge else "cookie")
        if kind == "cookie":
            answers.browsers.check_origin(request.headers)
        caller = caller_of(request)
        logging_in.hold_back(database, caller)
        challenge = data.challenge or kept
        if not challenge:
            raise Unacceptable("there is no challenge to answer", (FieldProblem("/challenge", "send the one that the login answered"),))
        device, wanted = answers.arriving(request.cookies, kind, data.workspace_id)
        attempt = Attempt(data.code, caller, datetime.now(UTC))
        answer = answers.opened(logging_in.answer(database, means_of(platforms, totp), challenge, attempt, wanted), device)
        if kept is not None:
            answer.set_cookie(answers.browsers.cookie_of_challenge("", 0))
        return answer


class OwnFactorController(Controller):
    """The caller's second factor. It needs a session: no key reaches it."""

    path = "/me/second-factor"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def show(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> FactorOut:
        """Is a second factor on, and how many recovery codes are left?"""
        with database.begin(entry) as uow:
            return FactorOut.of(uow.factors.of(own_user(uow)))

    @post("/", sync_to_thread=True, status_code=200)
    def enrol(
        self, data: JSONBody[PasswordIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        passwords: NamedDependency[Passwords], platforms: NamedDependency[Platforms], totp: NamedDependency[Totp],
    ) -> Response[EnrolmentOut]:  # fmt: skip
        """Begin: a new secret for an authenticator. It counts once it is confirmed; beginning again replaces it."""
        user_id = proven_user(database, entry, passwords, data.password)
        uri = second_factor.enrol(partial(database.begin, entry), means_of(platforms, totp), user_id)
        return Response(EnrolmentOut(otpauth_uri=uri), headers=SECRET)

    @post("/confirm", sync_to_thread=True, status_code=200)
    def confirm(
        self, request: Asked, data: JSONBody[CodeIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        platforms: NamedDependency[Platforms], totp: NamedDependency[Totp],
    ) -> Response[CodesOut]:  # fmt: skip
        """Switch it on with a code of the authenticator: the answer holds ten recovery codes, once."""
        with database.begin(entry) as uow:
            user_id = own_user(uow)
        attempt = Attempt(data.code, caller_of(request), datetime.now(UTC))
        codes = second_factor.confirm(partial(database.begin, entry), means_of(platforms, totp), user_id, attempt)
        return Response(CodesOut(recovery_codes=list(codes)), headers=SECRET)

    @post("/recovery-codes", sync_to_thread=True, status_code=200)
    def renew_codes(
        self, request: Asked, data: JSONBody[PasswordAndCodeIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        passwords: NamedDependency[Passwords], platforms: NamedDependency[Platforms], totp: NamedDependency[Totp],
    ) -> Response[CodesOut]:  # fmt: skip
        """Ten other recovery codes, once; those of before are no good any more. Needs the password and a code."""
        caller = caller_of(request)
        user_id, attempt = proven_user(database, entry, passwords, data.password), Attempt(data.code, caller, datetime.now(UTC))
        second_factor.check_own(partial(database.begin, entry), means_of(platforms, totp), user_id, attempt)
        codes = second_factor.renew_codes(partial(database.begin, entry), user_id, attempt)
        return Response(CodesOut(recovery_codes=list(codes)), headers=SECRET)

    @post("/disable", sync_to_thread=True, status_code=204)
    def disable(
        self, request: Asked, data: JSONBody[PasswordAndCodeIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        passwords: NamedDependency[Passwords], platforms: NamedDependency[Platforms], totp: NamedDependency[Totp],
    ) -> None:  # fmt: skip
        """Switch it off. Needs the password and a code, or a recovery code."""
        caller = caller_of(request)
        user_id, attempt = proven_user(database, entry, passwords, data.password), Attempt(data.code, caller, datetime.now(UTC))
        second_factor.check_own(partial(database.begin, entry), means_of(platforms, totp), user_id, attempt)
        second_factor.disable(partial(database.begin, entry), user_id, attempt)
