"""``bilten marts``: what readers see, the builds behind it, the verdicts on them; publish and roll back."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from bilten.contracts import load_contracts
from bilten.errors import BuildNotFound
from bilten.results import Verdict
from bilten.settings import load_settings
from warehouse import publish as publication
from warehouse.builds import list_builds, verdicts_of
from warehouse.client import Warehouse
from warehouse.freshness import comment_readers
from warehouse.publish import Publication
from warehouse.readers import READERS_DATABASE

app = typer.Typer(name="marts", help="The marts: builds, verdicts, publications.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the history.")]


@app.command("list")
def list_marts(as_json: Json = False) -> None:
    """The published marts: rows, owner, and which build readers see."""
    warehouse = Warehouse(load_settings())
    current = publication.current_publication(warehouse)
    marts = load_contracts().marts()
    present = {
        row[0]
        for row in warehouse.query(
            f"SELECT name FROM system.tables WHERE database = '{READERS_DATABASE}'"
        ).rows
    }
    rows = {
        contract.name: warehouse.scalar(f"SELECT count() FROM {READERS_DATABASE}.`{contract.name}`")
        for contract in marts
        if contract.name in present
    }
    if as_json:
        _print(
            {
                "publication": asdict(current) if current else None,
                "marts": [
                    {
                        "name": contract.name,
                        "grain": contract.grain,
                        "owner": contract.owner,
                        "rows": rows.get(contract.name),
                    }
                    for contract in marts
                ],
            }
        )
        return
    shown = Table("mart", "rows", "grain", "owner")
    for contract in marts:
        counted = rows.get(contract.name)
        shown.add_row(
            f"{READERS_DATABASE}.{contract.name}",
            "" if counted is None else f"{counted:,}",
            contract.grain,
            contract.owner,
        )
    console = Console()
    console.print(shown)
    console.print(_position(current))


@app.command()
def builds(as_json: Json = False) -> None:
    """Every build, newest first, and which of them readers see."""
    warehouse = Warehouse(load_settings())
    found = list_builds(warehouse)
    current = publication.current_publication(warehouse)
    if as_json:
        _print(
            [
                asdict(build) | {"published": current is not None and build.build_id == current.build_id}
                for build in found
            ]
        )
        return
    shown = Table(_build_column(), "status", "started at (UTC)", "seconds", "run", "readers")
    for build in found:
        shown.add_row(
            build.build_id,
            build.status,
            f"{build.started_at:%Y-%m-%d %H:%M:%S}",
            f"{(build.finished_at - build.started_at).total_seconds():.1f}" if build.finished_at else "",
            build.run_id[:8],
            "see this" if current and build.build_id == current.build_id else "",
        )
    Console().print(shown)


@app.command()
def history(as_json: Json = False) -> None:
    """Every publication, newest first."""
    past = publication.history(Warehouse(load_settings()))
    if as_json:
        _print([asdict(each) for each in past])
        return
    shown = Table("published at (UTC)", _build_column(), "reason", "run")
    for each in past:
        shown.add_row(f"{each.published_at:%Y-%m-%d %H:%M:%S}", each.build_id, each.reason, each.run_id[:8])
    Console().print(shown)


@app.command()
def verdicts(
    build: Annotated[str | None, typer.Argument(help="A build; the newest by default.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show what passed as well.")] = False,
    as_json: Json = False,
) -> None:
    """What the checks said about a build: the rules that broke, on how many rows, with samples."""
    warehouse = Warehouse(load_settings())
    chosen = build or _newest(warehouse)
    found = verdicts_of(warehouse, chosen)
    if as_json:
        _print([asdict(verdict) for verdict in found])
        return
    console = Console()
    counts = Counter(verdict.outcome for verdict in found)
    console.print(
        f"Build {chosen}: {', '.join(f'{number} {outcome}' for outcome, number in counts.most_common())}"
        if found
        else f"Nothing has judged build {chosen}."
    )
    listed = [verdict for verdict in found if everything or verdict.outcome != "passed"]
    if listed:
        console.print(_verdict_table(listed))


@app.command()
def publish(
    build: Annotated[str | None, typer.Argument(help="A build; the newest by default.")] = None,
    as_json: Json = False,
) -> None:
    """Let readers see a build, if every required check passed on this very build."""
    # Listing marts and rolling back should not wait for Dagster and Great Expectations.
    from orchestration.manifest import manifest_path  # noqa: PLC0415
    from orchestration.verdicts import required_of  # noqa: PLC0415

    settings = load_settings()
    warehouse = Warehouse(settings)
    contracts = load_contracts()
    manifest = json.loads(manifest_path(settings).read_text(encoding="utf-8"))
    moved = publication.publish(
        warehouse,
        build or _newest(warehouse),
        required_checks=required_of(contracts, manifest),
        marts=contracts.marts(),
    )
    publication.drop_old_builds(warehouse)
    comment_readers(warehouse, contracts.marts())
    _moved(moved, as_json)


@app.command()
def rollback(
    build: Annotated[
        str | None, typer.Argument(help="A build that was published; the one before by default.")
    ] = None,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Let readers see an earlier build again, at once."""
    warehouse, marts = Warehouse(load_settings()), load_contracts().marts()
    moved = publication.rollback(warehouse, marts=marts, build_id=build, reason=reason)
    comment_readers(warehouse, marts)
    _moved(moved, as_json)


def _build_column() -> Column:
    # Identifiers are there to be copied into the next command.
    return Column("build", no_wrap=True)


def _moved(moved: Publication, as_json: bool) -> None:
    if as_json:
        _print(asdict(moved))
    else:
        Console().print(_position(moved))


def _position(current: Publication | None) -> str:
    if current is None:
        return "Nothing is published yet."
    return f"Readers see build {current.build_id} since {current.published_at:%Y-%m-%d %H:%M:%S} UTC."


def _newest(warehouse: Warehouse) -> str:
    found = list_builds(warehouse)
    if not found:
        raise BuildNotFound("There is no build of the marts yet.", why="Nothing was built so far.")
    return found[0].build_id


def _verdict_table(listed: list[Verdict]) -> Table:
    shown = Table("dataset", "check", "outcome", "rows", "of", "samples or message")
    for verdict in listed:
        samples = "\n".join(
            ", ".join(f"{name}={value}" for name, value in sample.items()) for sample in verdict.samples
        )
        shown.add_row(
            verdict.dataset,
            verdict.check_id,
            verdict.outcome,
            f"{verdict.failing_rows:,}",
            "" if verdict.total_rows is None else f"{verdict.total_rows:,}",
            samples or verdict.message,
        )
    return shown


def _print(value: object) -> None:
    typer.echo(json.dumps(value, default=str))
