"""TikTok's own chart of sounds by country: the Creative Center's popular list, by plain HTTP.

TikTok shows it to its own page; others may be refused, and the chart may be taken down. Both are told under their names: the next reader
(`gateways.tiktok.web`) counts a chart of our own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import SourceFailed, SourceRefused
from domain.imports.values import Unreadable, mapping
from domain.observations import Platform
from domain.platforms import tiktok
from domain.ports.platforms import Errand
from domain.sources import Answer, Ask, ChartedSound, ChartRead, SourceName
from gateways.bounded_http import BoundedHttp
from gateways.tiktok import failures
from gateways.tiktok.failures import readable
from gateways.tiktok.web import utc_now

URL = "https://ads.tiktok.com"
PATH = "/creative_radar_api/v1/popular_trend/sound/rank_list"
PAGE = 20
DAYS = 7
_DENIED, _NO_COUNTRY = 40101, 40002


@dataclass(frozen=True, slots=True)
class TikTokCharts:
    """The reader. It reads charts only."""

    http: BoundedHttp
    now: Callable[[], datetime] = utc_now

    def close(self) -> None:
        self.http.close()

    @property
    def name(self) -> SourceName:
        return SourceName.TIKTOK_CHARTS

    @property
    def platform(self) -> Platform:
        return Platform.TIKTOK

    def chart(self, country: str, errand: Errand, *, limit: int) -> ChartRead:
        found: dict[int, ChartedSound] = {}
        at = self.now()
        for number in range(1, -(-limit // PAGE) + 1):
            (places, has_more), read_at = self._page(country.upper(), number, errand)
            at = min(at, read_at)
            found |= {place.rank: place for place in places}
            if not has_more:
                break
        return ChartRead(self.name, at, country.upper(), tuple(found[rank] for rank in sorted(found) if rank <= limit))

    def _page(self, country: str, number: int, errand: Errand) -> tuple[tuple[list[ChartedSound], bool], datetime]:
        words = {
            "period": str(DAYS), "page": str(number), "limit": str(PAGE), "rank_type": "popular", "new_on_board": "false",
            "commercial_music": "false", "country_code": country,
        }  # fmt: skip

        def call() -> Answer:
            answer = self.http.get(PATH, words)
            _read(answer.payload, country)
            return answer

        found = errand.fetch(Ask(self.name, "chart", f"{country}:{number}"), call)
        return _read(found.payload, country), found.fetched_at or self.now()


def _read(payload: Any, country: str) -> tuple[list[ChartedSound], bool]:
    with readable():
        answer = mapping(payload, "answer")
        if answer.get("code") != 0:
            raise _refusal(answer.get("code"), country)
        data = mapping(answer.get("data"), "data")
        rows = tiktok.rows(data, "sound_list")
        if not rows:
            # TikTok answers so where it has taken a chart down, with the word "deprecated" in `msg`.
            raise SourceRefused(failures.SOURCE, f"its chart of sounds is empty ({str(answer.get('msg'))[:60]})", category="api_error")
        return [tiktok.charted(row) for row in rows], mapping(data.get("pagination"), "pagination").get("has_more") is True


def _refusal(code: object, country: str) -> SourceFailed:
    if code == _DENIED:
        return failures.unavailable("blocked", f"it shows its chart of sounds to its own page only ({code})")
    if code == _NO_COUNTRY:
        return SourceRefused(failures.SOURCE, f"it has no chart of sounds for {country[:10]}", category="not_found")
    raise Unreadable(f"code is {str(code)[:20]}, which nobody explained", "code")
