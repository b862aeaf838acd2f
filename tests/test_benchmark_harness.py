from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.harness import Measure, benchmarks, interleaved, percentile, ratio, table, write


def test_sides_take_turns_and_neither_always_goes_first() -> None:
    order: list[str] = []

    def side(name: str, figure: float) -> float:
        order.append(name)
        return figure

    figures = interleaved(
        {"bare": lambda: side("bare", 10.0), "loader": lambda: side("loader", 8.0)}, 3, lambda _: None
    )
    assert order == ["bare", "loader", "loader", "bare", "bare", "loader"]
    assert figures == {"bare": (10.0, 10.0, 10.0), "loader": (8.0, 8.0, 8.0)}


def test_a_ratio_compares_medians_and_tells_each_round() -> None:
    measure = ratio("loader.ratio", {"a": (8.0, 9.0, 1.0), "b": (10.0, 10.0, 10.0)}, "a", "b", 0.8)
    assert measure.value == pytest.approx(0.8)
    assert measure.rounds == pytest.approx((0.8, 0.9, 0.1))
    assert measure.met


def test_a_bar_is_a_least_or_a_most() -> None:
    assert Measure("x.a", 0.79, "ratio", 0.8).met is False
    assert Measure("x.b", 0.5, "s", 0.5, at_least=False).met is True
    assert Measure("x.c", 0.51, "s", 0.5, at_least=False).met is False
    assert Measure("x.d", 1.0, "s").met is None


def test_the_file_keeps_what_was_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "data" / "bench.json"
    write(path, [Measure("b.one", 1.0, "s", 2.0, at_least=False, rounds=(1.0,)), Measure("a.two", 2.0, "s")])
    write(path, [Measure("b.one", 3.0, "s", 2.0, at_least=False)])
    entries = json.loads(path.read_text())
    assert [entry["name"] for entry in entries] == ["a.two", "b.one"]
    assert entries[1] == {"name": "b.one", "value": 3.0, "unit": "s", "bar": 2.0, "rounds": [], "met": False}


def test_percentiles_are_inclusive() -> None:
    assert percentile(range(1, 102), 95) == pytest.approx(96)


def test_the_table_says_what_missed() -> None:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(table([Measure("loader.ratio", 0.5, "ratio", 0.8)], "a machine"))
    assert "missed" in capture.get()


def test_every_benchmark_is_found_by_its_name() -> None:
    assert {"loader", "freshness"} <= benchmarks().keys()
    assert "harness" not in benchmarks()
