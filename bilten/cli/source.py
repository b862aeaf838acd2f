"""``bilten source``: databases whose changes are captured, table by table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import typer

from bilten.cli.source_pages import console, finish, print_rows, progress_bars, show_plan
from bilten.cli.source_work import (
    as_rows,
    catch_up,
    compare,
    landing,
    loader_paused,
    mend,
    restart_readers,
)
from bilten.contracts import Contract, Contracts, load_contracts
from bilten.errors import SourceConnectorFailed, SourceNotFound, SourceRefused, TableHeld
from bilten.logs import hush_logs
from bilten.settings import Settings, find_contracts, load_settings
from ingestion import connector
from ingestion.outlook import begin_anew, broken_topics
from ingestion.receipts import lag
from ingestion.sources import guarding, onboarding, registry
from ingestion.sources.definition import Source, name_of, other_source
from ingestion.sources.dialects import dialect_of, open_source
from ingestion.sources.inference import contract_path
from ingestion.sources.recapture import recapture
from ingestion.sources.refetch import Refetcher
from stack import cassandra
from stack.design import report_design
from warehouse import standing
from warehouse.client import Warehouse
from warehouse.sources import (
    State,
    held_tables,
    irregular_records,
    set_table_state,
    table_states,
)

app = typer.Typer(name="source", help="Databases whose changes are captured.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Datasets = Annotated[list[str], typer.Argument(help="Tables, such as tickets__orders; or a source, for all.")]
One = Annotated[str, typer.Argument(help="A table, such as tickets__orders.")]
Chosen = Annotated[str, typer.Option("--tables", help="Schemas, or tables as schema.table, with commas.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for others to read.")]


@app.callback()
def _quietly() -> None:
    hush_logs()


@app.command()
def add(
    url: Annotated[
        str, typer.Argument(help="postgresql://, mariadb:// or cassandra://user:password@host:port/database")
    ],
    name: Annotated[str, typer.Option(help="What to call it; after its database by default.")] = "",
    tables: Chosen = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Bring a database nobody prepared into the warehouse: look, show the plan, carry it out, compare."""
    settings = load_settings()
    source = other_source(name or name_of(url), url)
    if source.name == settings.topic_prefix:
        raise SourceRefused(f"{source.name} is the platform's own database.", remedy="Choose another --name.")
    with open_source(source) as connection, Warehouse(settings) as warehouse:
        known = {each.name for each in registry.list_sources(settings, warehouse)}
        chosen = [each.strip() for each in tables.split(",") if each.strip()]
        plan = onboarding.make_plan(
            source, connection, load_contracts(), chosen, is_captured=source.name in known
        )
        if not as_json:
            show_plan(plan)
        if plan.is_possible and not yes and not typer.confirm("Carry this out?", err=True):
            raise typer.Exit(1)
        own = onboarding.prepare(settings, warehouse, plan, find_contracts())
        report_design(settings, own, source)
        if source.stands_alone:
            cassandra.supervise(settings, source)
        # Tables of a former plan have been read already.
        new = [contract for contract in own if contract.name in plan.contracts]
        with landing(settings, own):
            sizes = {contract.name: _rows_of(source, connection, contract) for contract in new}
            with progress_bars(as_json) as progress:
                bars = {name: progress.add_task(name, total=sizes[name]) for name in sizes}
                failed = onboarding.first_load(
                    settings,
                    warehouse,
                    source,
                    connection,
                    new,
                    lambda name, rows: progress.advance(bars[name], rows),
                )
            loaded = [contract for contract in new if contract.name not in failed]
            with console.status("comparing with the source"):
                found = compare(settings, warehouse, source, connection, loaded)
    restart_readers(settings)
    rows = as_rows(found)
    rows += [{"table": each, "equal": False, "error": error.what} for each, error in failed.items()]
    print_rows(rows, as_json, title=f"{source.name}: {len(rows)} tables")
    if not as_json:
        console.print(f"Contracts were drafted below {find_contracts()}: review them, then `make generate`.")
    if not all(row["equal"] for row in rows):
        raise typer.Exit(1)


@app.command("list")
def list_sources(as_json: Json = False) -> None:
    """Every source and table: whether it flows, how far it is, what stands against it."""
    settings, contracts = load_settings(), load_contracts()
    with Warehouse(settings) as warehouse:
        sources = registry.list_sources(settings, warehouse)
        states = table_states(warehouse)
        behind = {each.dataset: each.behind for each in lag(settings, contracts.captured(), warehouse)}
        rows = standing.rows_of(warehouse, "ods", [contract.name for contract in contracts.sources()])
        letters = standing.open_dead_letters(warehouse)
        irregular = irregular_records(warehouse)
    found = [
        {
            "source": source.name,
            "table": contract.name,
            "state": states[contract.name].state if contract.name in states else "flowing",
            "rows": rows.get(contract.name, 0),
            "lag": behind.get(contract.name, 0),
            "dead letters": letters.get(contract.name, 0),
            "irregular in 24 h": irregular.get(contract.name, 0),
            "reason": states[contract.name].reason if contract.name in states else "",
        }
        for source in sources
        for contract in source.tables(contracts.values())
    ]
    if as_json:
        described = [
            {
                "name": source.name,
                "address": source.address,
                "connector": source.connector,
                "connector_state": connector.connector_status(settings, source.connector).state,
                "slot": source.slot,
                "epoch": source.epoch,
                "tables": [row for row in found if row["source"] == source.name],
            }
            for source in sources
        ]
        typer.echo(json.dumps(described, indent=2))
        return
    print_rows(found, False, title="Sources")


