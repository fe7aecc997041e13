"""What belongs to a user in all of their workspaces: password, single-use tokens of mails, known devices, profile.

All goes through functions in schema `app`. Registering and looking up at login are in `store.identity`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a single-use token is for."""

    user_id: UUID
    email: str
    full_name: str | None


class Users(Repository):
    """Users, before and beside any workspace. Tokens and devices are given as hashes, passwords as argon2's."""

    def put_token(self, token_hash: bytes, purpose: str, user_id: UUID, good_for: timedelta) -> None:
        """Keep a single-use token. `purpose`: verify, reset, second_factor or link."""
        self._run(
            "select app.put_user_token(:hash, :purpose, :user, :good_for)",
            hash=token_hash,
            purpose=purpose,
            user=user_id,
            good_for=good_for,
        )

    def take_token(self, token_hash: bytes, purpose: str) -> UUID | None:
        """Use a token up: whose it was; None where it is not good, or no longer."""
        return self._uuid("select app.take_user_token(:hash, :purpose)", hash=token_hash, purpose=purpose)

    def addressee(self, token_hash: bytes, purpose: str) -> Addressee | None:
        """Whose a good token is, without using it up."""
        row = self._run("select * from app.token_of(:hash, :purpose)", hash=token_hash, purpose=purpose).first()
        return Addressee(**row._mapping) if row else None

    def verify_email(self, token_hash: bytes) -> UUID | None:
        """The address was the user's: use the token up. None where it is not good."""
        return self._uuid("select app.verify_email(:hash)", hash=token_hash)

    def reset_password(self, token_hash: bytes, password_hash: str) -> UUID | None:
        """Use the token up, set the password, end every session, forget every device. None where the token is not good."""
        return self._uuid("select app.reset_password(:hash, :password)", hash=token_hash, password=password_hash)

    def change_password(self, user_id: UUID, *, known_hash: str, password_hash: str, is_rehash: bool = False) -> bool:
        """Set the hash where `known_hash` is still the one that is there; returns whether it was. `is_rehash`: of the same password."""
        return bool(
            self._run(
                "select app.change_password(:user, :known, :made, :is_rehash)",
                user=user_id, known=known_hash, made=password_hash, is_rehash=is_rehash,
            ).scalar_one()
        )  # fmt: skip

    def knows_device(self, user_id: UUID, device_hash: bytes) -> bool:
        return bool(self._run("select app.knows_device(:user, :hash)", user=user_id, hash=device_hash).scalar_one())

    def know_device(self, user_id: UUID, device_hash: bytes) -> None:
        """Remember a device in which the user logged in; the twenty that were used last are kept."""
        self._run("select app.know_device(:user, :hash)", user=user_id, hash=device_hash)

    def is_new_place(self, user_id: UUID, device_hash: bytes | None, *, address: str, user_agent: str | None) -> bool:
        """Whether somebody who has logged in before does so from a device and from an address and program that are both new to them."""
        words = {"user": user_id, "hash": device_hash, "address": address, "agent": user_agent}
        return bool(self._run("select app.is_new_place(:user, :hash, :address, :agent)", **words).scalar_one())

    def change_profile(self, changes: Mapping[str, object]) -> None:
        """Change full_name, company_name, profile_image, settings of the user who opened this transaction: what is named, nothing else."""
        self._run("select app.change_profile(cast(:changes as jsonb))", changes=json.dumps(changes))

    def _uuid(self, statement: str, **words: object) -> UUID | None:
        found: UUID | None = self._run(statement, **words).scalar_one()
        return found
