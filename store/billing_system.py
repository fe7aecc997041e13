"""Paying, across workspaces: whose events wait, who is to be read, what is due by time alone. For sensors and schedules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.billing.inbox import WAITS
from domain.billing.standing import LEEWAY
from domain.billing.states import Provider
from store.billing_events import Kept

_OF_NOBODY = "whose it is was not found out"
_WAITING = """
select distinct e.tenant_id from billing_events e join tenants t on t.tenant_id = e.tenant_id
where e.state = 'kept' and e.next_try_at <= clock_timestamp() and t.suspended_at is null
  and not exists (select from requests r where r.tenant_id = e.tenant_id and r.kind = :kind and r.state in ('pending', 'launched', 'running'))
  and not exists (select from deletions d where d.tenant_id = e.tenant_id and d.started_at is not null)
limit :most"""
# A customer that is gone is known by what it bought.
_FIND = """
update billing_events e set tenant_id = f.tenant_id from (
  select s.provider, s.event_id, coalesce(app.billing_workspace(s.provider, s.customer_id, s.subscription_id, s.reference),
      (select b.tenant_id from billing_subscriptions b where b.provider = s.provider and b.data ->> 'customer_id' = s.customer_id limit 1))
    as tenant_id from billing_events s where s.tenant_id is null and s.state = 'kept' and s.next_try_at <= clock_timestamp()) f
where e.provider = f.provider and e.event_id = f.event_id and e.tenant_id is null and f.tenant_id is not null"""
_STRAYS = """
select provider, event_id, kind, type, customer_id, subscription_id, body, happened_at, attempts from billing_events
where tenant_id is null and state = 'kept' and kind = any(:kinds) and next_try_at <= clock_timestamp() order by received_at limit :most"""
_GIVE = """
update billing_events e set tenant_id = p.tenant_id from billing_payments p
where e.provider = :provider and e.event_id = :event and e.tenant_id is null
  and p.provider = e.provider and (p.payment_id = :payment or p.data ->> 'charge_id' = :charge)"""
_PUT_OFF = """
update billing_events set attempts = attempts + 1, error = :error,
  next_try_at = clock_timestamp() + make_interval(secs => (cast(:waits as double precision[]))[least(attempts + 1, :steps)]),
  state = case when attempts >= 9 then 'failed' else 'kept' end, ended_at = case when attempts >= 9 then clock_timestamp() end
where tenant_id is null and state = 'kept' and next_try_at <= clock_timestamp() returning state"""
_LONGEST_UNREAD = """
select c.tenant_id, c.provider from billing_customers c
  left join billing_subscriptions s on s.tenant_id = c.tenant_id and s.provider = c.provider
  where not exists (select from deletions d where d.tenant_id = c.tenant_id and d.started_at is not null)
group by c.tenant_id, c.provider
order by max(s.read_at) filter (where s.state not in ('canceled', 'expired')) nulls last, c.created_at desc, c.tenant_id limit :most"""
_TURNING = """
select distinct s.tenant_id from billing_subscriptions s
where s.tenant_id > :after and ((s.state = 'failed' and s.failing_since is not null) or (s.state in ('active', 'trial', 'canceling') and s.ends_at <= :ended))
  and not exists (select from deletions d where d.tenant_id = s.tenant_id and d.started_at is not null)
