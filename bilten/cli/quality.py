"""``bilten quality``: evaluate the contracts' rules, compare with the source, show the verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bilten.contracts import load_contracts
from bilten.errors import BuildNotFound, QualityError
from bilten.settings import load_settings
from orchestration.reconciling import archive_verdicts, source_verdicts
from quality.gate import audit, summary
from quality.run import Target
from warehouse.builds import find_build, record_verdicts, verdicts_of
from warehouse.client import Warehouse
from warehouse.publish import current_publication

if TYPE_CHECKING:
    from bilten.results import Verdict

app = typer.Typer(
    name="quality", help="Rules of the contracts, and what they say of a build.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Build = Annotated[str | None, typer.Option("--build", help="A build; by default the one that readers see.")]
Dataset = Annotated[list[str] | None, typer.Option("--dataset", help="Only this one; repeat for more.")]


@app.command()
def run(build: Build = None, dataset: Dataset = None, as_json: Json = False) -> None:
    """Evaluate every rule on a build of the marts and on the current rows of the sources."""
    settings = load_settings()
    contracts = load_contracts()
    chosen = [contracts[name].name for name in dataset] if dataset else list(contracts)
    console = Console(stderr=True)
    with Warehouse(settings) as warehouse, _progress(console, as_json) as progress:
        found = find_build(warehouse, _build(warehouse, build))
        bar = progress.add_task("checking", total=len(chosen))

        def advance(name: str, _: Sequence[Verdict]) -> None:
            progress.update(bar, advance=1, description=name)

        target = Target(found.build_id, found.database)
        verdicts = audit(settings, warehouse, contracts, target, datasets=chosen, progress=advance)
        progress.update(bar, completed=len(chosen), description="checked")
    _print(verdicts, as_json)
    if not as_json:
        console.print(summary(verdicts))
    _refuse_failures(verdicts)


@app.command()
def reconcile(build: Build = None, dataset: Dataset = None, as_json: Json = False) -> None:
    """Compare source, current rows and archive, row by row, while everything runs on."""
    settings = load_settings()
    contracts = load_contracts()
    chosen = tuple(contracts[name] for name in dataset) if dataset else contracts.sources()
    with Warehouse(settings) as warehouse:
        bears = _build(warehouse, build)
        console = Console(stderr=True)
        with nullcontext() if as_json else console.status("comparing source, ods and bronze"):
            verdicts = [
                *source_verdicts(settings, warehouse, contracts, chosen, bears),
                *archive_verdicts(settings, warehouse, chosen, bears),
            ]
        record_verdicts(warehouse, verdicts)
    _print(verdicts, as_json)
    _refuse_failures(verdicts)


@app.command()
def show(
    build: Build = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the checks that passed.")] = False,
    as_json: Json = False,
) -> None:
    """The latest verdict of every check on a build."""
    with Warehouse(load_settings()) as warehouse:
        recorded = verdicts_of(warehouse, _build(warehouse, build))
    latest = {verdict.check_id: verdict for verdict in recorded}
    chosen = [verdict for verdict in latest.values() if everything or as_json or verdict.outcome != "passed"]
    _print(chosen, as_json)
    if not as_json:
        console = Console(stderr=True)
        console.print(f"{len(latest)} checks have a verdict; {len(latest) - len(chosen)} more passed.")


def _build(warehouse: Warehouse, asked: str | None) -> str:
    if asked:
        return asked
    published = current_publication(warehouse)
    if published is None:
        raise BuildNotFound(
            "Nothing is published yet.", remedy="Name a build with --build; `bilten marts builds` lists them."
        )
    return published.build_id


def _progress(console: Console, quiet: bool) -> Progress:
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, disable=quiet)


def _print(verdicts: Sequence[Verdict], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(verdict) for verdict in verdicts], default=str))
        return
    shown = Table("check", "outcome", "failing rows", "of", "message", "samples")
    styles = {"passed": "green", "warned": "yellow", "failed": "bold red", "error": "bold red"}
    for verdict in sorted(verdicts, key=lambda verdict: (verdict.outcome == "passed", verdict.check_id)):
        samples = "\n".join(
            ", ".join(f"{name}={value}" for name, value in sample.items()) for sample in verdict.samples
        )
        shown.add_row(
            verdict.check_id,
            verdict.outcome,
            f"{verdict.failing_rows:,}",
            "" if verdict.total_rows is None else f"{verdict.total_rows:,}",
            verdict.message,
            samples,
            style=styles.get(verdict.outcome, ""),
        )
    Console().print(shown)


def _refuse_failures(verdicts: Iterable[Verdict]) -> None:
    blocking = sorted(verdict.check_id for verdict in verdicts if not verdict.passes)
    if blocking:
        more = f" and {len(blocking) - 5} more" if len(blocking) > 5 else ""
        raise QualityError(
            f"{len(blocking)} checks did not pass: {', '.join(blocking[:5])}{more}.",
            why="The data break these rules, or nothing could be said of them.",
            remedy="`bilten quality show` lists failing rows; a build with these verdicts is not published.",
        )
