"""Whether the ledger's books of one workspace agree: reservations, their entries, the sums of days. Statements that count what is off.

The database proves entries against reservations when a transaction ends; this finds what was loaded, or restored, past it.
"""

_DAYS = """
select count(*) from (
  select day, sum(case state when 'reserved' then reserved_usd else 0 end) as reserved, sum(coalesce(spent_usd, 0)) as spent
    from reservations where tenant_id = :tenant group by 1) r
  full join (select day, reserved_usd, spent_usd from ledger_days where tenant_id = :tenant) d using (day)
 where (coalesce(r.reserved, 0), coalesce(r.spent, 0)) is distinct from (coalesce(d.reserved_usd, 0), coalesce(d.spent_usd, 0))"""
_ENTRIES = """
select count(*) from reservations r left join lateral (
  select coalesce(sum(case when target = 'reserved' then amount_usd when source = 'reserved' then -amount_usd end), 0) as reserved,
    coalesce(sum(case when target = 'spent' then amount_usd when source = 'spent' then -amount_usd end), 0) as spent
    from ledger_entries e where (e.tenant_id, e.operation) = (r.tenant_id, r.operation)) e on true
 where r.tenant_id = :tenant
   and (e.reserved <> case r.state when 'reserved' then r.reserved_usd else 0 end or e.spent <> coalesce(r.spent_usd, 0))"""

BOOKS = {"days": _DAYS, "entries": _ENTRIES}
