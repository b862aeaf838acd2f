"""``bilten load``: the streaming loader, in the foreground."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from bilten.cli.mending import keep_mending
from bilten.contracts import load_contracts
from bilten.errors import PortInUse
from bilten.logs import configure_logs
from bilten.settings import load_settings
from ingestion.cutting import keep_cutting
from ingestion.loader import Loader
from ingestion.metrics import LoaderMetrics
from ingestion.revival import keep_running
from ingestion.sources.guarding import keep_looking
from warehouse.client import Warehouse

app = typer.Typer()


@app.command()
def load(
    until_caught_up: Annotated[
        bool, typer.Option(help="End when all that the topics hold now has been landed.")
    ] = False,
) -> None:
    """Land every change topic in the warehouse, until SIGTERM; resumes from the warehouse's own ledger.

    Restarts the source connector, too, when it has failed.
    """
    settings = load_settings()
    configure_logs(settings)
    metrics = LoaderMetrics()
    # A second loader beside the first is harmless, but the port is taken: a bounded run goes without.
    if not until_caught_up:
        try:
            metrics.serve(settings)
        except OSError as error:
            raise PortInUse(
                f"The loader's metrics cannot be served on port {settings.loader_metrics_port}: {error}.",
                remedy="Another loader may run already; or choose BILTEN_LOADER_METRICS_PORT in `.env`.",
            ) from error
    contracts = load_contracts().captured()
    loader = Loader(settings, contracts, Warehouse(settings), metrics)
    ending = threading.Event()

    def end(*_: object) -> None:
        ending.set()
        loader.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if not until_caught_up:
        threading.Thread(
            target=keep_running,
            args=(settings, ending, metrics.connector_restarts.inc),
            name="connector",
            daemon=True,
        ).start()
        threading.Thread(
            target=keep_mending, args=(settings, contracts, ending), name="mending", daemon=True
        ).start()
        threading.Thread(
            target=keep_looking, args=(settings, contracts, ending), name="sources", daemon=True
        ).start()
        threading.Thread(
            target=keep_cutting, args=(settings, contracts, ending), name="cuts", daemon=True
        ).start()
    loaded = loader.run(until_caught_up=until_caught_up)
    if until_caught_up:
        typer.echo(f"{loaded.rows} records landed in {loaded.batches} inserts, {loaded.refused} refused.")
