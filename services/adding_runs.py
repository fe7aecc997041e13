"""Adding links in a run of its own: those that it was asked for, else all that no run has brought to an end."""

from uuid import UUID

from domain.ports import Platforms
from services import adding
from services.adding import MAX_AGE, Adding
from services.fetching import Fetching
from services.work import Work


def add_wanted(work: Work, platforms: Platforms) -> None:
    fetching = Fetching(work.tidying, platforms, tenant_id=work.tenant_id, max_age=MAX_AGE, request_id=work.request.request_id)
    with work.begin() as uow:
        asked = work.params.get("scrape_id")
        scrapes = [UUID(str(asked))] if asked else uow.scrapes.unfinished()
    try:
        for scrape_id in scrapes:
            adding.add(Adding(work.begin, work.ensure_months, fetching, platforms, work.report), scrape_id)
    finally:
        fetching.close()
