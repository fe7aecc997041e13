"""What a view meant at which moment."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.scores.regimes import ORIGINAL, regime_of

SHORTS = datetime(2025, 3, 31, tzinfo=UTC)
ALL_FORMATS = datetime(2026, 8, 24, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(("video_format", "regimes"), [("short", 3), ("long", 2), ("live", 2), (None, 3)])
def test_youtube_formats_live_through_their_own_breaks(video_format, regimes):
    moments = (SHORTS - MOMENT, SHORTS, ALL_FORMATS - MOMENT, ALL_FORMATS)

    assert len({regime_of("youtube", video_format, at) for at in moments}) == regimes


def test_the_new_regime_begins_at_the_break_itself():
    assert regime_of("youtube", "short", SHORTS - MOMENT) == ORIGINAL
    assert regime_of("youtube", "short", SHORTS) == "starts-2025-03-31"
    assert regime_of("youtube", "long", ALL_FORMATS - MOMENT) == ORIGINAL
    assert regime_of("youtube", "long", ALL_FORMATS) == "starts-2026-08-24"


@pytest.mark.parametrize("platform", ["tiktok", "instagram", "x"])
def test_other_platforms_have_no_known_break(platform):
    assert {regime_of(platform, "short", at) for at in (SHORTS - MOMENT, ALL_FORMATS)} == {ORIGINAL}
