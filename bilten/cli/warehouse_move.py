"""``bilten warehouse copy | schema | deployment``: from the embedded warehouse to a server or a cluster."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from bilten.contracts import load_contracts
from bilten.settings import PROJECT_ROOT, load_settings
from warehouse.access.policy import make_policy
from warehouse.access.server_sql import role_statements, view_statements
from warehouse.cluster import cluster_statements
from warehouse.copying import copy_warehouse
from warehouse.migrate import wanted
from warehouse.schema import database_statements
from warehouse.topology import Topology, cluster_files, single_files

DEPLOYMENTS = PROJECT_ROOT / "deploy"
console = Console(highlight=False)


class Target(StrEnum):
    """What a warehouse can be besides the embedded one."""

    server = "server"
    cluster = "cluster"


def copy(
    url: Annotated[str, typer.Argument(help="The other warehouse, http://user:password@host:port.")],
    replace: Annotated[bool, typer.Option("--replace", help="Rows that it has by itself may go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Copy everything to another warehouse and compare the hashes of every table. Stop the loader first."""
    with console.status("Making the tables…") as status:
        copied = copy_warehouse(
            load_settings(),
            SecretStr(url),
            replace=replace,
            tell=lambda table: status.update(f"Copying {table}…"),
        )
    if as_json:
        facts = [{"table": one.table, "rows": one.rows, "outcome": one.outcome} for one in copied]
        typer.echo(json.dumps(facts, indent=2))
    else:
        table = Table("Table", "Rows", "Outcome")
        for one in copied:
            if one.rows:
                table.add_row(one.table, f"{one.rows:,}", one.outcome)
        console.print(table)
        console.print(f"{len(copied)} tables, {sum(one.rows for one in copied):,} rows.")
    raise typer.Exit(int(any(one.outcome == "differs" for one in copied)))


def schema(
    target: Annotated[Target, typer.Option(help="What it is to be.")] = Target.server,
) -> None:
    """Print every statement that makes a warehouse on a server or a cluster, with its roles and views."""
    contracts = load_contracts()
    policy = make_policy(contracts.values())
    if target is Target.cluster:
        made = [one.sql for one in cluster_statements(contracts.sources(), contracts.marts())]
    else:
        stages = wanted(contracts)
        every = (*database_statements(), *(statement for stage in stages for statement in stage))
        # Where nothing was made, nothing that earlier versions made has to go.
        made = [statement.sql for statement in every if statement.sql.startswith("CREATE")]
    for text in (*made, *view_statements(policy), *role_statements(policy)):
        typer.echo(f"{text};\n")


def deployment(
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = DEPLOYMENTS,
) -> None:
    """Write the configuration of a server, and of each node of the cluster that `topology.yaml` describes."""
    topology = Topology.read(
        yaml.safe_load((folder / "cluster" / "topology.yaml").read_text(encoding="utf-8"))
    )
    for part, files in (("server", single_files()), ("cluster", cluster_files(topology))):
        for name, text in files.items():
            path = folder / part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            typer.echo(path)
