"""``bilten lineage``: where a figure comes from, and how the events stand that say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from bilten.cli.lineage_evidence import export, verify
from bilten.errors import LineageError
from bilten.settings import load_settings
from lineage.api import column_graph_json, dataset_graph_json
from lineage.delivery import Deliverer, Receiver
from lineage.emitter import outbox_path
from lineage.graph import Column, ColumnEdge, DatasetEdge, Direction, Graph
from lineage.names import DatasetName, Names
from lineage.outbox import Outbox, ReceiverState
from lineage.server import receivers_of
from lineage.store import Lineage
from warehouse.client import Warehouse
from warehouse.lineage_store import LineageStore
from warehouse.sources import source_addresses

app = typer.Typer(
    name="lineage", help="Where every dataset, column and figure comes from.", no_args_is_help=True
)

app.command()(export)
app.command()(verify)

Node = TypeVar("Node")
Way = TypeVar("Way")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

STORES = {
    "postgres": ("PostgreSQL", "blue"),
    "kafka": ("Kafka", "magenta"),
    "clickhouse": ("warehouse", "yellow"),
    "file": ("Iceberg", "green"),
    "s3": ("Iceberg", "green"),
}
MOST_COLUMNS = 40
"""Columns listed at a source table; further ones are counted."""


@app.command()
def show(
    dataset: Annotated[str, typer.Argument(help="A dataset, such as marts.sales_by_day.")],
    upstream: Annotated[bool, typer.Option("--upstream", help="What it was made of (the default).")] = False,
    downstream: Annotated[bool, typer.Option("--downstream", help="What is made of it.")] = False,
    columns: Annotated[bool, typer.Option("--columns", help="Follow every column.")] = False,
    column: Annotated[str | None, typer.Option(help="Follow this column only.")] = None,
    depth: Annotated[int, typer.Option(min=1, max=100, help="Levels to go at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Draw the way from a dataset back to PostgreSQL's columns, or forth to all that is made of it."""
    if upstream and downstream:
        raise LineageError(
            "One direction at a time can be drawn.",
            why="Both --upstream and --downstream were given.",
            remedy="Give one of them.",
        )
    direction: Direction = "downstream" if downstream else "upstream"
    with _lineage() as lineage:
        start = lineage.find(dataset)
        chosen = [Column(start, column)] if column else lineage.columns(start)
        by_columns = lineage.column_graph(chosen, direction, depth, rows=True)
        if columns or column:
            if as_json:
                typer.echo(json.dumps(column_graph_json(by_columns)))
            else:
                _print_columns(by_columns, direction)
            return
        graph = lineage.graph([start], direction, depth)
    if as_json:
        typer.echo(json.dumps(dataset_graph_json(graph)))
        return
    console = Console(highlight=False)
    console.print(dataset_tree(graph, direction, by_columns))
    if not graph.edges:
        console.print(f"No run has said what is {direction} of it.", style="dim")


@app.command()
def datasets(
    search: Annotated[str, typer.Argument(help="Part of the name.")] = "",
    as_json: Json = False,
) -> None:
    """List the datasets that events have named."""
    with _lineage() as lineage:
        rows = lineage.store.datasets(search)
    if as_json:
        typer.echo(json.dumps(rows, default=_plain))
        return
    table = Table(
        "Dataset", "Store", "Columns", "Unresolved", "Version", "Written by", box=None, pad_edge=False
    )
    for row in rows:
        store = DatasetName(row["namespace"], row["name"]).store
        table.add_row(
            escape(row["name"]),
            STORES.get(store, (store, ""))[0],
            str(row["columns"] or ""),
            str(row["unresolved"] or ""),
            escape(row["version"]),
            escape(row["written_by"]),
        )
    Console(highlight=False).print(table)


@app.command()
def outbox(as_json: Json = False) -> None:
    """Show how each receiver of lineage events stands, and which events it refused."""
    with _outbox() as (box, receivers):
        states = box.state([receiver.name for receiver in receivers])
        refused = {state.receiver: box.refusals(state.receiver) for state in states}
    if as_json:
        data = [
            {
                **asdict(state),
                "refusals": [{"event_id": e.event_id, "reason": why} for e, why in refused[state.receiver]],
            }
            for state in states
        ]
        typer.echo(json.dumps(data, default=_plain))
        return
    console = Console(highlight=False)
    console.print(_states(states))
    for state in states:
        if state.last_error:
            console.print(f"{state.receiver}: {state.last_error}", style="yellow", markup=False)
        for entry, why in refused[state.receiver]:
            console.print(f"{state.receiver} refused {entry.event_id}: {why}", style="red", markup=False)


@app.command()
def deliver(
    retry_refused: Annotated[bool, typer.Option(help="Send refused events again, too.")] = False,
    as_json: Json = False,
) -> None:
    """Deliver what waits now; the lineage service does it by itself."""
    with _outbox() as (box, receivers):
        deliverer = Deliverer(box, receivers)
        done = deliverer.deliver()
        if retry_refused:
            done += [deliverer.retry_refused(receiver) for receiver in receivers]
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in done]))
    else:
        for each in done:
            busy = "; the service is at it" if each.busy else ""
            typer.echo(f"{each.receiver}: {each.delivered} delivered, {each.refused} refused{busy}.")
    failed = [each for each in done if each.error]
    if failed:
        raise LineageError(f"Not every event could be delivered. {failed[0].error}")


