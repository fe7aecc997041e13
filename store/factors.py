"""Second factors and the challenges that wait for them. Older than any workspace: all goes through functions in schema `app`.

What is of "the user who entered" belongs to the user of this transaction and reaches nobody else.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.errors import NotFound
from domain.second_factor import CHALLENGE_GUESSES, CHALLENGE_LIFE, SecondFactor
from domain.sign_in import Person
from store.repository import Repository


class Factors(Repository):
    """Time-based codes, recovery codes, challenges."""

    def of(self, user_id: UUID) -> SecondFactor:
        row = self._run("select * from app.second_factor(:user)", user=user_id).first()
        if row is None:
            raise NotFound("user", user_id)
        return SecondFactor(user_id, row.email, row.password_hash, row.sealed, row.confirmed_at, row.last_step, row.codes_left)

    def begin(self, sealed: bytes) -> bool:
        """A secret of the user who entered, in place of one that was never confirmed. False where one is confirmed."""
        return self._is("select app.begin_second_factor(:sealed)", sealed=sealed)

    def confirm(self, hashes: Sequence[bytes]) -> bool:
        return self._is("select app.confirm_second_factor(:hashes)", hashes=list(hashes))

    def renew_codes(self, hashes: Sequence[bytes]) -> bool:
        return self._is("select app.renew_recovery_codes(:hashes)", hashes=list(hashes))

    def drop(self) -> bool:
        """The second factor of the user who entered, with its recovery codes and challenges."""
        return self._is("select app.drop_second_factor()")

    def accept_step(self, user_id: UUID, step: int) -> bool:
        """Whether this step is later than every one that was accepted: then it is the last one now."""
        return self._is("select app.accept_totp_step(:user, :step)", user=user_id, step=step)

    def use_code(self, user_id: UUID, code_hash: bytes) -> bool:
        return self._is("select app.use_recovery_code(:user, :hash)", user=user_id, hash=code_hash)

    def prove(self, session_id: UUID) -> bool:
        """The session of the user who entered has seen the second factor now."""
        return self._is("select app.prove_session(:session)", session=session_id)

    def challenge(self, user_id: UUID, secret_hash: bytes) -> None:
        self._run("select app.begin_challenge(:hash, :user, :life)", hash=secret_hash, user=user_id, life=CHALLENGE_LIFE)

    def guess(self, secret_hash: bytes) -> Person | None:
        """Counts one guess, to be committed before it is looked at. None: it is nobody's challenge any more."""
        row = self._run("select * from app.guess_challenge(:hash, :most)", hash=secret_hash, most=CHALLENGE_GUESSES).first()
        return Person(row.user_id, row.is_active, tuple(row.tenants)) if row else None

    def end_challenge(self, secret_hash: bytes) -> bool:
        return self._is("select app.end_challenge(:hash)", hash=secret_hash)

    def sealed(self, *, after: UUID | None, limit: int) -> list[tuple[UUID, bytes]]:
        """Of all users, by their ids: for changing the keys."""
        rows = self._run("select * from app.sealed_factors(:after, :limit)", after=after, limit=limit)
        return [(row.user_id, row.sealed) for row in rows]

    def reseal(self, user_id: UUID, before: bytes, fresh: bytes) -> bool:
        return self._is("select app.reseal_factor(:user, :before, :fresh)", user=user_id, before=before, fresh=fresh)

    def _is(self, statement: str, **words: object) -> bool:
        return bool(self._run(statement, **words).scalar_one())
