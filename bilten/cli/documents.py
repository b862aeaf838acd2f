"""``bilten documents``: collections of a MongoDB, whose connector has not been run against a server."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from bilten.contracts import load_contracts
from bilten.settings import load_settings
from ingestion.sources.inference import as_text
from ingestion.sources.mongodb.configuration import connector_configuration
from ingestion.sources.mongodb.inference import draft_contract

SAMPLED = 1000
app = typer.Typer(
    name="documents", help="Collections of a MongoDB: contract and connector.", no_args_is_help=True
)


@app.command()
def infer(
    source: Annotated[str, typer.Argument(help="Name of the source.")],
    collection: Annotated[str, typer.Argument(help="database.collection")],
    file: Annotated[Path, typer.Argument(help="Documents as extended JSON, one on a line (mongoexport).")],
) -> None:
    """Draft a collection's contract from some of its documents."""
    with file.open(encoding="utf-8") as lines:
        documents = list(islice((line for line in lines if line.strip()), SAMPLED))
    typer.echo(as_text(draft_contract(source, collection, documents)), nl=False)


@app.command()
def connector(
    source: Annotated[str, typer.Argument(help="Name of the source.")],
    url: Annotated[str, typer.Argument(help="mongodb://user:password@host:port/?replicaSet=name")],
) -> None:
    """Print the connector's configuration for the collections that have contracts; it holds the password."""
    configuration = connector_configuration(load_settings(), source, url, load_contracts().sources())
    typer.echo(json.dumps(configuration, indent=2))
