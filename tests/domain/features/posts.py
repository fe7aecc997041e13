"""Posts for these tests: one account, a day apart, unless said otherwise."""

from typing import Any

import pandas as pd

from domain.posts import posts_frame

START = pd.Timestamp("2026-03-02 12:00", tz="UTC")


def post(number: int, **said: Any) -> dict[str, Any]:
    return {"video_id": f"v{number:04d}", "account_id": "a", "platform": "youtube", "posted_at": START + pd.Timedelta(days=number)} | said


def posts(*rows: dict[str, Any]) -> pd.DataFrame:
    return posts_frame([post(number, **row) for number, row in enumerate(rows)])
