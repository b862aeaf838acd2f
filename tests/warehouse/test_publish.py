"""Publication on a real engine: the gate, the pointer, rollback, and readers who never see a mixture."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bilten.cli.marts import app
from bilten.contracts import Contract, load_contracts
from bilten.errors import BuildNotFound, PublicationRefused, WarehouseError
from bilten.results import Outcome, Verdict
from bilten.settings import Settings
from tests.fixtures.warehouse import WarehouseProcess
from tests.settings import environment, free_port, make_settings
from warehouse.builds import (
    Build,
    database_of,
    drop_build,
    finish_build,
    list_builds,
    new_build_id,
    record_verdicts,
    start_build,
    verdicts_of,
)
from warehouse.client import Warehouse
from warehouse.publish import (
    Publication,
    builds_to_drop,
    current_publication,
    drop_old_builds,
    history,
    publish,
    rollback,
)
from warehouse.readers import create_missing_readers, mart_type
from warehouse.schema import database_statements
from warehouse.schema.operations import OPERATIONS_TABLES

CHECKS = ("rows_are_there", "amounts_agree")
MARTS = tuple(load_contracts()[name] for name in ("orders", "tickets"))
ROWS = 1_000
START = datetime(2026, 1, 31, 10, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse of this module's own: the pointer is one for all."""
    home: Path = tmp_path_factory.mktemp("publish-home")
    process = WarehouseProcess(make_settings(home, warehouse_port=free_port()))
    process.start()
    yield process.settings
    assert process.stop() == 0


@pytest.fixture(scope="module")
def engine(engine_settings: Settings) -> Iterator[Warehouse]:
    """A client of it; databases and the platform's tables are there."""
    with Warehouse(engine_settings) as client:
        for statement in (*database_statements(), *OPERATIONS_TABLES):
            client.command(statement.sql)
        yield client


@pytest.fixture
def warehouse(engine: Warehouse) -> Warehouse:
    """The same, with nothing built or published."""
    for build in list_builds(engine):
        drop_build(engine, build)
    for table in ("publications", "builds", "quality_results"):
        engine.command(f"TRUNCATE TABLE ops.{table}")
    return engine


def build_id(number: int) -> str:
    return new_build_id(START + timedelta(minutes=number))


def make_build(
    warehouse: Warehouse,
    number: int,
    *,
    marts: tuple[Contract, ...] = MARTS,
    outcomes: dict[str, Outcome] | None = None,
    identifier: str | None = None,
) -> str:
    """A complete build whose rows all say its number, with verdicts."""
    build = identifier or build_id(number)
    start_build(warehouse, build)
    for contract in marts:
        columns = ", ".join(f"`{column.name}` {mart_type(column)}" for column in contract.columns)
        table = f"`{database_of(build)}`.`{contract.name}`"
        warehouse.command(
            f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree "
            "ORDER BY order_id SETTINGS allow_nullable_key = 1"
        )
        marked = "items" if contract.name == "orders" else "transfers"
        warehouse.command(
            f"INSERT INTO {table} (order_id, {marked}) "
            "SELECT toUUID(concat('00000000-0000-7000-8000-', leftPad(toString(number), 12, '0'))), "
            f"{number} FROM numbers({ROWS})"
        )
    finish_build(warehouse, build, succeeded=True)
    judged = outcomes if outcomes is not None else dict.fromkeys(CHECKS, "passed")
    record_verdicts(warehouse, [verdict(build, check, outcome) for check, outcome in judged.items()])
    return build


def verdict(build: str, check: str, outcome: Outcome) -> Verdict:
    return Verdict(
        build_id=build,
        dataset="orders",
        check_id=check,
        kind="dbt",
        severity="error",
        outcome=outcome,
        checked_at=datetime.now(UTC),
        failing_rows=0 if outcome == "passed" else 2,
        total_rows=ROWS,
        samples=({"order_id": "7", "total_amount": "1.00"},) if outcome == "failed" else (),
    )


def seen(warehouse: Warehouse) -> set[tuple[int, int]]:
    """Which build's rows a reader of two marts sees."""
    return {
        (int(row[0]), int(row[1]))
        for row in warehouse.query(
            "SELECT DISTINCT orders.items, tickets.transfers "
            "FROM marts.orders AS orders "
            "INNER JOIN marts.tickets AS tickets ON tickets.order_id = orders.order_id"
        ).rows
    }


