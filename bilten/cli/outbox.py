"""``bilten outbox``: business events of the operational side, published on topics of their own."""

from __future__ import annotations

import typer
from rich.console import Console

from bilten.contracts import load_contracts
from bilten.logs import hush_logs
from bilten.settings import load_settings
from ingestion.sources import outbox

app = typer.Typer(
    name="outbox", help="Business events, each kind on a topic of its own.", no_args_is_help=True
)
console = Console(highlight=False)


@app.callback()
def _quietly() -> None:
    hush_logs()


@app.command()
def start() -> None:
    """Publish the events that are written to the outbox from now on."""
    settings = load_settings()
    outbox.start(settings, load_contracts()[outbox.DATASET])
    console.print(f"Events go to {outbox.event_topic(settings, '<aggregate_type>')}.", markup=False)


@app.command()
def stop() -> None:
    """Publish no more events: connector, slot and publication go, the topics stay."""
    outbox.stop(load_settings())
    console.print("The outbox is not published any more; its rows are captured as before.")
