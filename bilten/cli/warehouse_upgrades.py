"""``bilten warehouse snapshots | back``: the data as they were before an upgrade."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bilten.settings import load_settings
from warehouse.snapshots import Snapshot, put_back
from warehouse.snapshots import snapshots as kept_snapshots

console = Console(highlight=False)


def snapshots(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """What is kept of the warehouse from before its last upgrades."""
    found = kept_snapshots(load_settings())
    if as_json:
        facts = [
            {"name": one.path.name, "taken_at": one.taken_at.isoformat(), "made_by": _maker(one)}
            for one in found
        ]
        typer.echo(json.dumps(facts, indent=2))
        return
    table = Table("Snapshot", "Taken", "Made by")
    for one in found:
        table.add_row(one.path.name, f"{one.taken_at:%Y-%m-%d %H:%M:%S} UTC", _maker(one))
    console.print(table if found else "Nothing is kept: nothing was upgraded yet.")


def back(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Go back to the warehouse as it was before its last upgrade; doing it again goes forward again."""
    settings = load_settings()
    if not yes:
        found = kept_snapshots(settings)
        if found:
            console.print(f"The newest snapshot is of {found[0].taken_at:%Y-%m-%d %H:%M:%S} UTC.")
        console.print("What was written since stays aside, and out of sight.")
        typer.confirm("Go back?", abort=True)
    now = put_back(settings)
    console.print(f"The warehouse is as {_maker(now)} had it at {now.taken_at:%Y-%m-%d %H:%M:%S} UTC.")
    console.print("Check that version out (`git checkout`) and run `make up`; the loader goes on from there.")


def _maker(snapshot: Snapshot) -> str:
    return snapshot.maker.platform if snapshot.maker is not None else "an older version"
