"""The server's life: start, routes, health, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from aiohttp import web

from bilten.contracts import load_contracts
from bilten.settings import Settings
from warehouse.access.policy import make_policy
from warehouse.access.users import Users
from warehouse.schema.audit import RECORD_QUERIES
from warehouse.server.configuration import clear_leftovers, write_configuration
from warehouse.server.engine import Engine
from warehouse.server.failures import EngineError
from warehouse.server.handler import Handler
from warehouse.server.health import Health
from warehouse.server.measures import Measures
from warehouse.server.shared import SharedAnswers

ENGINE_FAILED: Final = 70
"""Exit status that asks the supervisor for a new process."""

THREADS: Final = 32
"""Queries that may run at once; further ones wait."""

SWEEP_SECONDS: Final = 15.0
RECORD_SECONDS: Final = 60.0
DRAIN_SECONDS: Final = 10.0
LONGEST_LINE: Final = 1024 * 1024 + 8192
"""Clients put whole statements and their parameters into the URL."""

log = structlog.get_logger()


class Server:
    """The warehouse server of one process.

    Args:
        settings: of the platform; host, port, user, password, memory and data folder come from there.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="query")
        self._control = ThreadPoolExecutor(4, thread_name_prefix="control")
        self._measures = Measures()

    async def run(self) -> int:
        """Serve until SIGTERM or SIGINT, or until the engine is beyond repair.

        Returns:
            The process's exit status: 0 after a clean end, 1 if queries would not end, 70 if the engine
            failed.
        """
        started = time.perf_counter()
        settings = self._settings
        policy = make_policy(load_contracts().values())
        files = write_configuration(settings, policy)
        # A port in use is told before an engine is started for nothing; nobody can connect until it listens.
        listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.warehouse_port))
        loop = asyncio.get_running_loop()
        engine = await loop.run_in_executor(self._control, Engine, files)
        # Only now: the engine holds the lock, so no other server is at work here.
        temporary = settings.home / "warehouse" / "temporary"
        clear_leftovers(temporary)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        health = self._health = Health(lambda: handler.in_control(engine.check))
        address = settings.warehouse_cache_url
        shared = SharedAnswers(address.get_secret_value()) if address is not None else None
        handler = self._handler = Handler(
            engine=engine,
            pool=self._pool,
            control=self._control,
            user=settings.warehouse_user,
            password=settings.warehouse_password.get_secret_value(),
            users=Users(settings),
            policy=policy,
            folder=temporary,
            measures=self._measures,
            suspect=health.suspect,
            kept_bytes=settings.warehouse_cache_megabytes * 1024 * 1024,
            shared=shared,
        )
        runner = web.AppRunner(
            self._application(),
            handler_cancellation=True,
            access_log=None,
            auto_decompress=False,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            read_bufsize=256 * 1024,
            shutdown_timeout=1.0,
        )
        await runner.setup()
        site = web.SockSite(runner, listener, backlog=512)
        await site.start()
        log.info(
            "warehouse server ready",
            host=settings.host,
            port=settings.warehouse_port,
            engine=engine.version,
            seconds=round(time.perf_counter() - started, 3),
        )
        sweeping = asyncio.create_task(self._sweep())
        recording = asyncio.create_task(self._record(engine))
        watching = asyncio.create_task(health.watch())
        told = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({watching, told}, return_when=asyncio.FIRST_COMPLETED)
        failed = watching.done()
        log.info("warehouse server stopping", failed=failed)
        if failed:
            return ENGINE_FAILED
        for task in (sweeping, recording, watching):
            task.cancel()
        await site.stop()
        drained = await handler.drain(DRAIN_SECONDS)
        await runner.cleanup()
        if shared is not None:
            await shared.close()
        if not drained:
            # Everything acknowledged is on disk; waiting longer would only end in SIGKILL.
            log.error("warehouse server stopped with queries that do not end", queries=len(handler.running))
            return 1
        await loop.run_in_executor(self._control, engine.close)
        log.info("warehouse server stopped")
        return 0

    def _application(self) -> web.Application:
        # The limit is of what aiohttp itself would read at once; bodies here are streamed and may have any
        # size.
        application = web.Application(client_max_size=0)
        application.router.add_get("/ping", self._ping)
        application.router.add_get("/replicas_status", self._ping)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_route("*", "/{path:.*}", self._query)
        return application

    async def _query(self, request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD", "POST", "PUT"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD, POST, PUT"})
        if request.method in ("GET", "HEAD") and "query" not in request.query and request.path == "/":
            return web.Response(text="Ok.\n", content_type="text/html")
        return await self._handler.query(request)

    async def _ping(self, _request: web.Request) -> web.Response:
        """Ask the engine: a server whose engine is gone must not say that all is well."""
        problem = await self._health.problem()
        if problem is not None:
            self._health.suspect()
            return web.Response(status=503, text=f"{problem}\n")
        return web.Response(text="Ok.\n", content_type="text/html")

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._measures.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _sweep(self) -> None:
        """Close sessions whose time is over, now and then."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self._handler.sweep()

    async def _record(self, engine: Engine) -> None:
        """Keep what was asked, now and then: the engine's own log forgets it after minutes."""
        while True:
            await asyncio.sleep(RECORD_SECONDS)
            try:
                await self._handler.in_control(engine.run, RECORD_QUERIES)
            except EngineError as error:
                # Before the first `bilten warehouse apply` there is no table.
                log.debug("queries not recorded", error=error.text[:200])


async def serve(settings: Settings) -> int:
    """Run a server; see `Server.run`."""
    return await Server(settings).run()


def leave(status: int) -> None:
    """End the process at once: the engine is closed or broken, and its threads would only delay the exit."""
    os._exit(status)
