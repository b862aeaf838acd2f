"""``bilten simulate``: live traffic on the operational database."""

from __future__ import annotations

import signal
import threading
import time
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bilten.settings import Settings, load_settings
from operational import simulate

app = typer.Typer()
console = Console(highlight=False)

REPORT_SECONDS = 60
"""How often a run without a terminal, such as the supervised one, says how it goes."""


@app.command("simulate")
def simulate_command(
    rate: Annotated[
        float | None, typer.Option(min=0, help="Transactions per second; the setting's rate by default.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="How long; without end by default.")] = None,
    seed: Annotated[int, typer.Option(help="Decides everything that happens.")] = 1,
    stop: Annotated[
        bool, typer.Option("--stop", help="End the background traffic and wait for the warehouse instead.")
    ] = False,
    break_: Annotated[
        str | None,
        typer.Option(
            "--break",
            metavar="RULE",
            help="Write orders that break a contract's rule instead: " + ", ".join(simulate.RULES) + ".",
        ),
    ] = None,
    mend: Annotated[
        str | None,
        typer.Option(
            "--mend", metavar="RULE", help="Make the rows that break a contract's rule sound again."
        ),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="With --break: how many orders.")] = 3,
    settlements: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DAY",
            help="Write the payment provider's file of a day where files arrive instead.",
        ),
    ] = None,
    version: Annotated[int, typer.Option(min=0, help="With --settlements: of a corrected file, from 2.")] = 0,
) -> None:
    """Buy, browse, refund, pass on, admit, publish: what a ticketing site does, until SIGTERM or Ctrl-C."""
    settings = load_settings()
    if stop:
        _stop(settings)
    elif settlements is not None:
        # Only here and in its thread: pyarrow.
        from operational.settlements import write_settlements  # noqa: PLC0415

        console.print(write_settlements(settings, settlements.date(), version), markup=False)
    elif break_ is not None:
        broken = simulate.break_rule(settings, break_, rows, seed)
        console.print(
            f"{len(broken.keys)} rows now break {broken.rule.name} of {broken.rule.dataset}; "
            "the next build of the marts will not be published. "
            f"`bilten simulate --mend {broken.rule.name}` makes them sound again."
        )
        for key in broken.keys:
            console.print(f"  {key}")
    elif mend is not None:
        console.print(f"{simulate.mend_rule(settings, mend)} rows written; nothing breaks {mend} now.")
    else:
        summary = _run(settings, settings.simulate_rate if rate is None else rate, seconds, seed)
        console.print(table(summary))


def table(summary: simulate.Summary) -> Table:
    """A summary for people: how many transactions of each kind, and how fast.

    Args:
        summary: what was done.
    """
    result = Table("Transaction", "Number", title="What the traffic did", title_justify="left")
    result.columns[1].justify = "right"
    for kind, number in summary.committed.most_common():
        result.add_row(kind, f"{number:,}")
    for code, number in summary.refused.most_common():
        result.add_row(f"refused: {code}", f"{number:,}", style="yellow")
    result.add_section()
    result.add_row("all committed", f"{summary.transactions:,}")
    result.add_row("statements", f"{summary.statements:,}")
    result.add_row("per second", f"{summary.rate:,.1f}")
    result.add_row("commit p50, p95 (ms)", f"{summary.latency(50):.1f}, {summary.latency(95):.1f}")
    if summary.behind:
        result.add_row("seconds behind the rate", f"{summary.behind:.1f}", style="yellow")
    if summary.reconnections:
        result.add_row("reconnections", str(summary.reconnections), style="yellow")
    return result


def _run(settings: Settings, rate: float, seconds: float | None, seed: int) -> simulate.Summary:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("Traffic", total=None)
        said = time.monotonic()

        def progress(summary: simulate.Summary) -> None:
            nonlocal said
            text = f"{summary.transactions:,} transactions, {summary.rate:,.0f}/s"
            bar.update(task, description=text)
            if not console.is_terminal and time.monotonic() - said >= REPORT_SECONDS:
                said = time.monotonic()
                console.print(text)

        if seconds is None and rate > 0:
            threading.Thread(target=_settle, args=(settings, ended), name="settlements", daemon=True).start()
        return simulate.run(settings, rate=rate, seconds=seconds, seed=seed, stop=ended, progress=progress)


def _settle(settings: Settings, ended: threading.Event) -> None:
    from operational.settlements import keep_settling  # noqa: PLC0415

    keep_settling(settings, ended)


def _stop(settings: Settings) -> None:
    # Only here: what this needs would double the memory of the supervised process that never does it.
    from bilten.cli import traffic_end  # noqa: PLC0415

    with console.status("Stopping the background traffic") as line:
        traffic_end.stop(settings)
        traffic_end.wait_until_caught_up(
            settings, lambda text: line.update(f"Waiting for the warehouse: {text}")
        )
    console.print("The background traffic is stopped, and the warehouse has caught up.")