def go(warehouse: Warehouse, build: str, marts: tuple[Contract, ...] = MARTS) -> Publication:
    return publish(warehouse, build, required_checks=CHECKS, marts=marts)


@pytest.mark.warehouse
def test_marts_are_empty_before_the_first_publication(warehouse: Warehouse) -> None:
    create_missing_readers(warehouse, MARTS)
    make_build(warehouse, 1)
    assert current_publication(warehouse) is None
    assert warehouse.scalar("SELECT count() FROM marts.orders") == 0


@pytest.mark.warehouse
def test_a_build_that_passed_is_what_readers_see(warehouse: Warehouse) -> None:
    first = make_build(warehouse, 1)
    published = go(warehouse, first)
    assert (published.build_id, published.reason) == (first, "publish")
    assert seen(warehouse) == {(1, 1)}
    go(warehouse, make_build(warehouse, 2))
    assert seen(warehouse) == {(2, 2)}
    assert warehouse.scalar("SELECT count() FROM marts.orders") == ROWS


@pytest.mark.warehouse
def test_publishing_again_changes_nothing(warehouse: Warehouse) -> None:
    build = make_build(warehouse, 1)
    assert go(warehouse, build) == go(warehouse, build)
    assert len(history(warehouse)) == 1


@pytest.mark.warehouse
@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ({"rows_are_there": "passed"}, "amounts_agree: no verdict bears this build."),
        (
            {"rows_are_there": "passed", "amounts_agree": "failed"},
            "amounts_agree: 2 of 1000 rows break the rule\n    order_id=7, total_amount=1.00",
        ),
        ({"rows_are_there": "passed", "amounts_agree": "error"}, "amounts_agree: could not be evaluated"),
        ({"rows_are_there": "passed", "amounts_agree": "skipped"}, "amounts_agree: was not evaluated"),
    ],
)
def test_a_gate_that_is_not_passed_leaves_what_is_published(
    warehouse: Warehouse, outcomes: dict[str, Outcome], said: str
) -> None:
    go(warehouse, make_build(warehouse, 1))
    candidate = make_build(warehouse, 2, outcomes=outcomes)
    with pytest.raises(PublicationRefused) as refused:
        go(warehouse, candidate)
    assert said in refused.value.what
    assert seen(warehouse) == {(1, 1)}


@pytest.mark.warehouse
def test_verdicts_of_another_build_do_not_count(warehouse: Warehouse) -> None:
    make_build(warehouse, 1)
    unjudged = make_build(warehouse, 2, outcomes={})
    with pytest.raises(PublicationRefused) as refused:
        go(warehouse, unjudged)
    assert refused.value.details["missing"] == sorted(CHECKS)
    assert current_publication(warehouse) is None


@pytest.mark.warehouse
def test_no_required_check_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(PublicationRefused, match="nothing was judged"):
        publish(warehouse, make_build(warehouse, 1), required_checks=(), marts=MARTS)


@pytest.mark.warehouse
def test_an_unfinished_build_is_refused(warehouse: Warehouse) -> None:
    build = make_build(warehouse, 1)
    start_build(warehouse, build)
    with pytest.raises(PublicationRefused, match="is building, not built"):
        go(warehouse, build)


@pytest.mark.warehouse
def test_an_unknown_or_development_build_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(BuildNotFound):
        go(warehouse, build_id(1))
    with pytest.raises(WarehouseError, match="does not identify a build"):
        start_build(warehouse, "dev")


@pytest.mark.warehouse
def test_a_build_older_than_the_published_one_is_refused(warehouse: Warehouse) -> None:
    older = make_build(warehouse, 1)
    go(warehouse, make_build(warehouse, 2))
    with pytest.raises(PublicationRefused, match="is older than"):
        go(warehouse, older)
    assert seen(warehouse) == {(2, 2)}


@pytest.mark.warehouse
def test_a_build_without_a_promised_table_or_type_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(PublicationRefused, match="tickets: no such table"):
        go(warehouse, make_build(warehouse, 1, marts=MARTS[:1]))
    build = make_build(warehouse, 2)
    warehouse.command(f"ALTER TABLE `{database_of(build)}`.orders MODIFY COLUMN items UInt64")
    with pytest.raises(PublicationRefused, match=r"orders\.items: UInt64 instead of UInt32"):
        go(warehouse, build)