@app.command()
def pause(tables: Datasets, reason: Reason = "paused by hand", as_json: Json = False) -> None:
    """Stop landing some tables; their changes wait in Kafka, all other tables go on."""
    _set_states(tables, "paused", reason, as_json)


@app.command()
def resume(tables: Datasets, as_json: Json = False) -> None:
    """Let tables that are paused or in quarantine go on where they stopped."""
    _set_states(tables, "flowing", "", as_json)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="A source.")], yes: Yes = False, as_json: Json = False
) -> None:
    """Stop capturing a database: connector, slot, publication and contracts go, what was captured stays."""
    settings = load_settings()
    with Warehouse(settings) as warehouse:
        source = registry.find_source(settings, warehouse, name)
        if source.is_own:
            raise SourceRefused(f"{name} is the platform's own database.", why="Everything is built on it.")
        own = source.tables(load_contracts().values())
        if not yes and not typer.confirm(f"Stop capturing {source.address}, {len(own)} tables?", err=True):
            raise typer.Exit(1)
        connector.remove(settings, source)
        if source.stands_alone:
            cassandra.dismiss(settings, source)
        with open_source(source) as connection:
            dialect_of(source.database).release(settings, source, connection)
        for contract in own:
            contract_path(find_contracts(), contract.name).unlink(missing_ok=True)
        registry.forget(settings, warehouse, source, "removed")
    restart_readers(settings)
    print_rows([{"removed": each.name} for each in own], as_json, title=f"{name} is no longer captured")


@app.command()
def resync(
    name: Annotated[
        str, typer.Argument(help="A table, such as tickets__orders; or a source whose log is lost.")
    ],
    as_json: Json = False,
) -> None:
    """Read a whole table of its source again, beside live traffic, then compare.

    Of a source: capture it anew from the end of its log, compare every table, read again what differs.
    """
    settings, contracts = load_settings(), load_contracts()
    with Warehouse(settings) as warehouse:
        sources = {source.name: source for source in registry.list_sources(settings, warehouse)}
        if name in sources:
            _capture_anew(settings, warehouse, sources[name], contracts, as_json)
            return
        source, contract = _find(settings, warehouse, contracts, name)
        topic = contract.topic(source.name)
        if broken_topics(settings, warehouse, [topic]):
            begin_anew(settings, warehouse, topic)
        _read_anew(settings, warehouse, source, contract, as_json)


@app.command()
def verify(
    table: One,
    repair: Annotated[bool, typer.Option("--repair", help="Read rows that differ again.")] = False,
    as_json: Json = False,
) -> None:
    """Compare a table with its source, row by row and value by value, beside live traffic."""
    settings = load_settings()
    with Warehouse(settings) as warehouse:
        source, contract = _find(settings, warehouse, load_contracts(), table)
        if (state := held_tables(warehouse).get(table)) is not None:
            raise TableHeld(f"{table} is {state.state}, so it cannot equal its source: {state.reason}")
        with open_source(source) as connection, landing(settings, [contract]):
            found = compare(settings, warehouse, source, connection, [contract])
            if repair and found[0].differences:
                mended = mend(settings, warehouse, source, connection, contract, found[0])
                console.print(f"{mended} rows read again.")
                found = compare(settings, warehouse, source, connection, [contract])
    finish(as_rows(found), as_json)


@app.command()
def check(as_json: Json = False) -> None:
    """Compare every table of every source with its contract now; status 2 if a change is incompatible."""
    settings, contracts = load_settings(), load_contracts()
    with Warehouse(settings) as warehouse:
        found = [
            asdict(drift)
            for source in registry.list_sources(settings, warehouse)
            for drifts in guarding.look(warehouse, source, contracts.values()).values()
            for drift in drifts
        ]
        unseen = [
            {"place": place, "what": what, "remedy": remedy}
            for source in registry.list_sources(settings, warehouse)
            for place, what, remedy in _blind_spots(settings, source, contracts)
        ]
    print_rows([*found, *unseen], as_json, title="What differs from the contracts")
    if unseen or any(drift["effect"] == "incompatible" for drift in found):
        raise typer.Exit(2)


