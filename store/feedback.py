"""Feedback of a workspace's members, and the switches that are on for it. The inbox of all is `store.admin`."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from store.repository import Repository


class FeedbackBox(Repository):
    """What members told."""

    def put(self, feedback_id: UUID, *, user_id: UUID | None, category: str, message: str, rating: int | None) -> datetime:
        """Returns when it was told."""
        made: datetime = self._run(
            "insert into feedback (tenant_id, feedback_id, user_id, category, message, rating)"
            " values (:tenant, :id, :user, :category, :message, :rating) returning created_at",
            id=feedback_id, user=user_id, category=category, message=message, rating=rating,
        ).scalar_one()  # fmt: skip
        return made

    def told_since(self, since: datetime) -> int:
        """How much the workspace told. Until this transaction ends nobody else counts in it."""
        self._run("select pg_advisory_xact_lock(hashtextextended('feedback:' || cast(:tenant as text), 0))")
        found = "select count(*) from feedback where tenant_id = :tenant and created_at >= :since"
        return int(self._run(found, since=since).scalar_one())

    def set_done(self, feedback_id: UUID, *, by: UUID | None) -> bool:
        """Done by an administrator, or open again where `by` is None; who was the first stays. Returns whether that is new. Raises NotFound."""
        found = "select done_at is not null as is_done from feedback where tenant_id = :tenant and feedback_id = :id for update"
        was_done: bool | None = self._run(found, id=feedback_id).scalar_one_or_none()
        if was_done is None:
            raise NotFound("feedback", feedback_id)
        if was_done is (by is not None):
            return False
        self._run(
            "update feedback set done_by = :by, done_at = case when cast(:by as uuid) is null then null else clock_timestamp() end"
            " where tenant_id = :tenant and feedback_id = :id",
            id=feedback_id, by=by,
        )  # fmt: skip
        return True


class Switches(Repository):
    """Feature switches as they are for this workspace."""

    def all(self) -> Mapping[str, bool]:
        return {row.name: row.is_on for row in self._run("select name, is_on from app.switches()")}

    def override(self, name: str) -> bool | None:
        """What was set for this workspace alone, expired or not; None for nothing."""
        found: bool | None = self._run(
            "select is_on from switch_overrides where tenant_id = :tenant and name = :name", name=name
        ).scalar_one_or_none()
        return found

    def put_override(self, name: str, *, is_on: bool, reason: str, expires_at: datetime | None) -> None:
        self._run(
            "insert into switch_overrides (tenant_id, name, is_on, reason, expires_at) values (:tenant, :name, :is_on, :reason, :expires)"
            " on conflict (tenant_id, name) do update set is_on = excluded.is_on, reason = excluded.reason, expires_at = excluded.expires_at,"
            " created_at = clock_timestamp()",
            name=name, is_on=is_on, reason=reason, expires=expires_at,
        )  # fmt: skip

    def drop_override(self, name: str) -> None:
        if self._run("delete from switch_overrides where tenant_id = :tenant and name = :name", name=name).rowcount == 0:
            raise NotFound("override of switch", name)
