"""How the stack's commands show steps, tables and findings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.table import Column, Table

from bilten.settings import Settings
from stack.doctor import Finding
from stack.preflight import MEBIBYTE
from stack.status import ProcessStatus, SourceLog, Status
from stack.steps import Step
from warehouse.standing import Freshness

COLOURS = {"well": "green", "warning": "yellow", "problem": "red", "unknown": "magenta"}


def run_steps(console: Console, steps: Sequence[Step]) -> None:
    """Run steps one after the other, each with its progress, its outcome and its seconds.

    Raises:
        BiltenError: a step failed; those after it were not begun.
    """
    width = max(len(step.title) for step in steps)
    for step in steps:
        began = time.monotonic()
        with console.status(step.title) as line:

            def tell(text: str, title: str = step.title) -> None:
                line.update(f"{title}: {text}")

            outcome = step.run(tell)
        console.print(
            f"[green]✓[/] {step.title:<{width}}  {time.monotonic() - began:6.1f} s  [dim]{outcome}[/]"
        )


def print_welcome(console: Console, settings: Settings, status: Status) -> None:
    """Where each page is, how many rows stand at each stage, and how fresh they are."""
    pages = Table(title="Pages", title_justify="left", box=None, show_header=False)
    pages.add_row("Dagster", settings.dagster_http_url)
    pages.add_row("Lineage", settings.lineage_http_url)
    pages.add_row("Warehouse", "http://{}:{}".format(*settings.warehouse_host_port))
    pages.add_row("Kafka Connect", settings.connect_http_url)
    pages.add_row("Loader's metrics", f"http://{settings.host}:{settings.loader_metrics_port}/metrics")
    pages.add_row("Clients", 'eval "$(bilten env)"')
    console.print()
    console.print(pages)
    console.print()
    console.print(_stages(status))
    console.print(_freshness(status.freshness))


def print_status(console: Console, status: Status) -> None:
    """Everything that `bilten status` knows."""
    processes = Table("process", "state", "answers", "pid", "up, s", "MiB", "", box=None)
    for process in status.processes:
        processes.add_row(*_process(process), style="" if process.is_well else "red")
    console.print(processes)
    used = sum(process.megabytes or 0 for process in status.processes)
    console.print(f"{used} MiB in all, data below {status.home}")
    console.print()
    tables = Table(
        "table", *(_right(name) for name in ("source", "topic end", "raw", "ods", "bronze", "lag")), box=None
    )
    for table in status.tables:
        figures = (table.source, table.topic, table.raw, table.ods, table.bronze, table.lag)
        tables.add_row(table.dataset, *(_number(figure) for figure in figures))
    console.print(tables)
    console.print()
    marts = Table("mart", _right("rows"), box=None)
    for name, rows in sorted(status.marts.items()):
        marts.add_row(name, _number(rows))
    if status.marts:
        console.print(marts)
    console.print(f"Published: {status.published_build or 'nothing yet'}")
    if status.refused:
        console.print(f"Build {status.refused.build} was refused:", style="red")
        for reason in status.refused.reasons:
            console.print(f"  {reason}", style="red", markup=False, soft_wrap=True)
    console.print(_freshness(status.freshness))
    for cut in status.cuts.values():
        console.print(str(cut))
        for reservation in cut.reservations(cut.left_out):
            console.print(f"  {reservation}", style="yellow")
    if status.log is not None:
        console.print(_log(status.log), style="" if status.log.seconds_left is None else "red")
    for dataset, letters in status.dead_letters.items():
        console.print(f"{letters} open dead letters of {dataset}", style="red")
    for name, reason in status.unanswered.items():
        console.print(f"{name}: {reason}", style="red", markup=False)


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """What the doctor found, the good as well."""
    for finding in findings:
        console.print(f"[{COLOURS[finding.outcome]}]{finding.outcome:>8}[/]  {finding.check}: ", end="")
        console.print(finding.what, markup=False)
        if finding.remedy:
            console.print(f"          Next: {finding.remedy}", markup=False, style="dim")


def _stages(status: Status) -> Table:
    stages = Table("stage", _right("rows"), title="Rows", title_justify="left", box=None)
    for stage in ("source", "raw", "ods", "bronze"):
        stages.add_row(stage, _number(sum(getattr(table, stage) or 0 for table in status.tables)))
    stages.add_row("marts", _number(sum(status.marts.values())))
    return stages


def _freshness(freshness: Freshness | None) -> str:
    if freshness is None or freshness.median is None or freshness.p95 is None:
        return "Freshness: no changes in the last minute"
    return (
        f"Freshness: p50 {freshness.median * 1000:.0f} ms, p95 {freshness.p95 * 1000:.0f} ms "
        f"over the {freshness.changes:,} changes of the last minute"
    )


def _log(log: SourceLog) -> str:
    text = f"Source's log kept for the connector: {log.behind_bytes / MEBIBYTE:,.1f} MiB"
    if log.safe_bytes is not None:
        text += f", {log.safe_bytes / MEBIBYTE:,.0f} MiB more may come before the slot is lost"
    if log.seconds_left is not None:
        text += f": in {timedelta(seconds=int(log.seconds_left))} if it grows on as it does now"
    return text if log.is_active else f"{text}. Nobody reads from it"


def _process(process: ProcessStatus) -> tuple[str, ...]:
    answers = {True: "yes", False: "no", None: ""}[process.answers]
    figures = (process.pid, process.seconds_up, process.megabytes)
    return (
        process.name,
        process.state.lower(),
        answers,
        *("" if figure is None else str(figure) for figure in figures),
        process.message,
    )


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _right(name: str) -> Column:
    return Column(name, justify="right")
