"""Feeds that push new posts to us: one per channel, whoever tracks it. All of it is behind functions of schema `app`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from store.repository import Repository


@dataclass(frozen=True, slots=True)
class PushFeed:
    """A feed as its hub knows it: by the token in the address that it calls. `secret` signs what it sends."""

    channel_id: str
    secret: str = field(repr=False)
    lease_until: datetime | None


class Pushes(Repository):
    """Pushed feeds. A tenant asks for those of its accounts; what arrives is known by its token and belongs to nobody."""

    def wanting(self, ids: Sequence[UUID], *, before: datetime, not_since: datetime) -> list[str]:
        """Which of these accounts' channels have no lease that lasts until then, and were not asked for a moment ago."""
        rows = self._run(
            "select a.external_id from accounts a left join lateral app.push_feed(a.external_id) f on true"
            " where a.tenant_id = :tenant and a.account_id = any(:ids) and a.platform = 'youtube' and a.external_id is not null"
            " and (f.lease_until is null or f.lease_until < :before) and (f.asked_at is null or f.asked_at < :not_since) order by 1",
            ids=list(ids), before=before, not_since=not_since,
        )  # fmt: skip
        return list(rows.scalars())

    def align(self, ids: Sequence[UUID], *, now: datetime) -> None:
        """Where no lease lives any more, new posts are looked for as if there had never been one; where one lives, whoever had it asked for,
        they are pushed: a workspace must not see by the lack of it that somebody else was there before.
        """
        self._run(
            "update trackings t set is_pushed = not t.is_pushed from accounts a where t.tenant_id = :tenant and t.account_id = any(:ids)"
            " and a.tenant_id = t.tenant_id and a.account_id = t.account_id and a.platform = 'youtube'"
            " and t.is_pushed <> exists (select from app.push_feed(a.external_id) f where f.lease_until > :now)",
            ids=list(ids), now=now,
        )  # fmt: skip

    def ask(self, channel_id: str, *, token: str, secret: str, now: datetime, not_since: datetime) -> tuple[str, str] | None:
        """Token and secret to ask the hub with; None where somebody else has just asked. A known feed keeps its own."""
        row = self._run(
            "select * from app.ask_push(:channel, :token, :secret, :now, :not_since)",
            channel=channel_id, token=token, secret=secret, now=now, not_since=not_since,
        ).first()  # fmt: skip
        return (row.token, row.secret) if row else None

    def find(self, token: str) -> PushFeed | None:
        row = self._run("select * from app.find_push(:token)", token=token).first()
        return PushFeed(**row._mapping) if row else None

    def confirm(self, token: str, until: datetime | None) -> None:
        """The hub has taken the subscription until then, or ended it."""
        self._run("select app.confirm_push(:token, cast(:until as timestamptz))", token=token, until=until)

    def arrived(self, token: str, entries: Sequence[tuple[str, datetime]], *, now: datetime) -> int:
        """Record entries, each once; whoever tracks the channel reads it now. Returns how many were new."""
        done = self._run(
            "select app.push_arrived(:token, cast(:videos as text[]), cast(:moments as timestamptz[]), :now)",
            token=token, videos=[video for video, _ in entries], moments=[moment for _, moment in entries], now=now,
        )  # fmt: skip
        return int(done.scalar_one())
