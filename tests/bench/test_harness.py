"""What a benchmark found is kept whole, and its page hides no missed bar."""

from dataclasses import replace
from pathlib import Path

from bench.__main__ import GROUPS, chosen, names
from bench.harness import page, results
from bench.harness.rows import Row, Scale

ROW = Row(name="list", ours=3000.0, baseline=1000.0, unit="requests/s", ratio=3.0, bar=">= 3", passed=True, note="of 32 connections")


def result(*rows: Row, bench: str = "reads", kernel: str = "one") -> results.Result:
    return results.Result(
        bench=bench, title=f"About {bench}", how="As users do.", date="2026-11-25T10:00:00+00:00", seconds=60.0,
        machine={"kernel": kernel}, versions={"python": "3.13"}, rows=list(rows),
    )  # fmt: skip


def test_what_is_kept_comes_back_whole(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    found = result(ROW, replace(ROW, passed=None, baseline=None))

    results.keep(result(bench="reads"), folder)
    results.keep(found, folder)
    results.keep(result(ROW, bench="ingest"), folder)

    assert results.kept(folder) == [result(ROW, bench="ingest"), found]


def test_the_page_shows_every_row_with_its_bar() -> None:
    words = page.written([result(ROW, replace(ROW, name="search", passed=False, unit="ms", ours=71.25))])

    assert "| list | 3,000 requests/s | 1,000 requests/s | 3.00 | >= 3 | yes | of 32 connections |" in words
    assert "| search | 71.2 ms | 1,000 ms | 3.00 | >= 3 | **no** | of 32 connections |" in words
    assert "As users do." in words
    assert "| python | 3.13 |" in words


def test_a_benchmark_of_another_machine_says_so() -> None:
    words = page.written([result(ROW), result(ROW, bench="ingest", kernel="two")])

    assert words.count("Elsewhere: ") == 1


def test_only_the_full_scale_is_full() -> None:
    assert Scale().is_full
    assert not Scale(seconds=1).is_full
    assert Scale(share=0.001).rows(1_000_000) == 1000


def test_every_benchmark_is_in_one_group_or_in_none() -> None:
    assert sorted(name for group in (None, *GROUPS) for name in chosen(group)) == sorted(names())
    assert {"clips", "clips_checks"} <= set(chosen("clips"))
    assert {"reads", "start"} <= set(chosen(None))


def test_the_harness_is_no_benchmark() -> None:
    assert {"harness", "baselines", "__main__"} & set(names()) == set()
