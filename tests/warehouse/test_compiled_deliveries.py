"""Whatever values change, and however their records arrive, the warehouse says what the source says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.events import (
    CONTRACTS,
    EVERYTHING,
    PLAIN,
    PLAIN_ROW,
    ROW,
    USUAL_ROW,
    clear,
    current,
    deliver,
    event,
    reasons,
)
from warehouse import migrate
from warehouse.client import Warehouse

pytestmark = pytest.mark.warehouse

FEW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
BATCH = 40


@pytest.fixture(scope="module")
def engine(warehouse: Warehouse, warehouse_settings: Any) -> Iterator[Warehouse]:
    migrate.apply(warehouse_settings, CONTRACTS)
    yield warehouse
    for contract in (EVERYTHING, PLAIN):
        clear(warehouse, contract)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30)
moments = st.datetimes()
days = st.dates()


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    largest = 10**precision - 1
    return st.integers(-largest, largest).map(lambda number: Decimal(number).scaleb(-scale))


def plain_text(number: Decimal) -> str:
    return f"{number:f}"


@st.composite
def rows(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row as an event has it, and as the warehouse must give it back."""
    happened, local, day = draw(moments), draw(moments), draw(days)
    amount, rate = draw(decimals(10, 2)), draw(decimals(28, 10))
    others = draw(st.none() | st.lists(st.none() | st.uuids(), max_size=3))
    fraction = f".{local.microsecond:06d}".rstrip("0").rstrip(".")
    same = {
        "title": draw(texts),
        "note": draw(st.none() | texts),
        "status": draw(st.sampled_from(["open", "closed", "brand new"])),
        "is_active": draw(st.booleans()),
        "small": draw(st.none() | st.integers(-(2**15), 2**15 - 1)),
        "medium": draw(st.integers(-(2**31), 2**31 - 1)),
        "large": draw(st.none() | st.integers(-(2**63), 2**63 - 1)),
        "measure": draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        "tags": draw(
            st.lists(st.none() | texts.filter(lambda text: not text.startswith("[Ljava")), max_size=3)
        ),
        "counts": draw(st.lists(st.none() | st.integers(-(2**31), 2**31 - 1), max_size=3)),
        "details": draw(
            st.sampled_from(['{"a": 1}', '{"n": 1e400}', "[]", "null", '"text"', '{"é": "\\n"}'])
        ),
    }
    came = {
        **same,
        "happened_at": f"{stamp(happened)}.{happened.microsecond:06d}Z",
        "local_at": f"{stamp(local)}{fraction}Z",
        "day": f"{day.year:04d}-{day:%m-%d}Z",
        "amount": plain_text(amount),
        "rate": plain_text(rate),
        "others": None if others is None else [one and str(one) for one in others],
    }
    expected = {
        **same,
        "happened_at": happened.replace(tzinfo=UTC),
        "local_at": local.replace(tzinfo=UTC),
        "day": date(day.year, day.month, day.day),
        "amount": amount,
        "rate": rate,
        "others": others or [],
        "_is_null_others": others is None,
    }
    return came, expected


def stamp(moment: datetime) -> str:
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}"


@FEW
@given(st.lists(rows(), min_size=BATCH // 2, max_size=BATCH))
def test_values_come_back_as_they_were(
    engine: Warehouse, pairs: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    clear(engine, EVERYTHING)
    events = [
        event("c", {**ROW, **came, "id": str(UUID(int=number + 1))}, number + 1)
        for number, (came, _) in enumerate(pairs)
    ]
    deliver(engine, EVERYTHING, events)
    assert reasons(engine, EVERYTHING) == []
    for (_, expected), found in zip(pairs, current(engine, EVERYTHING), strict=True):
        assert {name: found[name] for name in expected} == expected
    raw = engine.query(f"SELECT {', '.join(pairs[0][1])} FROM raw.sample__everything ORDER BY id")
    assert [list(row) for row in raw.rows] == [list(expected.values()) for _, expected in pairs]


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    """Operations (what, key, position, value) as a source would do them, in the order of its log."""
    alive: set[int] = set()
    done = []
    for position in range(1, draw(st.integers(2, 14))):
        key = draw(st.integers(1, 3))
        if key not in alive:
            done.append(("c", key, position, draw(st.integers(0, 9))))
            alive.add(key)
        else:
            what = draw(st.sampled_from(["u", "u", "left out", "d", "t"]))
            done.append((what, key, position, draw(st.integers(0, 9))))
            if what == "d":
                alive.discard(key)
            if what == "t":
                alive.clear()
    return done


def as_event(operation: tuple[str, int, int, int], contract: Any) -> str:
    what, key, position, value = operation
    base = USUAL_ROW if contract is EVERYTHING else PLAIN_ROW
    identifier = str(UUID(int=key))
    if what == "t":
        return event("t", None, position)
    if what == "d":
        return event("d", None, position, before={**dict.fromkeys(base), "id": identifier})
    row = {**base, "id": identifier, "title": f"t{position}", "amount": f"{value}.00"}
    if what == "left out" and contract is EVERYTHING:
        row["title"] = "__debezium_unavailable_value"
    return event("u" if what == "left out" else what, row, position)


def state_after(history: list[tuple[str, int, int, int]], contract: Any) -> dict[int, tuple[str, Decimal]]:
    """What the source holds in the end."""
    rows: dict[int, tuple[str, Decimal]] = {}
    for what, key, position, value in history:
        if what == "t":
            rows.clear()
        elif what == "d":
            rows.pop(key)
        else:
            kept = what == "left out" and contract is EVERYTHING
            rows[key] = (rows[key][0] if kept else f"t{position}", Decimal(value))
    return rows


@pytest.mark.parametrize("contract", [EVERYTHING, PLAIN], ids=lambda contract: str(contract.name))
@FEW
@given(history=histories(), data=st.data())
def test_replays_duplicates_and_any_order_end_in_the_source_s_rows(
    engine: Warehouse, contract: Any, history: list[tuple[str, int, int, int]], data: st.DataObject
) -> None:
    clear(engine, contract)
    again = data.draw(st.lists(st.sampled_from(history), max_size=4))
    arrivals = data.draw(st.permutations([*history, *again]))
    cuts = data.draw(st.integers(1, len(arrivals)))
    for start in range(0, len(arrivals), cuts):
        deliver(
            engine, contract, [as_event(operation, contract) for operation in arrivals[start : start + cuts]]
        )
    found = {row["id"].int: (row["title"], row["amount"]) for row in current(engine, contract)}
    assert found == state_after(history, contract)
    raw = engine.query(f"SELECT _position, count() FROM raw.{contract.name} FINAL GROUP BY 1 ORDER BY 1")
    assert raw.rows == [(position, 1) for _, _, position, _ in history]
    assert reasons(engine, contract) == []
