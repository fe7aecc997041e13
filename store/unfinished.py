"""What a request was taken for, in the transaction that ends it: it counts for good, or is given back, and what is undone is let go.

Whoever ends it comes through here: a run, its user, the reaper. What was delivered stays and counts.
"""

from uuid import UUID

import sqlalchemy as sa

from domain.clips.states import ClipState
from store.usage_sql import DELIVER, GIVE_BACK

_DONE = ", ".join(f"'{each}'" for each in (ClipState.RENDERED, ClipState.BLOCKED))
_GIVE_BACK = GIVE_BACK.format(which="request_id = :request")
# What is asked for as a whole is delivered as a whole, also by an attempt after one that failed and gave it back. Clips and videos of a request are
# delivered one by one.
_WHOLE = "'requests_per_day', 'imports_per_day'"
_DELIVER = DELIVER.format(which=f"request_id = :request and meter in ({_WHOLE})")
# Files of clips that came out and will not be delivered; the clips are as they were before they were rendered, or failed.
_LET_UNCHECKED_GO = """
with gone as (
  update clips c set state = case c.state when 'checking' then 'suggested' else c.state end, file_key = null, sha256 = null, rendered_at = null
    from clips was where c.tenant_id = :tenant and {whose} and c.file_key is not null
     and (was.tenant_id, was.clip_id) = (c.tenant_id, c.clip_id) returning was.file_key, was.sha256)
insert into leaving_files (tenant_id, file_key, sha256, marked_at)
select distinct cast(:tenant as uuid), file_key, sha256, clock_timestamp() from gone on conflict do nothing"""


def leave(connection: sa.Connection, tenant_id: UUID, request_id: UUID) -> None:
    """No run will bring it to an end: what was taken for it and not delivered is given back, what nobody checked is let go."""
    whose = f"c.request_id = :request and c.state not in ({_DONE})"
    for statement in (_GIVE_BACK, _LET_UNCHECKED_GO.format(whose=whose)):
        connection.execute(sa.text(statement), {"tenant": tenant_id, "request": request_id})


def deliver(connection: sa.Connection, tenant_id: UUID, request_id: UUID) -> None:
    """It has succeeded: what was taken for all of it counts, and what it was to deliver one by one and did not is given back."""
    for statement in (_DELIVER, _GIVE_BACK):
        connection.execute(sa.text(statement), {"tenant": tenant_id, "request": request_id})


def let_clip_go(connection: sa.Connection, tenant_id: UUID, clip_id: UUID) -> None:
    """The file of one clip that will not be delivered."""
    connection.execute(sa.text(_LET_UNCHECKED_GO.format(whose="c.clip_id = :clip")), {"tenant": tenant_id, "clip": clip_id})
