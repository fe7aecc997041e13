"""Changing and resetting a password, verifying an address."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.addresses import caller_of
from api.security import BEARER, PUBLIC, known_caller
from domain.errors import Unauthenticated
from services import passwords
from services.identity import address_waits
from services.logins import too_many
from services.passwords import PasswordCare
from services.sessions import own_session
from store.database import Database, Entry


class ResetIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose password is forgotten."""

    email: str


class AskedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The same whatever was found."""

    detail: str = "where the address is registered, a mail is on its way to it"


class NewPasswordIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new password, by the token of a mail."""

    token: str
    password: str


class VerifyIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The token of a mail."""

    token: str


class PasswordIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new password, by the current one."""

    current_password: str
    new_password: str


class ResetController(Controller):
    """For whoever is not logged in, by tokens that are mailed."""

    path = "/auth"
    tags = ["identity"]
    security = PUBLIC

    @post("/password-reset", sync_to_thread=True, status_code=202)
    def ask(
        self,
        data: JSONBody[ResetIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        care: NamedDependency[PasswordCare],
    ) -> Response[AskedOut]:
        """Ask for a new password by mail. The answer is the same whether the address is registered or not."""
        caller = caller_of(request)
        with database.begin_anonymous() as uow:
            seconds = address_waits(uow, caller.address)
        if seconds > 0:
            raise too_many(seconds)
        # Looked up when the answer is on its way, so that neither its words nor its time tell anything.
        return Response(
            AskedOut(), status_code=202, background=BackgroundTask(passwords.ask_for_reset, database, care.mails, data.email, caller)
        )

    @post("/password-reset/confirm", sync_to_thread=True, status_code=204)
    def confirm(
        self,
        data: JSONBody[NewPasswordIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        care: NamedDependency[PasswordCare],
    ) -> None:
        """Choose a new password by the token of the mail, once. Every session of the user ends."""
        passwords.reset(database, care, data.token, data.password, caller_of(request))

    @post("/verify-email", sync_to_thread=True, status_code=204)
    def verify(self, data: JSONBody[VerifyIn], request: Request[Any, Any, Any], database: NamedDependency[Database]) -> None:
        """Confirm an address by the token of the mail, once."""
        passwords.verify(database, data.token, caller_of(request))


class PasswordController(Controller):
    """For whoever is logged in."""

    path = "/me"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @post("/password", sync_to_thread=True, status_code=204)
    def change(
        self,
        data: JSONBody[PasswordIn],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        care: NamedDependency[PasswordCare],
        entry: NamedDependency[Entry],
    ) -> None:
        """Change the password. All other sessions end; this one and the API keys go on. Needs a session."""
        passwords.change(database, entry, care, (data.current_password, data.new_password), caller_of(request))

    @post("/verify-email", sync_to_thread=True, status_code=202)
    def resend(self, database: NamedDependency[Database], care: NamedDependency[PasswordCare], entry: NamedDependency[Entry]) -> None:
        """Ask for another mail that confirms the address. Nothing is sent where it was confirmed. Needs a session."""
        with database.begin(entry) as uow:
            own_session(uow)
            if uow.user_id is None:
                raise Unauthenticated("the credential names no user")
            profile = uow.identity.profile(uow.user_id)
        if not profile.is_verified:
            passwords.send_verification(database, care.mails, profile)