order by 1 limit :most"""


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """One that was given up. `tenant_id` is None where it was not found out whose it is."""

    provider: Provider
    event_id: str
    type: str
    tenant_id: UUID | None
    received_at: datetime
    error: str | None


class SystemBilling:
    """All workspaces'."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def find_owners(self) -> int:
        """Events that came before it was known whose they are: whose is known by now. Returns how many."""
        return self._run(_FIND).rowcount

    def strays(self, kinds: Sequence[str], *, most: int) -> list[Kept]:
        """Events of these kinds that are nobody's still, and are due."""
        rows = self._run(_STRAYS, kinds=list(kinds), most=most)
        return [Kept(**{**row._mapping, "provider": Provider(row.provider), "body": bytes(row.body)}) for row in rows]

    def give(self, event: Kept, *, payment_id: str | None, charge_id: str | None) -> bool:
        """The event is whose this payment is. Whether that is known."""
        done = self._run(_GIVE, provider=event.provider, event=event.event_id, payment=payment_id, charge=charge_id)
        return done.rowcount == 1

    def put_strays_off(self) -> tuple[int, int]:
        """What is nobody's still is looked at again later, ten times at most. How many wait, and how many are given up."""
        waits = [each.total_seconds() for each in WAITS]
        rest = [row.state for row in self._run(_PUT_OFF, error=_OF_NOBODY, waits=waits, steps=len(waits))]
        return rest.count("kept"), rest.count("failed")

    def waiting(self, kind: str, *, most: int) -> list[UUID]:
        """Whose events are due while nobody is about to read them. None that is suspended, or being erased."""
        return list(self._run(_WAITING, kind=kind, most=most).scalars())

    def longest_unread(self, *, most: int) -> list[tuple[UUID, Provider]]:
        """Who pays at which provider, the one that was read longest ago first; then who pays for nothing, the newest customer first."""
        return [(row.tenant_id, Provider(row.provider)) for row in self._run(_LONGEST_UNREAD, most=most)]

    def turning(self, *, now: datetime, most: int, after: UUID) -> list[UUID]:
        """Whose plan is something else by now, or whose payment is overdue, without anybody saying so. In the order of ids, from `after` on."""
        return list(self._run(_TURNING, ended=now - LEEWAY, most=most, after=after).scalars())

    def listed_until(self, provider: Provider) -> datetime | None:
        """Up to when the provider's list of events was read."""
        found: datetime | None = self._run(
            "select listed_until from billing_cursors where provider = :provider", provider=provider
        ).scalar()
        return found

    def listed(self, provider: Provider, until: datetime) -> None:
        self._run(
            "insert into billing_cursors (provider, listed_until) values (:provider, :until)"
            " on conflict (provider) do update set listed_until = greatest(billing_cursors.listed_until, excluded.listed_until)",
            provider=provider, until=until,
        )  # fmt: skip

    def known(self, provider: Provider, event_ids: Sequence[str]) -> frozenset[str]:
        """Which of these events are in the inbox."""
        found = "select event_id from billing_events where provider = :provider and event_id = any(:ids)"
        return frozenset(self._run(found, provider=provider, ids=list(event_ids)).scalars())

    def counts(self, tenant_id: UUID) -> dict[str, int]:
        """How many events of a workspace there are, by state."""
        found = "select state, count(*) as events from billing_events where tenant_id = :tenant group by state"
        return {row.state: row.events for row in self._run(found, tenant=tenant_id)}

    def failed(self, *, most: int) -> list[FailedEvent]:
        """Events that were given up, the newest first."""
        found = "select provider, event_id, type, tenant_id, received_at, error from billing_events where state = 'failed'"
        rows = self._run(f"{found} order by received_at desc limit :most", most=most)
        return [FailedEvent(**{**row._mapping, "provider": Provider(row.provider)}) for row in rows]

    def take_up(self) -> int:
        """Events that were given up wait again, as if they had just come. How many."""
        return self._run(
            "update billing_events set state = 'kept', attempts = 0, next_try_at = clock_timestamp(), ended_at = null where state = 'failed'"
        ).rowcount

    def prune(self, *, older_than: timedelta) -> int:
        """Events that were dealt with so long ago are deleted with their raw bodies."""
        gone = "delete from billing_events where state <> 'kept' and ended_at < clock_timestamp() - cast(:age as interval)"
        return self._run(gone, age=older_than).rowcount

    def forget(self, tenant_id: UUID) -> int:
        """All events of a workspace that is erased, also those that were not known to be its own."""
        return self._run(
            "delete from billing_events e where e.tenant_id = :tenant or e.reference = cast(:tenant as text)"
            " or exists (select from billing_customers c where c.tenant_id = :tenant and c.provider = e.provider and c.customer_id = e.customer_id)"
            " or exists (select from billing_subscriptions s where s.tenant_id = :tenant and s.provider = e.provider"
            "   and s.subscription_id = e.subscription_id)",
            tenant=tenant_id,
        ).rowcount  # fmt: skip

    def _run(self, statement: str, **words: Any) -> sa.CursorResult[Any]:
        return self._connection.execute(sa.text(statement), words)
