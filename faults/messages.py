"""Row 18: records that are no changes, or cannot be kept."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bilten.contracts import Contract
from faults.comparison import current_rows
from faults.fault import Fault
from faults.scene import Scene
from faults.topics import Message, send
from ingestion.dead_letters import replay
from warehouse.client import Warehouse
from warehouse.dead_letters import DeadLetter, find_dead_letters

DATASET = "tickets__orders"
KEY = b'{"id":"00000000-0000-7000-8000-00000000dead"}'


def _bad(scene: Scene, moment: str) -> str:
    """Each becomes a dead letter that says why; nothing waits for them; replaying them changes nothing."""
    orders = scene.contracts[DATASET]
    loader = scene.loader
    with Warehouse(scene.settings) as warehouse:
        known = {letter.id for letter in find_dead_letters(warehouse)}
        bad = bad_values(an_event(warehouse, orders))
        for value in bad.values():
            send(scene, DATASET, [Message(KEY, value, [])])
        scene.wait("all of them are dead letters", lambda: len(_new(warehouse, known)) >= len(bad))
        letters = _new(warehouse, known)
        assert {letter.value for letter in letters} == set(bad.values())
        assert all(letter.reasons and letter.status == "open" for letter in letters)
        scene.until_read()
        wrong = current_rows(warehouse, orders)
        replayed = replay(warehouse, letters)
        assert (len(replayed.landed), len(replayed.refused)) == (0, len(bad)), "the cause is still there"
        assert not [row for row in current_rows(warehouse, orders) - wrong if "dead" in str(row[0])]
    assert loader.is_running, loader.text
    return f"{len(bad)} records became {len(letters)} dead letters with their reasons; replayed, they stay so"


def _new(warehouse: Warehouse, known: set[str]) -> list[DeadLetter]:
    return [letter for letter in find_dead_letters(warehouse, dataset=DATASET) if letter.id not in known]


def an_event(warehouse: Warehouse, contract: Contract) -> dict[str, dict[str, object]]:
    """A change event of a row as the topic has it."""
    found = warehouse.query(f"SELECT * FROM ods.`{contract.name}` LIMIT 1")
    first = dict(zip(found.columns, found.rows[0], strict=True))
    after: dict[str, object] = {
        column.name: None if first[column.name] is None else str(first[column.name])
        for column in contract.columns
    }
    return {"after": after, "source": {"lsn": 1, "ts_us": 1, "txId": 1}}


def bad_values(good: Mapping[str, Mapping[str, object]]) -> dict[str, bytes]:
    """What is wrong with a record, and such a record."""

    def event(op: object = "c", source: dict[str, object] | None = None, **changed: object) -> bytes:
        return json.dumps(
            {
                "before": None,
                "after": {**good["after"], **changed},
                "source": source if source is not None else good["source"],
                "op": op,
            }
        ).encode()

    return {
        "not JSON": b"this is no JSON",
        "cut off": event()[:-20],
        "null bytes": b"\x00\x01\x02\xff\xfe",
        "no object": b'["a", 1]',
        "wrong type": event(total="twelve"),
        "number in a text key": event(id=17),
        "missing key": event(id=None),
        "overflowing decimal": event(total="123456789012345678.00"),
        "finer than the column": event(total="1.239"),
        "no time": event(placed_at="soon"),
        "unknown operation": event(op="x"),
        "no position": event(source={}),
        "huge and wrong": event(total="9" * 2_000_000),
    }


FAULTS = (Fault(18, "message", "not JSON, wrong type, missing key, …", _bad, ("any",), short=("any",)),)