def dataset_tree(
    graph: Graph[DatasetName, DatasetEdge], direction: Direction, columns: Graph[Column, ColumnEdge]
) -> Tree:
    """The datasets as a tree; at source tables, the columns that play a part."""
    used: dict[DatasetName, list[str]] = {}
    for each in sorted(columns.nodes):
        if each.name:
            used.setdefault(each.dataset, []).append(each.name)
    steps: dict[DatasetName, dict[DatasetName, list[str]]] = {}
    for edge in graph.edges:
        here, there = (edge.target, edge.source) if direction == "upstream" else (edge.source, edge.target)
        steps.setdefault(here, {}).setdefault(there, []).append(edge.job.name)

    def label(node: DatasetName, jobs: Sequence[str]) -> str:
        store, colour = STORES.get(node.store, (node.store, "white"))
        by = f" [dim]by {escape(', '.join(jobs))}[/dim]" if jobs else ""
        return f"[bold]{escape(node.name)}[/bold] [{colour}]{store}[/{colour}]{by}"

    def leaf(node: DatasetName, branch: Tree) -> None:
        if node.store == "postgres" and node in used:
            names = used[node]
            more = f" and {len(names) - MOST_COLUMNS} more" if len(names) > MOST_COLUMNS else ""
            branch.add(f"[cyan]{escape(', '.join(names[:MOST_COLUMNS]))}[/cyan]{more}")

    return _tree(graph.start[0], lambda node: sorted(steps.get(node, {}).items()), label, leaf)


def _print_columns(graph: Graph[Column, ColumnEdge], direction: Direction) -> None:
    console = Console(highlight=False)
    for tree in column_trees(graph, direction):
        console.print(tree)
    if not graph.edges:
        console.print(f"No run has said what is {direction} of it.", style="dim")


def column_trees(graph: Graph[Column, ColumnEdge], direction: Direction) -> list[Tree]:
    """A tree for each column that was asked for; ways that only decide about values are dim."""
    steps: dict[Column, dict[Column, list[ColumnEdge]]] = {}
    for edge in graph.edges:
        here, there = (edge.target, edge.source) if direction == "upstream" else (edge.source, edge.target)
        steps.setdefault(here, {}).setdefault(there, []).append(edge)

    def label(column: Column, edges: Sequence[ColumnEdge]) -> str:
        store, colour = STORES.get(column.dataset.store, (column.dataset.store, "white"))
        name = f"{escape(column.dataset.name)}.[bold]{escape(column.name or '(all rows)')}[/bold]"
        ways = sorted({edge.subtype.lower().replace("_", " ") for edge in edges} - {"identity"})
        masked = " [green]masked[/green]" if any(edge.masking for edge in edges) else ""
        how = f" [italic]{', '.join(ways)}[/italic]" if ways else ""
        text = f"{name} [{colour}]{store}[/{colour}]{how}{masked}"
        return f"[dim]{text}[/dim]" if edges and all(edge.kind == "INDIRECT" for edge in edges) else text

    return [
        _tree(column, lambda node: sorted(steps.get(node, {}).items()), label, lambda *_: None)
        for column in graph.start
        if column.name or column in steps
    ]


def _tree(
    root: Node,
    children: Callable[[Node], Sequence[tuple[Node, Sequence[Way]]]],
    label: Callable[[Node, Sequence[Way]], str],
    leaf: Callable[[Node, Tree], None],
) -> Tree:
    """A tree of a graph: what was drawn already is only named, so that the picture stays finite and short."""
    drawn = {root}
    tree = Tree(label(root, []))
    leaf(root, tree)
    waiting = [(root, tree)]
    while waiting:
        node, branch = waiting.pop(0)
        for child, ways in children(node):
            again = child in drawn and bool(children(child))
            below = branch.add(label(child, ways) + (" [dim]…[/dim]" if again else ""))
            if child not in drawn:
                drawn.add(child)
                leaf(child, below)
                waiting.append((child, below))
    return tree


def _states(states: Sequence[ReceiverState]) -> Table:
    table = Table(
        "Receiver", "Waiting", "Delivered", "Refused", "Oldest", "Last delivery", box=None, pad_edge=False
    )
    for state in states:
        table.add_row(
            escape(state.receiver),
            str(state.waiting),
            str(state.delivered),
            str(state.refused),
            _when(state.oldest_waiting),
            _when(state.last_delivery),
        )
    return table


def _when(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC" if value else ""


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@contextmanager
def _lineage() -> Iterator[Lineage]:
    settings = load_settings()
    with Warehouse(settings) as warehouse:
        yield Lineage(LineageStore(warehouse), Names.of(settings, source_addresses(warehouse)))


@contextmanager
def _outbox() -> Iterator[tuple[Outbox, list[Receiver]]]:
    settings = load_settings()
    box = Outbox(outbox_path(settings))
    with Warehouse(settings) as warehouse:
        try:
            yield box, receivers_of(settings, LineageStore(warehouse))
        finally:
            box.close()
