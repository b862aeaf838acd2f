"""From an empty machine to a running stack with data: the steps of ``bilten up``, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path

from bilten.contracts import Contracts
from bilten.errors import OrchestrationError, ServiceNotReady
from bilten.settings import Settings
from ingestion import connector
from ingestion.progress import SourceProgress
from operational import database, history, migrate
from stack import dagster, jars, operate, status
from stack.design import report_design
from stack.layout import Layout
from stack.program import Program
from stack.steps import Step, Tell
from stack.versions import platform_version
from warehouse import migrate as warehouse_migrate
from warehouse import publish, snapshots, standing
from warehouse.access.install import install_views
from warehouse.access.policy import make_policy
from warehouse.access.users import Users
from warehouse.client import Warehouse

STALLED_SECONDS = 180
MARK_SECONDS = 1.0
BUILD_SECONDS = 600
TRAFFIC_SECONDS = 20
CHANGES_MEASURED = 200
"""Freshness is told at the end; fewer changes would say little of its 95th percentile."""


class BringUp:
    """The steps of one start. Each is harmless when there is nothing left to do for it.

    Args:
        settings: the stack's settings, passwords included.
        contracts: the tables.
        names: the processes to start; steps that need others are left out.
    """

    def __init__(self, settings: Settings, contracts: Contracts, names: Collection[str]) -> None:
        self._settings = settings
        self._contracts = contracts
        self._names = frozenset(names)
        self._jars = Path()
        self._programs: tuple[Program, ...] = ()

    def steps(self) -> tuple[Step, ...]:
        """Every step that these processes need, in order."""
        return tuple(
            step
            for needs, step in (
                (set(), Step("Packages", self._install)),
                (set(), Step("Supervisor", self._supervise)),
                ({"warehouse"}, Step("Upgrade", self._upgrade)),
                (
                    set(),
                    Step("Databases and log", self._starts("postgresql", "kafka", "warehouse", "connect")),
                ),
                ({"postgresql"}, Step("Operational schema", self._schema)),
                ({"postgresql"}, Step("History", self._history)),
                ({"warehouse"}, Step("Warehouse schema", self._warehouse_schema)),
                ({"connect", "postgresql"}, Step("Change capture", self._capture)),
                ({"loader"}, Step("Loader", self._starts("loader", "lineage"))),
                ({"loader", "warehouse", "connect"}, Step("First load", self._catch_up)),
                (
                    {"dagster-webserver"},
                    Step("Dagster", self._dagster),
                ),
                ({"dagster-daemon", "loader"}, Step("Marts", self._publish)),
                ({"simulate"}, Step("Live traffic", self._traffic)),
            )
            if needs <= self._names
        )

    def _install(self, tell: Tell) -> str:
        layout = Layout.of(self._settings)
        self._jars = jars.ensure(layout.cache, lambda done, total: tell(f"{done} of {total} jars"))
        return "Java, PostgreSQL and the jars are there"

    def _supervise(self, _: Tell) -> str:
        self._programs = operate.supervise(self._settings, self._jars, self._names)
        return ""

    def _upgrade(self, _: Tell) -> str:
        """Before another engine or schema touches the warehouse's data: keep them as they are."""
        settings = self._settings
        if settings.warehouse_url is not None or not snapshots.has_data(settings):
            return "nothing to keep"
        before, now = snapshots.maker_of(settings), self._maker()
        if not snapshots.needs_snapshot(before, now):
            return "the same engine and schema"
        operate.pause(settings, "warehouse")
        kept = snapshots.take(settings)
        return f"the data are kept as {kept.path.name}; `bilten warehouse back` returns to them"

    def _maker(self) -> snapshots.Maker:
        return snapshots.this_maker(platform_version(), self._contracts)

    def _starts(self, *names: str) -> Callable[[Tell], str]:
        def run(tell: Tell) -> str:
            chosen = [each for each in self._programs if each.name in names and each.name in self._names]
            answered: list[str] = []

            def report(name: str) -> None:
                answered.append(name)
                tell(", ".join(answered))

            operate.start(self._settings, chosen, report)
            return ", ".join(answered) or "elsewhere"

        return run

    def _schema(self, _: Tell) -> str:
        return f"at {migrate.upgrade(self._settings)}"

    def _history(self, tell: Tell) -> str:
        written = 0

        def progress(table: str, rows: int) -> None:
            nonlocal written
            written += rows
            tell(f"{written:,} rows, {table}")

        loaded = history.load(self._settings, progress=progress)
        return "already there" if loaded.already else f"{loaded.total:,} rows"

    def _warehouse_schema(self, _: Tell) -> str:
        waiting = warehouse_migrate.plan(self._settings, self._contracts).steps
        if waiting:
            # No record may pass through a table whose columns change; its own step starts it again.
            operate.pause(self._settings, "loader")
            warehouse_migrate.apply(self._settings, self._contracts)
        if self._settings.warehouse_url is None:
            snapshots.note_maker(self._settings, self._maker())
        if Users(self._settings).all():
            # What people read by follows the contracts.
            with Warehouse(self._settings) as warehouse:
                install_views(warehouse, make_policy(self._contracts.values()))
        return f"{len(waiting)} changes" if waiting else "up to date"

    def _capture(self, _: Tell) -> str:
        running = connector.register(self._settings, self._contracts.sources())
        report_design(self._settings, self._contracts.sources())
        return f"{running.name} {running.state.lower()}"

    def _catch_up(self, tell: Tell) -> str:
        """Until everything that the source held at some moment of this step is in the warehouse.

        A moment marked before the slot exists is never seen again, so moments are marked all along.
        """
        sources = self._contracts.sources()
        with (
            database.connect(self._settings, autocommit=True) as connection,
            Warehouse(self._settings) as warehouse,
            SourceProgress(self._settings, sources, warehouse, connection) as progress,
        ):
            first = progress.position()
            marked = moved = time.monotonic()
            before = None
            while not progress.has_passed(first):
                now = time.monotonic()
                if now - marked > MARK_SECONDS:
                    progress.position()
                    marked = now
                    lag = status.total_lag(self._settings, self._contracts)
                    tell("waiting for Kafka and the warehouse" if lag is None else f"{lag:,} records to go")
                    if lag != before:
                        before, moved = lag, now
                if now - moved > STALLED_SECONDS:
                    raise ServiceNotReady(
                        f"Nothing has reached the warehouse for {STALLED_SECONDS} s; it lags behind.",
                        why="The connector, the broker or the loader stands still.",
                    )
            rows = standing.rows_of(warehouse, "ods", [contract.name for contract in sources])
        return f"{sum(rows.values()):,} rows"

    def _dagster(self, tell: Tell) -> str:
        # Importing Dagster takes as long as everything else together; other starts do without.
        from orchestration.instance import create_storage  # noqa: PLC0415

        create_storage(dagster.home(Layout.of(self._settings)))
        return self._starts("dagster-code", "dagster-webserver", "dagster-daemon")(tell)

    def _traffic(self, tell: Tell) -> str:
        outcome = self._starts("simulate")(tell)
        names = [contract.name for contract in self._contracts.captured()]
        deadline = time.monotonic() + TRAFFIC_SECONDS
        with Warehouse(self._settings) as warehouse:
            while time.monotonic() < deadline:
                time.sleep(1)
                changes = standing.freshness(warehouse, names, TRAFFIC_SECONDS).changes
                tell(f"{changes} changes have arrived")
                if changes >= CHANGES_MEASURED:
                    break
        return outcome

    def _publish(self, tell: Tell) -> str:
        with Warehouse(self._settings) as warehouse:
            published = publish.current_publication(warehouse)
        if published is not None:
            return f"published {published.published_at:%Y-%m-%d %H:%M} UTC"
        from orchestration import launch, schedules  # noqa: PLC0415

        run_id = launch.launch(self._settings, schedules.MARTS_JOB)
        tell(f"run {run_id[:8]}")
        result = launch.wait(self._settings, run_id, BUILD_SECONDS)
        if not result.succeeded:
            raise OrchestrationError(
                "The first build of the marts was not published.", remedy=f"See {result.url}."
            )
        return "published"
