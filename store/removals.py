"""Videos that are gone from their platform: marked, not forgotten. Deleting what may not be kept any longer is in `store.retention`."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.observations import Platform
from store.repository import Repository

_MARK = """
with gone as (
  update videos v set is_removed = true, removed_since = :now, removed_reason = g.reason, updated_at = now()
    from unnest(cast(:keys as text[]), cast(:reasons as text[])) g(key, reason)
   where v.tenant_id = :tenant and v.platform = :platform and v.external_id = g.key and not v.is_removed returning v.video_id, v.account_id),
marks as (
  insert into account_changes (tenant_id, account_id, aggregate, change_id)
  select :tenant, a.account_id, m.aggregate, gen_random_uuid()
    from (select distinct account_id from gone) a cross join (values ('totals'), ('hashtags'), ('sounds')) m(aggregate))
select video_id from gone"""


class Removals(Repository):
    """One tenant's videos that are gone."""

    def mark(self, platform: Platform, gone: Mapping[str, str], *, now: datetime) -> list[UUID]:
        """Mark videos by their platform's id, with the reason (`not_found`, `private`). Returns those that were not marked yet."""
        if not gone:
            return []
        words = {"platform": platform.value, "keys": list(gone), "reasons": list(gone.values()), "now": now}
        return list(self._run(_MARK, **words).scalars())
