"""``bilten dead-letters``: records that could not become rows."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bilten.contracts import load_contracts
from bilten.errors import DeadLetterNotFound
from bilten.settings import load_settings
from ingestion import dead_letters
from warehouse.client import Warehouse
from warehouse.dead_letters import DeadLetter, Status, find_dead_letters

app = typer.Typer(
    name="dead-letters",
    help="Records that could not become rows: list, show, replay, discard.",
    no_args_is_help=True,
)
console = Console(highlight=False)

TableOption = Annotated[str, typer.Option("--table", help="Only of this dataset, such as tickets__orders.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Only with a reason that contains this text.")]
HoursOption = Annotated[float | None, typer.Option("--hours", min=0, help="Only of the last hours.")]
StatusOption = Annotated[str, typer.Option("--status", help="open, replayed, discarded, or all.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Identifiers = Annotated[list[str] | None, typer.Argument(help="Identifiers; beginnings will not do.")]
ALL = 1_000_000
STATUSES: dict[str, Status | Literal[""]] = {
    "open": "open",
    "replayed": "replayed",
    "discarded": "discarded",
    "all": "",
}


@app.command("list")
def list_letters(
    table: TableOption = "",
    reason: ReasonOption = "",
    hours: HoursOption = None,
    status: StatusOption = "open",
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List dead letters, oldest first."""
    found = _find((), table, reason, hours, status, limit)
    if as_json:
        typer.echo(json.dumps([_facts(letter) for letter in found], indent=2, ensure_ascii=False))
        return
    shown = Table("id", "table", "partition", "offset", "first seen", "status", "reasons")
    for letter in found:
        shown.add_row(
            letter.id,
            letter.dataset,
            str(letter.partition),
            str(letter.offset),
            f"{letter.first_seen:%Y-%m-%d %H:%M:%S}",
            letter.status,
            "; ".join(letter.reasons),
        )
    console.print(shown)


@app.command()
def show(identifier: str, as_json: JsonOption = False) -> None:
    """Show one dead letter whole."""
    letter = _find((identifier,), "", "", None, "all", 1)[0]
    if as_json:
        typer.echo(json.dumps({**_facts(letter), **_content(letter)}, indent=2, ensure_ascii=False))
        return
    for name, value in {**_facts(letter), **_content(letter)}.items():
        console.print(f"[bold]{name}[/bold]", end=" ")
        console.print(str(value), markup=False, soft_wrap=True)


@app.command()
def replay(
    identifiers: Identifiers = None,
    table: TableOption = "",
    reason: ReasonOption = "",
    hours: HoursOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send open dead letters through landing again; those refused again stay open."""
    found = _find(tuple(identifiers or ()), table, reason, hours, "all" if identifiers else "open", ALL)
    with (
        Warehouse(load_settings()) as warehouse,
        Progress(console=console, transient=True, disable=as_json) as bar,
    ):
        task = bar.add_task("replaying", total=len(found))
        result = dead_letters.replay(warehouse, found, lambda records: bar.advance(task, records))
    if as_json:
        outcome = {
            "landed": [letter.id for letter in result.landed],
            "refused": [letter.id for letter in result.refused],
        }
        typer.echo(json.dumps(outcome, indent=2))
    else:
        console.print(f"{len(result.landed)} landed, {len(result.refused)} refused again.")


@app.command()
def discard(
    identifiers: Identifiers = None,
    table: TableOption = "",
    reason: ReasonOption = "",
    hours: HoursOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Decide that open dead letters will never be rows; they are kept all the same."""
    if not (identifiers or table or reason or hours is not None):
        raise typer.BadParameter("say which ones: identifiers, --table, --reason or --hours")
    found = _find(tuple(identifiers or ()), table, reason, hours, "all" if identifiers else "open", ALL)
    if not found or not (yes or typer.confirm(f"Discard {len(found)} dead letters?")):
        console.print("Nothing was discarded.")
        return
    with Warehouse(load_settings()) as warehouse:
        console.print(f"{dead_letters.discard(warehouse, found)} discarded.")


def _find(
    identifiers: tuple[str, ...], table: str, reason: str, hours: float | None, status: str, limit: int
) -> list[DeadLetter]:
    if table:
        # A name without a contract is a slip of the pen, not an empty list.
        load_contracts()[table]
    if status not in STATUSES:
        raise typer.BadParameter(f"{status} is none of {', '.join(STATUSES)}", param_hint="--status")
    with Warehouse(load_settings()) as warehouse:
        found = find_dead_letters(
            warehouse,
            dataset=table,
            reason=reason,
            status=STATUSES[status],
            ids=identifiers,
            since=datetime.now(UTC) - timedelta(hours=hours) if hours is not None else None,
            limit=limit,
        )
    missing = set(identifiers) - {letter.id for letter in found}
    if missing:
        raise DeadLetterNotFound(f"There is no dead letter {', '.join(sorted(missing))}.")
    return found


def _facts(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.id,
        "dataset": letter.dataset,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "timestamp": letter.timestamp.isoformat(),
        "first_seen": letter.first_seen.isoformat(),
        "status": letter.status,
        "reasons": list(letter.reasons),
    }


def _content(letter: DeadLetter) -> dict[str, object]:
    return {
        "headers": letter.headers,
        **_bytes("key", letter.key),
        **_bytes("value", letter.value),
        "replay": f"bilten dead-letters replay {letter.id}",
    }


def _bytes(name: str, content: bytes | None) -> dict[str, object]:
    """As text where it is text, else as base64 under a name that says so."""
    if content is None:
        return {name: None}
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(content).decode()}
