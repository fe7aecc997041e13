"""Every chart draws its rows, says its units and n, fits 640 pixels, and says so where there is nothing; colours differ for all eyes."""

import json
import re
import struct
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from domain.charts import CHARTS, band_rows, effects_chart, leading
from domain.charts.events import PHASES
from domain.charts.look import BLUE, GREY, VERDICTS, VERMILION
from domain.charts.posting import LADDER
from gateways.charts import SCALE, VlConvert

EFFECT = {
    "feature": "has_number", "outcome": "reach", "contrast": "A digit in the title, compared with none",
    "multiple": 1.3, "multiple_low": 1.1, "multiple_high": 1.5, "verdict": "causal-supported",
    "n": 1234, "accounts": 40,
}  # fmt: skip
CANNOT = {
    "feature": "an emoji",
    "outcome": "reach",
    "multiple": None,
    "multiple_low": None,
    "multiple_high": None,
    "verdict": "inconclusive",
    "n": 12,
    "accounts": 1,
}
OUTLIER = {
    "age_days": 3.0,
    "multiple": 5.0,
    "low": 3.0,
    "high": 8.0,
    "is_outlier": True,
    "title": "مرحبا 🎉 a very long title that goes on",
}
UNSCORED = dict.fromkeys(OUTLIER)
SEEN = {"age_days": 2.0, "views": 1200.0, "predicted": None, "low": None, "high": None}
AHEAD = {"age_days": 7.0, "views": None, "predicted": 2e6, "low": 1e6, "high": 4e6}
SLOT = {"weekday": 1, "hour": 18, "n": 23, "multiple": 1.9, "stands_out": True}
EMPTY_SLOT = {"weekday": 6, "hour": 3, "n": 2, "multiple": None, "stands_out": False}
PERIOD = {"period": 0, "estimate": 0.2, "low": 0.1, "high": 0.3, "n": 14}
REFERENCE = {"period": -1, "estimate": 0.0, "low": None, "high": None, "n": None}
BIN = {"foretold": 0.5, "came_true": 0.45, "low": 0.3, "high": 0.6, "n": 40}
POST = {"posted_at": "2026-05-01T10:00:00+00:00", "reach": 12_000.0, "is_change": False}
CHANGE = {"posted_at": "2026-06-01T10:00:00+00:00", "reach": None, "is_change": True}
# Rows, and words that the picture must hold besides its title: its n and its units.
ROWS: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {
    "effects": ([EFFECT, CANNOT], ("1,234 / 40", "cannot say yet", "log scale")),
    "outliers": ([OUTLIER, UNSCORED], ("1 video;", "95 % interval", "age in days", "1 without a score")),
    "growth-fan": ([SEEN, AHEAD], ("1 count of this video", "2M (1M-4M)", "days since it was posted", "views")),
    "posting-time": ([SLOT, EMPTY_SLOT], ("25 posts", ">23<", "time zone", "1 slot)")),
    "event-study": ([PERIOD, REFERENCE], ("2 periods", "n 14", "log points")),
    "calibration": ([BIN], ("40 forecasts", "n 40", "foretold chance")),
    "growth": ([POST, CHANGE], ("1 post;", "1 change of level", "log scale")),
    "bands": (band_rows([("<1", 10, 7), ("[5,10)", 2, 1)]), ("12 videos with a fair multiple, 8 with a naive one",)),
}


@pytest.fixture(scope="module")
def painter() -> VlConvert:
    return VlConvert()


def test_every_chart_is_tried_here() -> None:
    assert set(ROWS) == set(CHARTS)
    assert all(set(CHARTS[name].columns) <= set(rows[0]) for name, (rows, _) in ROWS.items())


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_chart_shows_its_rows_with_title_units_and_n(name: str, painter: VlConvert) -> None:
    rows, told = ROWS[name]
    spec = CHARTS[name].draw(rows)
    picture = words(painter.svg(spec))

    json.dumps(spec, allow_nan=False)
    assert CHARTS[name].title.replace("'", "&apos;") in picture.replace("'", "&apos;")
    assert [each for each in told if each not in picture] == []


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_chart_fits_640_pixels(name: str, painter: VlConvert) -> None:
    drawn = painter.png(CHARTS[name].draw(ROWS[name][0]))

    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">II", drawn[16:24])[0] / SCALE <= 640


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_chart_without_rows_says_that_there_is_nothing_and_why(name: str, painter: VlConvert) -> None:
    assert re.search(r"nothing to show yet: \w+", words(painter.svg(CHARTS[name].draw([]))))


