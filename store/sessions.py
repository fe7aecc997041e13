"""Sessions and the authentication log. Both are older than any workspace: all goes through functions in schema `app`."""

from datetime import timedelta
from uuid import UUID

from domain.sessions import KnownSession, Refreshing, Verdict
from store.ids import new_id
from store.repository import Repository


class Sessions(Repository):
    """Sessions of users. They are entered by `store.database.SessionEntry`."""

    def open(  # noqa: PLR0913 - the columns of a session
        self, *, user_id: UUID, tenant_id: UUID | None, kind: str, good_for: timedelta, at_most: timedelta,
        secret_hash: bytes | None = None, has_second_factor: bool = False, address: str | None = None, user_agent: str | None = None,
        impersonator: UUID | None = None, reason: str | None = None,
    ) -> UUID:  # fmt: skip
        """A live session; returns its id. `good_for` is renewed by use, `at_most` is not."""
        session_id = new_id()
        self._run(
            "select app.open_session(:session, :user, :workspace, :kind, :secret, :good_for, :at_most, :factor, :address, :agent, :by, :why)",
            session=session_id, user=user_id, workspace=tenant_id, kind=kind, secret=secret_hash, good_for=good_for, at_most=at_most,
            factor=has_second_factor, address=address, agent=user_agent, by=impersonator, why=reason,
        )  # fmt: skip
        return session_id

    def refresh(self, session_id: UUID, counter: int) -> Refreshing:
        """Use a refresh token up: its session moves on to the next one, or ends where the token was used before. Commit whatever it says."""
        row = self._run("select * from app.refresh_session(:session, :counter)", session=session_id, counter=counter).one()
        return Refreshing(Verdict(row.verdict), row.user_id, row.tenant_id, row.counter, row.expires_at)

    def own(self) -> list[KnownSession]:
        """The live sessions of the user who opened this transaction, newest first, at most 200."""
        return [KnownSession(**row._mapping) for row in self._run("select * from app.own_sessions()")]

    def end(self, session_id: UUID, reason: str) -> bool:
        """End it, on all workers at once. Returns whether it was live."""
        return bool(self._run("select app.end_session(:session, :why)", session=session_id, why=reason).scalar_one())

    def end_own(self, reason: str, *, session_id: UUID | None = None, kept: UUID | None = None) -> int:
        """End one session of the user who opened this transaction, or all but `kept`. Returns how many were live; of others' none is."""
        words = {"session": session_id, "kept": kept, "why": reason}
        return int(self._run("select app.end_own_sessions(:session, :kept, :why)", **words).scalar_one())

    def sweep(self) -> None:
        """Delete a few sessions and single-use tokens that are long over."""
        self._run("select app.sweep_sessions()")

    def note(  # noqa: PLR0913 - the columns of an event
        self, kind: str, *, is_success: bool, user_id: UUID | None = None, email_hash: bytes | None = None, address: str | None = None,
        user_agent: str | None = None, reason: str | None = None, request_id: str | None = None,
    ) -> None:  # fmt: skip
        """One line of the authentication log: signup, login, logout, password_reset ... An address of mail is kept as its hash."""
        self._run(
            "select app.note_auth(:id, :kind, :ok, :user, :email, :address, :agent, :why, :request)",
            id=new_id(), kind=kind, ok=is_success, user=user_id, email=email_hash, address=address, agent=user_agent, why=reason,
            request=request_id,
        )  # fmt: skip
