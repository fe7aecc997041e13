"""Links that somebody had added, and what came of each. Adding them is in `services.scraping`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Scrape:
    """Links that were given together. `request_id` names the request whose run does the work, where one does."""

    scrape_id: UUID
    request_id: UUID | None
    collection_id: UUID | None
    user_id: UUID | None
    created_at: datetime
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScrapedUrl:
    """One link: `waiting`, `saved` (something was new), `updated` (all of it was known) or `failed`, with its category."""

    scrape_id: UUID
    line: int
    url: str
    outcome: str
    category: str | None
    error: str | None
    platform: str | None
    account_id: UUID | None
    video_ids: Sequence[UUID]
    new_videos: int
    finished_at: datetime | None


_SCRAPE, _URL = (", ".join(kind.__dataclass_fields__) for kind in (Scrape, ScrapedUrl))
# A call that has been at it for so long has lost its process.
ABANDONED = "interval '2 minutes'"


class Scrapes(Repository):
    """One tenant's added links."""

    def add(self, scrape_id: UUID, urls: Sequence[str], *, collection_id: UUID | None, user_id: UUID | None) -> bool:
        """Write the links down; False where they are already."""
        made = self._run(
            "insert into scrapes (tenant_id, scrape_id, collection_id, user_id)"
            " values (:tenant, :id, :collection, :user) on conflict do nothing",
            id=scrape_id, collection=collection_id, user=user_id,
        )  # fmt: skip
        if made.rowcount:
            self._run(
                "insert into scraped_urls (tenant_id, scrape_id, line, url, outcome)"
                " select :tenant, :id, u.line, u.url, 'waiting' from unnest(cast(:urls as text[])) with ordinality u(url, line)",
                id=scrape_id, urls=list(urls),
            )  # fmt: skip
        return bool(made.rowcount)

    def find(self, scrape_id: UUID) -> Scrape | None:
        rows = self._read(f"select {_SCRAPE} from scrapes where tenant_id = %(tenant)s and scrape_id = %(id)s", id=scrape_id)
        return Scrape(*rows[0]) if rows else None

    def get(self, scrape_id: UUID) -> Scrape:
        """By its own id, or by that of the request whose run does the work."""
        rows = self._read(f"select {_SCRAPE} from scrapes where tenant_id = %(tenant)s and %(id)s in (scrape_id, request_id)", id=scrape_id)
        if not rows:
            raise NotFound("scrape", scrape_id)
        return Scrape(*rows[0])

    def take_over(self, scrape_id: UUID) -> bool:
        """Go on with a call that was broken off; False while it may still be at work, or where it is done."""
        taken = self._run(
            "update scrapes set started_at = clock_timestamp() where tenant_id = :tenant and scrape_id = :id and finished_at is null"
            f" and started_at < clock_timestamp() - {ABANDONED}",
            id=scrape_id,
        )  # fmt: skip
        return bool(taken.rowcount)

    def urls(self, scrape_id: UUID, *, after: int = 0, limit: int = 1_000, outcome: str | None = None) -> list[ScrapedUrl]:
        """In the order they were given."""
        where = "tenant_id = %(tenant)s and scrape_id = %(id)s and line > %(after)s" + (" and outcome = %(outcome)s" if outcome else "")
        statement = f"select {_URL} from scraped_urls where {where} order by line limit %(limit)s"
        return [ScrapedUrl(*row) for row in self._read(statement, id=scrape_id, after=after, limit=limit, outcome=outcome)]

    def tell(self, result: ScrapedUrl) -> None:
        """Write down what came of one link."""
        self._run(
            "update scraped_urls set outcome = :outcome, category = :category, error = :error, platform = :platform, account_id = :account,"
            " video_ids = cast(:videos as uuid[]), new_videos = :new, finished_at = clock_timestamp()"
            " where tenant_id = :tenant and scrape_id = :id and line = :line",
            id=result.scrape_id, line=result.line, outcome=result.outcome, category=result.category, error=result.error,
            platform=result.platform, account=result.account_id, videos=list(result.video_ids), new=result.new_videos,
        )  # fmt: skip

    def hand_over(self, scrape_id: UUID, request_id: UUID) -> None:
        """A run does the rest."""
        self._run(
            "update scrapes set request_id = :request where tenant_id = :tenant and scrape_id = :id", id=scrape_id, request=request_id
        )

    def finish(self, scrape_id: UUID) -> None:
        self._run("update scrapes set finished_at = clock_timestamp() where tenant_id = :tenant and scrape_id = :id", id=scrape_id)

    def unfinished(self) -> list[UUID]:
        """Those that no run has brought to an end, oldest first."""
        rows = self._read(
            "select scrape_id from scrapes where tenant_id = %(tenant)s and finished_at is null"
            f" and (request_id is not null or started_at < clock_timestamp() - {ABANDONED}) order by created_at, scrape_id"
        )
        return [row.scrape_id for row in rows]

    def tally(self) -> dict[str, int]:
        """How many links there are by what came of them."""
        rows = self._read("select outcome, count(*) as urls from scraped_urls where tenant_id = %(tenant)s group by outcome")
        return {row.outcome: row.urls for row in rows}

    def without_reason(self) -> int:
        """Links that failed and do not say why, and links of a scrape that is over and that nothing came of."""
        return int(
            self._run(
                "select count(*) from scraped_urls u join scrapes s on s.tenant_id = u.tenant_id and s.scrape_id = u.scrape_id where u.tenant_id = :tenant"
                " and ((u.outcome = 'failed' and (u.category is null or u.error is null)) or (u.outcome = 'waiting' and s.finished_at is not null))"
            ).scalar_one()
        )
