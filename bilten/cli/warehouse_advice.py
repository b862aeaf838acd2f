"""``bilten warehouse advise``: what would make slow and heavy queries quicker, as measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bilten.settings import load_settings
from warehouse.advice.adopt import adopt
from warehouse.advice.trial import Advice, advise
from warehouse.client import Warehouse
from warehouse.queries import HeavyQuery, heavy_queries

LONGEST_TEXT = 120
console = Console(highlight=False)


def command(
    queries: Annotated[int, typer.Option(help="How many of the heaviest queries to look at.", min=1)] = 10,
    days: Annotated[int, typer.Option(help="How far to look back.", min=1, max=30)] = 7,
    least: Annotated[
        int, typer.Option(help="Milliseconds of the slowest run; quicker ones are left out.")
    ] = 20,
    take: Annotated[bool, typer.Option("--apply", help="Take the best of what helps each query.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find the heaviest queries, try on clones what could help them, and show what did."""
    settings = load_settings()
    with Warehouse(settings) as warehouse:
        found: list[tuple[HeavyQuery, tuple[Advice, ...]]] = []
        with console.status("Asking the log…") as status:
            heavy = heavy_queries(warehouse, days=days, limit=queries, least_milliseconds=least)
            for number, query in enumerate(heavy, 1):
                status.update(f"Trying what could help query {number} of {len(heavy)}…")
                found.append((query, advise(warehouse, query)))
        best = [next((one for one in advice if one.addition is not None), None) for _, advice in found]
        taken = [adopt(settings, warehouse, one) for one in best if take and one is not None]
    if as_json:
        typer.echo(json.dumps([_as_dict(query, advice) for query, advice in found], indent=2))
    else:
        _show(found)
    if take:
        typer.echo(f"{sum(taken)} taken into warehouse/layout.yaml; commit it.", err=as_json)


def _show(found: Sequence[tuple[HeavyQuery, tuple[Advice, ...]]]) -> None:
    if not found:
        console.print("No query took long enough to be looked at.")
        return
    table = Table("Query", "Runs", "Total", "Slowest", "Proposal", "Before", "After", "Gain", "Takes")
    for query, advice in found:
        text = " ".join(query.example.split())
        short = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
        facts = (
            short,
            f"{query.runs:,}",
            f"{query.milliseconds / 1000:,.1f} s",
            f"{query.slowest_milliseconds:,} ms",
        )
        if not advice:
            table.add_row(*facts, "nothing that was tried helps")
        for number, one in enumerate(advice):
            candidate = one.candidate
            table.add_row(
                *(facts if number == 0 else ("", "", "", "")),
                f"{candidate.kind} on {one.target}: {candidate.definition}",
                f"{one.before_milliseconds:,.1f} ms",
                f"{one.after_milliseconds:,.1f} ms",
                f"{one.gain:.1f} ×",
                f"{one.bytes / 1024:,.0f} KiB",
            )
    console.print(table)


def _as_dict(query: HeavyQuery, advice: Sequence[Advice]) -> dict[str, object]:
    return {
        "query": query.example,
        "hash": f"{query.hash:x}",
        "runs": query.runs,
        "milliseconds": query.milliseconds,
        "slowest_milliseconds": query.slowest_milliseconds,
        "read_rows": query.read_rows,
        "read_bytes": query.read_bytes,
        "memory_bytes": query.memory_bytes,
        "users": query.users,
        "tables": query.tables,
        "advice": [
            {
                "kind": one.candidate.kind,
                "table": one.target,
                "name": one.candidate.name,
                "definition": one.candidate.definition,
                "before_milliseconds": round(one.before_milliseconds, 2),
                "after_milliseconds": round(one.after_milliseconds, 2),
                "gain": round(one.gain, 2),
                "bytes": one.bytes,
            }
            for one in advice
        ],
    }