@app.command("connector")
def run_connector(name: Annotated[str, typer.Argument(help="A source of Cassandra.")]) -> None:
    """Run a connector that is a program of its own, on the node whose log it reads, until it is ended."""
    settings = load_settings()
    with Warehouse(settings) as warehouse:
        source = registry.find_source(settings, warehouse, name)
    if not source.stands_alone:
        raise SourceRefused(f"The connector of {name} runs on Kafka Connect.", remedy="Run `make up`.")
    command = cassandra.prepare(settings, source)
    os.execv(command[0], command)  # noqa: S606


@app.command()
def accept(
    table: One,
    rename: Annotated[list[str] | None, typer.Option(help="A renamed column, as old=new.")] = None,
    as_json: Json = False,
) -> None:
    """Take a table's present shape into its contract and the warehouse, read it anew, and compare."""
    settings, contracts = load_settings(), load_contracts()
    renames = dict(each.split("=", 1) for each in rename or ())
    with Warehouse(settings) as warehouse:
        source, contract = _find(settings, warehouse, contracts, table)
        with loader_paused(settings):
            after = guarding.accept(settings, warehouse, source, contract, find_contracts(), renames)
            guarding.release(warehouse, table)
        console.print(f"{table} is at version {after.version}; run `make generate` and review its contract.")
        _read_anew(settings, warehouse, source, after, as_json)


@app.command("raise-epoch")
def raise_epoch(
    name: Annotated[str, typer.Argument(help="A source.")], reason: Reason, as_json: Json = False
) -> None:
    """After a restore or failover: what is captured from now on is newer than all before."""
    settings = load_settings()
    with Warehouse(settings) as warehouse:
        source = registry.find_source(settings, warehouse, name)
        risen = registry.raise_epoch(settings, warehouse, source, reason)
        try:
            state = connector.reconfigure(settings, load_contracts().sources(), risen).state
        except SourceConnectorFailed:
            # A slot does not come along when a copy takes over or a backup is restored.
            state = "FAILED"
            console.print(f"The log begins anew: run `bilten source resync {name}`.")
    row = {"source": name, "epoch": risen.epoch, "reason": reason, "connector": state}
    print_rows([row], as_json, title="Epoch")


def _blind_spots(settings: Settings, source: Source, contracts: Contracts) -> Iterator[tuple[str, str, str]]:
    with open_source(source) as connection:
        dialect = dialect_of(source.database)
        yield from dialect.blind_spots(settings, source, connection, source.tables(contracts.values()))


def _read_anew(
    settings: Settings, warehouse: Warehouse, source: Source, contract: Contract, as_json: bool
) -> None:
    with open_source(source) as connection, landing(settings, [contract]):
        with progress_bars(as_json) as progress:
            bar = progress.add_task(contract.name, total=_rows_of(source, connection, contract))
            Refetcher(settings, warehouse, source, connection).whole_table(
                contract, partial(progress.advance, bar)
            )
        found = compare(settings, warehouse, source, connection, [contract])
    finish(as_rows(found), as_json)


def _capture_anew(
    settings: Settings, warehouse: Warehouse, source: Source, contracts: Contracts, as_json: bool
) -> None:
    held = held_tables(warehouse)
    own = [contract for contract in source.tables(contracts.captured()) if contract.name not in held]
    with open_source(source) as connection, landing(settings, own):
        with console.status("capturing from the end of the log"):
            recapture(settings, source, connection, contracts.captured())
        with console.status("comparing with the source"):
            catch_up(settings, warehouse, source, connection, own)
            found = compare(settings, warehouse, source, connection, own)
        for contract, each in zip(own, found, strict=True):
            if each.differences:
                mended = mend(settings, warehouse, source, connection, contract, each)
                console.print(f"{contract.name}: {mended} rows read again.")
        if any(each.differences for each in found):
            found = compare(settings, warehouse, source, connection, own)
    finish(as_rows(found), as_json)


def _set_states(names: Sequence[str], state: State, reason: str, as_json: bool) -> None:
    settings, contracts = load_settings(), load_contracts()
    with Warehouse(settings) as warehouse:
        sources = {source.name: source for source in registry.list_sources(settings, warehouse)}
        datasets = [
            contract.name
            for name in names
            for contract in (
                sources[name].tables(contracts.values()) if name in sources else [contracts[name]]
            )
        ]
        for dataset in datasets:
            set_table_state(warehouse, dataset, state, reason)
    print_rows([{"table": dataset, "state": state} for dataset in datasets], as_json, title="Tables")


def _find(
    settings: Settings, warehouse: Warehouse, contracts: Contracts, table: str
) -> tuple[Source, Contract]:
    contract = contracts[table]
    for source in registry.list_sources(settings, warehouse):
        if contract.kind == "source" and source.contract_source == contract.source:
            return source, contract
    raise SourceNotFound(f"{table} belongs to no source that there is.")


def _rows_of(source: Source, connection: Any, contract: Contract) -> int:
    table = dialect_of(source.database).table_of(contract)
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