@pytest.mark.warehouse
def test_rollback_and_forward_again(warehouse: Warehouse) -> None:
    first, second = make_build(warehouse, 1), make_build(warehouse, 2)
    go(warehouse, first)
    go(warehouse, second)
    assert rollback(warehouse, marts=MARTS, reason="wrong rates").build_id == first
    assert seen(warehouse) == {(1, 1)}
    go(warehouse, second)
    assert seen(warehouse) == {(2, 2)}
    assert [(each.build_id, each.reason) for each in history(warehouse)] == [
        (second, "publish"),
        (first, "rollback: wrong rates"),
        (second, "publish"),
        (first, "publish"),
    ]


@pytest.mark.warehouse
def test_rollback_to_what_was_never_published_is_refused(warehouse: Warehouse) -> None:
    unpublished = make_build(warehouse, 1)
    go(warehouse, make_build(warehouse, 2))
    with pytest.raises(PublicationRefused, match="was never published"):
        rollback(warehouse, marts=MARTS, build_id=unpublished)
    with pytest.raises(PublicationRefused, match="no earlier publication"):
        rollback(warehouse, marts=MARTS)


@pytest.mark.warehouse
def test_a_clock_that_was_set_back_does_not_hold_a_publication_up(warehouse: Warehouse) -> None:
    first = make_build(warehouse, 1)
    warehouse.command(
        "INSERT INTO ops.publications "
        "VALUES ({at:DateTime64(6, 'UTC')}, {build:String}, {database:String}, '', '')",
        {"at": datetime.now(UTC) + timedelta(days=1), "build": first, "database": database_of(first)},
    )
    go(warehouse, make_build(warehouse, 2))
    assert seen(warehouse) == {(2, 2)}


@pytest.mark.warehouse
def test_a_changed_contract_changes_the_view_with_the_publication(warehouse: Warehouse) -> None:
    go(warehouse, make_build(warehouse, 1))
    columns = [column for column in MARTS[0].columns if column.name != "channel"]
    smaller = (replace(MARTS[0], columns=tuple(columns)), MARTS[1])
    go(warehouse, make_build(warehouse, 2, marts=smaller), smaller)
    assert "channel" not in warehouse.query("SELECT * FROM marts.orders LIMIT 1").columns
    with pytest.raises(PublicationRefused, match=r"orders\.channel: nothing"):
        rollback(warehouse, marts=MARTS, build_id=current(warehouse))


def current(warehouse: Warehouse) -> str:
    # A build that was published before the present one, with the smaller contract.
    go(warehouse, make_build(warehouse, 3))
    return history(warehouse)[1].build_id


@pytest.mark.warehouse
def test_verdicts_come_back_as_they_were_recorded(warehouse: Warehouse) -> None:
    build = build_id(1)
    recorded = [verdict(build, "a", "failed"), verdict(build, "b", "passed")]
    assert record_verdicts(warehouse, recorded) == 2
    assert list(verdicts_of(warehouse, build)) == sorted(recorded, key=lambda each: each.checked_at)


@pytest.mark.warehouse
def test_old_builds_are_dropped_and_rollback_targets_stay(warehouse: Warehouse) -> None:
    published = []
    for number in range(1, 7):
        published.append(make_build(warehouse, number))
        go(warehouse, published[-1])
    unpublished = make_build(warehouse, 7)
    assert drop_old_builds(warehouse, kept=3) == tuple(published[:2])
    assert seen(warehouse) == {(6, 6)}
    assert {build.build_id for build in list_builds(warehouse) if build.status != "dropped"} == {
        *published[2:],
        unpublished,
    }
    rollback(warehouse, marts=MARTS, build_id=published[2])
    assert seen(warehouse) == {(3, 3)}
    with pytest.raises(PublicationRefused, match="no such table"):
        rollback(warehouse, marts=MARTS, build_id=published[0])
    assert drop_old_builds(warehouse, kept=3) == ()


