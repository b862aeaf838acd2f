"""The lineage service: takes OpenLineage events from anyone, delivers them, and answers questions.

``python -m lineage.server``. An event is acknowledged once it is on the disk, in the outbox; the warehouse
may be down. SIGTERM ends it cleanly.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from aiohttp import web
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from bilten.contracts import load_contracts
from bilten.errors import BiltenError, DeliveryFailed, PortInUse
from bilten.logs import configure_logs
from bilten.settings import Settings, load_settings
from lineage.api import MAXIMUM_BODY_BYTES, SERVICE, Service, explained, routes
from lineage.delivery import Deliverer, OpenLineageReceiver, Receiver
from lineage.emitter import outbox_path
from lineage.entrance import ENTRANCE, Entrance, entrance_routes, signed_in
from lineage.explorer import explorer_routes
from lineage.exports import export_routes
from lineage.library import Library
from lineage.marquez import marquez_routes
from lineage.names import Names
from lineage.openapi import document
from lineage.outbox import Outbox
from lineage.reading import EVIDENCE, LIBRARY, REFUSALS, TRACER, reading_routes
from lineage.refusals import Refusals
from lineage.store import Lineage, WarehouseReceiver
from lineage.tracing import Tracer
from warehouse.client import Warehouse
from warehouse.lineage_history import LineageHistory
from warehouse.lineage_store import LineageStore
from warehouse.sources import source_addresses

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
"""How often the outbox is looked at: other processes append to it too."""
LONGEST_PAUSE_SECONDS = 30.0
KEEP = timedelta(hours=1)
"""How long delivered events stay in the outbox, so that a report repeated after a crash is recognised."""
PRUNE_SECONDS = 600.0


def receivers_of(settings: Settings, store: LineageStore) -> list[Receiver]:
    """Who gets the events: the warehouse, and another OpenLineage receiver when one is set."""
    found: list[Receiver] = [WarehouseReceiver(store)]
    # Somebody who sends other tools' events to this service may have set its own address.
    if settings.openlineage_url and settings.openlineage_url.rstrip("/") != settings.lineage_http_url:
        found.append(OpenLineageReceiver(settings.openlineage_url))
    return found


def application(settings: Settings) -> web.Application:
    """The service as an aiohttp application; it delivers while it runs.

    Args:
        settings: port, data folder, warehouse, further receiver.
    """
    outbox = Outbox(outbox_path(settings))
    warehouse = Warehouse(settings)
    store = LineageStore(warehouse)
    deliverer = Deliverer(outbox, receivers_of(settings, store))
    names = Names.of(settings, _addresses(warehouse))
    app = web.Application(client_max_size=MAXIMUM_BODY_BYTES, middlewares=[explained, signed_in])
    refusals = Refusals(settings.home / "lineage" / "refused.db")
    app[REFUSALS] = refusals
    app[EVIDENCE] = settings.home / "lineage"
    app[ENTRANCE] = Entrance(settings, settings.home / "lineage")
    contracts = load_contracts()
    library = Library(store, LineageHistory(warehouse), names, contracts.values())
    app[LIBRARY] = library
    app[TRACER] = Tracer(warehouse, store, library, names, contracts)
    app[SERVICE] = Service(
        names,
        outbox,
        Lineage(store, names),
        tuple(receiver.name for receiver in deliverer.receivers),
        refusals,
        ThreadPoolExecutor(1, "outbox"),
        asyncio.Event(),
    )
    known = [
        *routes(),
        *entrance_routes(),
        *reading_routes(),
        *export_routes(),
        *marquez_routes(),
        *explorer_routes(),
    ]
    described = document(known)

    async def show_interface(_: web.Request) -> web.Response:
        """Answer with the description."""
        return web.json_response(described)

    app.add_routes([*known, web.get("/api/v1/openapi.json", show_interface)])

    async def delivering(app: web.Application) -> AsyncIterator[None]:
        pools = [ThreadPoolExecutor(1, receiver.name) for receiver in deliverer.receivers]
        tasks = [
            asyncio.create_task(_deliver_forever(app[SERVICE], deliverer, receiver, pool))
            for receiver, pool in zip(deliverer.receivers, pools, strict=True)
        ]
        tasks.append(asyncio.create_task(_prune_forever(app[SERVICE])))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for pool in [*pools, app[SERVICE].pool]:
            # What is under way ends by itself and is delivered again if it did not reach the position's note.
            pool.submit(outbox.close)
            pool.shutdown(wait=True)
        warehouse.close()

    app.cleanup_ctx.append(delivering)
    return app


def _addresses(warehouse: Warehouse) -> dict[str, str]:
    """Where the sources are; events are taken whether the warehouse tells it or not."""
    try:
        return source_addresses(warehouse)
    except BiltenError as error:
        log.warning("sources are not known", reason=error.what)
        return {}


async def _deliver_forever(
    service: Service, deliverer: Deliverer, receiver: Receiver, pool: ThreadPoolExecutor
) -> None:
    loop = asyncio.get_running_loop()
    while True:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(BiltenError),
            wait=wait_exponential_jitter(multiplier=0.5, max=LONGEST_PAUSE_SECONDS),
        ):
            with attempt:
                delivery = await loop.run_in_executor(pool, deliverer.deliver_to, receiver)
                if delivery.delivered:
                    log.info("lineage delivered", receiver=receiver.name, events=delivery.delivered)
                if delivery.error is not None:
                    log.warning("lineage waits", receiver=receiver.name, reason=delivery.error)
                    raise DeliveryFailed(delivery.error)
        await service.wait(POLL_SECONDS)


async def _prune_forever(service: Service) -> None:
    while True:
        await asyncio.sleep(PRUNE_SECONDS)
        try:
            await service.in_outbox(lambda: service.outbox.prune(service.receivers, KEEP))
        except BiltenError as error:
            log.warning("outbox not pruned", reason=error.what)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = load_settings()
    configure_logs(settings)
    try:
        log.info("lineage service starts", port=settings.lineage_port)
        web.run_app(
            application(settings),
            host=settings.host,
            port=settings.lineage_port,
            access_log=None,
            print=None,
            shutdown_timeout=5.0,
            loop=asyncio.new_event_loop(),
        )
    except OSError as error:
        taken = PortInUse(f"Port {settings.lineage_port} cannot be used for the lineage service: {error}.")
        log.error("lineage service cannot start", **taken.as_dict())
        sys.exit(1)
    log.info("lineage service ended")


if __name__ == "__main__":
    main()
