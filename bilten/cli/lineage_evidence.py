"""``bilten lineage export`` and ``verify``: evidence for auditors, checked offline."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bilten.contracts import load_contracts
from bilten.errors import EvidenceInvalid, LineageError
from bilten.settings import load_settings
from lineage.evidence import record
from lineage.evidence.bundle import make_bundle
from lineage.evidence.checkpoint import signing_key
from lineage.evidence.exporting import Request, content
from lineage.evidence.verifying import verify as verify_bundle
from lineage.library import Library
from lineage.names import Names
from lineage.store import Lineage
from warehouse.client import Warehouse
from warehouse.lineage_history import LineageHistory
from warehouse.lineage_store import LineageStore
from warehouse.sources import source_addresses


def export(
    dataset: Annotated[str, typer.Argument(help="A dataset, such as marts.sales_by_day.")],
    target: Annotated[Path, typer.Argument(help="The file to write.")] = Path("lineage-evidence.zip"),
    column: Annotated[str, typer.Option(help="Only the path of this column.")] = "",
    at: Annotated[datetime | None, typer.Option(help="As of this moment, UTC.")] = None,
    downstream: Annotated[bool, typer.Option("--downstream", help="Also what is made of it.")] = False,
) -> None:
    """Write an evidence bundle: the graph behind a dataset, its events, hashes, proofs and a signature."""
    settings = load_settings()
    with Warehouse(settings) as warehouse:
        names = Names.of(settings, source_addresses(warehouse))
        store = LineageStore(warehouse)
        library = Library(store, LineageHistory(warehouse), names, load_contracts().values())
        snapshot = library.snapshot(at.replace(tzinfo=at.tzinfo or UTC) if at else None)
        node = Lineage(store, names).find(dataset)
        found = content(snapshot, store, Request(node, column, down=100 if downstream else 0))
    folder = settings.home / "lineage"
    body = make_bundle(found, signing_key(folder / "signing-key.pem"))
    record.note(
        folder / "exports.jsonl",
        {"at": datetime.now(UTC), "format": "bundle", "by": "command line", "question": found.question},
    )
    try:
        target.write_bytes(body)
    except OSError as error:
        raise LineageError(
            f"{target} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error
    typer.echo(f"{target}: {len(found.events)} events, {len(found.files)} files, {len(body):,} bytes.")


def verify(
    bundle: Annotated[Path, typer.Argument(help="The bundle.")],
    key: Annotated[Path | None, typer.Option(help="The public key to trust, PEM.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Verify an evidence bundle, offline; if a byte was changed, say in which entry."""
    try:
        data, trusted = bundle.read_bytes(), key.read_bytes() if key else None
    except OSError as error:
        raise LineageError(
            f"{error.filename} cannot be read: {error.strerror}.", remedy="Name the file."
        ) from error
    try:
        found = verify_bundle(data, trusted)
    except EvidenceInvalid as error:
        entry = str(error.details.get("entry", "the file"))
        raise EvidenceInvalid(f"{error.what} Changed: {entry}.", why=error.why, entry=entry) from error
    if as_json:
        answer = {
            "valid": True,
            "trusted_key": key is not None,
            "fingerprint": found.fingerprint,
            "entries": found.checkpoint.size,
            "root": found.checkpoint.root.hex(),
            "events": found.events,
            "files": found.files,
            "question": found.question,
        }
        typer.echo(json.dumps(answer))
        return
    console = Console(highlight=False)
    console.print("[green]Nothing was changed.[/green]")
    console.print(
        f"{found.checkpoint.size} entries ({found.events} events), root {found.checkpoint.root.hex()}"
    )
    console.print(f"signed by {found.fingerprint}")
    if key is None:
        console.print(
            "The key came with the bundle. Compare its fingerprint with the published one, or give --key.",
            style="yellow",
        )