@pytest.mark.warehouse
def test_readers_of_two_marts_never_see_a_mixture(warehouse: Warehouse) -> None:
    """Publications, rollbacks and builds of other databases go on while readers join two marts."""
    builds = [make_build(warehouse, number) for number in range(1, 4)]
    go(warehouse, builds[0])
    stop = threading.Event()
    mixtures: list[object] = []
    failures: list[BaseException] = []
    reads = [0, 0]

    def read(slot: int) -> None:
        try:
            while not stop.is_set():
                found = seen(warehouse)
                if len(found) != 1 or len(set(found.pop())) != 1:
                    mixtures.append(found)
                reads[slot] += 1
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read, args=(slot,)) for slot in range(2)]
    for reader in readers:
        reader.start()
    try:
        for turn in range(20):
            go(warehouse, builds[1])
            go(warehouse, builds[2])
            rollback(warehouse, marts=MARTS, build_id=builds[0])
            # A build that comes and goes beside, as a failed one does.
            passing = database_of(build_id(100 + turn))
            warehouse.command(f"CREATE DATABASE `{passing}`")
            warehouse.command(f"CREATE TABLE `{passing}`.orders AS `{database_of(builds[0])}`.orders")
            warehouse.command(f"DROP DATABASE `{passing}`")
    finally:
        stop.set()
        for reader in readers:
            reader.join(60)
    assert not failures
    assert not mixtures
    assert min(reads) >= 10


@pytest.mark.warehouse
def test_the_command_line_tells_builds_verdicts_and_publications(
    warehouse: Warehouse, engine_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(engine_settings).items():
        monkeypatch.setenv(name, value)
    first, second = make_build(warehouse, 1), make_build(warehouse, 2)
    go(warehouse, first)
    go(warehouse, second)
    failed = make_build(warehouse, 3, outcomes={"rows_are_there": "failed"})

    def answer(*arguments: str) -> object:
        result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
        assert result.exit_code == 0
        return json.loads(result.stdout)

    assert [(each["build_id"], each["published"]) for each in as_rows(answer("builds"))] == [
        (failed, False),
        (second, True),
        (first, False),
    ]
    (broken,) = as_rows(answer("verdicts"))
    assert (broken["check_id"], broken["failing_rows"]) == ("rows_are_there", 2)
    assert [each["build_id"] for each in as_rows(answer("history"))] == [second, first]
    with pytest.raises(PublicationRefused, match="payments: no such table"):
        CliRunner().invoke(app, ["rollback"], catch_exceptions=False)
    shown = CliRunner().invoke(app, ["verdicts"], catch_exceptions=False).stdout
    assert failed in shown
    assert "1 failed" in shown


def as_rows(answered: object) -> list[dict[str, object]]:
    assert isinstance(answered, list)
    return answered


def build(number: int, status: str = "built") -> Build:
    identifier = f"20260131T1015{number:02d}_00000000"
    return Build(identifier, f"build_{identifier}", status, START)  # type: ignore[arg-type]


def published(number: int) -> Publication:
    one = build(number)
    return Publication(START, one.build_id, one.database, "publish", "")


def test_which_builds_are_dropped() -> None:
    builds = [*(build(number) for number in range(1, 8)), build(8, "failed"), build(9, "building")]
    newest_first = [published(number) for number in (7, 5, 3, 2, 1)]
    assert builds_to_drop(builds, newest_first, kept=2) == tuple(
        build(number).build_id for number in (1, 2, 4, 6)
    )
    assert builds_to_drop(builds, []) == ()


def test_after_a_rollback_newer_builds_stay() -> None:
    builds = [build(number) for number in range(1, 6)]
    assert builds_to_drop(builds, [published(3), published(5), published(4)], kept=1) == (
        build(1).build_id,
        build(2).build_id,
    )


class Cancelled(BaseException):
    """What Dagster raises in a run that somebody cancels."""


def test_a_publication_that_is_cancelled_at_any_statement_is_done_or_not_done(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_build(warehouse, 1)
    publish(warehouse, before, required_checks=CHECKS, marts=MARTS)
    left, answers = 0, {name: getattr(warehouse, name) for name in ("query", "command")}

    def cancelled(name: str) -> Callable[..., object]:
        def ask(*arguments: Any, **options: Any) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Cancelled
            return answers[name](*arguments, **options)

        return ask

    statements, current, number = 0, 1, 2
    while current != number:
        build = make_build(warehouse, number)
        for name in answers:
            monkeypatch.setattr(warehouse, name, cancelled(name))
        left = statements
        with suppress(Cancelled):
            publish(warehouse, build, required_checks=CHECKS, marts=MARTS)
            current = number
        monkeypatch.undo()
        ((orders, tickets),) = seen(warehouse)
        assert orders == tickets
        assert orders in {current, number}
        if current != number:
            # The next run has nothing to clean up first.
            assert publish(warehouse, build, required_checks=CHECKS, marts=MARTS).build_id == build
            assert seen(warehouse) == {(number, number)}
            current, number, statements = number, number + 1, statements + 1
    assert statements > 5
