"""What every benchmark shares: rounds, measures with their bars, the machine, the table and the file.

A benchmark is a module of this package with a function ``run(report) -> list[Measure]``. Sides that are
compared take turns within a round, so that a slow minute of the machine hits all of them.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from statistics import median, quantiles
from types import ModuleType

import psutil
from rich.console import Console
from rich.table import Table

Report = Callable[[str], None]
"""Told what is going on, one short sentence at a time."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes:
        name: ``benchmark.measure``.
        value: the figure: the median of the rounds, unless the benchmark says otherwise.
        unit: what it counts.
        bar: what it must reach; None for a figure that is only told.
        at_least: whether the bar is a least value or a most one.
        rounds: the figure of each round.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = True
    rounds: tuple[float, ...] = ()

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None without one."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def as_dict(self) -> dict[str, object]:
        """The measure for ``bench.json``."""
        facts = asdict(self)
        del facts["at_least"]
        return {**facts, "met": self.met, "rounds": list(self.rounds)}


def interleaved(
    sides: Mapping[str, Callable[[], float]], rounds: int, report: Report
) -> dict[str, tuple[float, ...]]:
    """Run every side once per round, in turn.

    Args:
        sides: what to run; each returns its figure.
        rounds: how often.
        report: told of each figure.

    Returns:
        The figures of each side, round by round.
    """
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        order = list(sides)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            figure = sides[name]()
            figures[name].append(figure)
            report(f"round {number + 1} of {rounds}: {name} {figure:,.1f}")
    return {name: tuple(values) for name, values in figures.items()}


def ratio(name: str, figures: Mapping[str, tuple[float, ...]], of: str, to: str, bar: float) -> Measure:
    """How one side compares with another: median to median, and each round by itself."""
    per_round = tuple(one / other for one, other in zip(figures[of], figures[to], strict=True))
    return Measure(name, median(figures[of]) / median(figures[to]), "ratio", bar, rounds=per_round)


def percentile(values: Iterable[float], percent: int) -> float:
    """A percentile of at least two values."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> str:
    """The machine in one line: figures mean nothing without it."""
    memory = psutil.virtual_memory().total / 2**30
    return ", ".join(
        (
            _processor(),
            f"{os.cpu_count()} cores",
            f"{memory:.0f} GiB",
            f"{platform.system()} {platform.release()}",
            f"Python {platform.python_version()}",
            f"load {os.getloadavg()[0]:.1f} before the start",
        )
    )


def benchmarks() -> dict[str, ModuleType]:
    """The benchmarks by name."""
    package = import_module("benchmarks")
    names = [found.name for found in iter_modules(package.__path__) if not found.name.startswith("__")]
    modules = {name: import_module(f"benchmarks.{name}") for name in sorted(names)}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def table(measures: Iterable[Measure], title: str) -> Table:
    """The measures for people."""
    shown = Table("measure", "value", "unit", "bar", "", "rounds", title=title, title_justify="left")
    for measure in measures:
        sign = "≥" if measure.at_least else "≤"
        verdict = {None: "", True: "[green]met", False: "[red]missed"}[measure.met]
        bar = "" if measure.bar is None else f"{sign} {measure.bar:,.4g}"
        rounds = " ".join(f"{figure:,.4g}" for figure in measure.rounds)
        shown.add_row(measure.name, f"{measure.value:,.4g}", measure.unit, bar, verdict, rounds)
    return shown


def write(path: Path, measures: Iterable[Measure]) -> None:
    """Write ``bench.json``; figures of benchmarks that were not run this time stay in it."""
    kept: dict[str, object] = {}
    if path.exists():
        kept = {entry["name"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}
    kept.update({measure.name: measure.as_dict() for measure in measures})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([kept[name] for name in sorted(kept)], indent=2) + "\n", encoding="utf-8")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def measure_all(only: str, path: Path, console: Console) -> bool:
    """Run benchmarks, print one table, write the file.

    Args:
        only: name of the only benchmark to run; empty for all.
        path: where ``bench.json`` goes.
        console: where to print.

    Returns:
        Whether every bar was met.
    """
    known = benchmarks()
    if only and only not in known:
        console.print(f"There is no benchmark {only}; there are {', '.join(known)}.", style="red")
        return False
    description = machine()
    measures: list[Measure] = []
    for name, module in known.items():
        if only in {"", name}:
            console.print(f"{name}: {(module.__doc__ or '').splitlines()[0]}", style="bold")
            measures += module.run(lambda sentence: console.print(f"  {sentence}", style="dim", markup=False))
            # After each, so that a long run that is cut off leaves what it has.
            write(path, measures)
    console.print(table(measures, description))
    console.print(f"Written to {path}", markup=False)
    return all(measure.met is not False for measure in measures)