def test_an_interval_without_a_bound_ends_in_an_arrow_and_its_point_stays() -> None:
    open_above = EFFECT | {"multiple_high": None}
    endless = EFFECT | {"feature": "b", "multiple": 2.0, "multiple_low": 1e-20, "multiple_high": 1e20}

    closed, drawn = (data(effects_chart(rows)) for rows in ([EFFECT], [open_above, endless]))

    assert [(row["open_low"], row["open_high"]) for row in (*closed, *drawn)] == [(False, False), (False, True), (True, True)]
    assert all(0.02 / 1.7 <= row["from"] <= row["multiple"] <= row["to"] <= 50 * 1.7 for row in drawn)


def test_a_question_is_named_in_words_and_two_of_one_name_stay_apart() -> None:
    clips = [EFFECT | {"feature": name, "contrast": f"Posted {name}, compared with noon"} for name in ("early", "late")]
    twins = [EFFECT | {"feature": name, "contrast": f"A clip, compared with {name}"} for name in ("a", "b")]

    assert [row["label"] for row in data(effects_chart([EFFECT, *clips, *twins]))] == [
        "A digit in the title", "Posted early", "Posted late", "a", "b",
    ]  # fmt: skip


def test_a_picture_of_effects_is_about_one_outcome_of_all_accounts_or_one() -> None:
    reach, told = EFFECT | {"scope": None, "outcome": "reach", "kind": "feature"}, EFFECT | {"kind": "experiment", "outcome": "clicks"}
    figures = [reach, reach | {"outcome": "engagement"}, reach | {"scope": "ana"}, reach | {"kind": "combination"}, told]

    assert leading(figures) == [reach]
    assert leading(figures, outcome="engagement") == [reach | {"outcome": "engagement"}]
    assert leading(figures, scope="ana") == [reach | {"scope": "ana"}]
    assert leading(figures, outcome="clicks") == [told]


def test_labels_of_a_fan_are_never_written_over_each_other(painter: VlConvert) -> None:
    near, far = ([AHEAD | {"age_days": age} for age in ages] for ages in ((51.0, 53.0), (3.0, 30.0)))

    drawn = [painter.svg(CHARTS["growth-fan"].draw([SEEN, *rows])) for rows in (near, far)]
    assert [words(each).count(">2M (1M-4M)<") for each in drawn] == [1, 2]


def test_every_verdict_has_a_colour_and_a_shape_of_its_own_or_a_colour_that_differs() -> None:
    assert len({colour for colour, _ in VERDICTS.values()}) == len(VERDICTS)
    assert len(set(VERDICTS.values())) == len(VERDICTS)
    assert {shape for name, (_, shape) in VERDICTS.items() if "experimental" in name}.isdisjoint(
        {shape for name, (_, shape) in VERDICTS.items() if "experimental" not in name}
    )


# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
}
# CIELAB units (1976); about 2 is just seen side by side.
LEAST_DISTANCE = 15.0


@pytest.mark.parametrize("eyes", list(EYES))
@pytest.mark.parametrize(
    "colours",
    [[colour for colour, _ in VERDICTS.values()], list(PHASES.values()), [BLUE, GREY, VERMILION], [LADDER[0], LADDER[2], LADDER[4]]],
    ids=["verdicts", "phases", "marks", "ladder"],
)
def test_colours_differ_for_every_eye(eyes: str, colours: list[str]) -> None:
    assert min(distance(a, b, EYES[eyes]) for a, b in combinations(colours, 2)) >= LEAST_DISTANCE


def test_the_check_of_colours_would_see_a_red_and_green_that_are_one_to_some() -> None:
    red, green = "#D73027", "#6A8A00"

    assert distance(red, green, EYES["all cones"]) > 3 * LEAST_DISTANCE
    assert min(distance(red, green, eyes) for eyes in EYES.values()) < LEAST_DISTANCE


def distance(first: str, second: str, eyes: np.ndarray) -> float:
    return float(np.linalg.norm(lab(first, eyes) - lab(second, eyes)))


def lab(colour: str, eyes: np.ndarray) -> np.ndarray:
    part = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    seen = np.clip(eyes @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def words(svg: str) -> str:
    return svg.replace("\u00a0", " ").replace("&#39;", "'").replace("&amp;", "&")


def data(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that a specification carries, those of effects."""
    found = [*spec.get("datasets", {}).values(), spec.get("data", {}).get("values", [])]
    found += [layer.get("data", {}).get("values", []) for layer in spec.get("layer", [])]
    return next(rows for rows in found if rows and "open_low" in rows[0])
