"""A source with transactions side by side: changes in the order of writing, and commits in theirs."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.warehouse.events import EVERYTHING, PLAIN, PLAIN_ROW, USUAL_ROW, Record

DATASETS = {PLAIN.name: PLAIN, EVERYTHING.name: EVERYTHING}
ROWS = {PLAIN.name: PLAIN_ROW, EVERYTHING.name: USUAL_ROW}
UNCHANGED = "__debezium_unavailable_value"
KEYS = [f"00000000-0000-7000-8000-{number:012}" for number in range(1, 7)]
STARTED = 1_795_448_328_000

Rows = dict[str, dict[str, tuple[str, str | None]]]
"""Title and note by key, by dataset."""


@dataclass
class Change:
    """One change as it was written to the log."""

    dataset: str
    operation: str
    key: str
    title: str
    position: int
    is_dead: bool = False
    leaves_out: bool = False


@dataclass
class Transaction:
    """A transaction, open or committed."""

    number: int
    changes: list[Change] = field(default_factory=list)
    commit: int = 0


class Committing:
    """Transactions that run side by side at random, as a database with row locks lets them.

    Args:
        chance: decides everything.
        transactions: how many are committed.
    """

    def __init__(self, chance: random.Random, transactions: int) -> None:
        self._chance = chance
        self._position = 1_000
        self.committed: list[Transaction] = []
        self.states: list[Rows] = [{name: {} for name in DATASETS}]
        running: list[Transaction] = []
        number = 700
        while len(self.committed) < transactions:
            if not running or (len(running) < 4 and chance.random() < 0.4):
                number += 1
                running.append(Transaction(number))
                continue
            one = chance.choice(running)
            if one.changes and chance.random() < 0.35:
                running.remove(one)
                # What is rolled back leaves its changes in the log, and the connector never tells of it.
                if chance.random() < 0.8:
                    self._commit(one)
                continue
            self._change(one, running)

    def _next(self) -> int:
        self._position += self._chance.randint(1, 90)
        return self._position

    def _change(self, one: Transaction, running: list[Transaction]) -> None:
        chance = self._chance
        dataset = chance.choice(list(DATASETS))
        others = [other for other in running if other is not one]
        if any(c.operation == "t" and c.dataset == dataset for other in others for c in other.changes):
            return
        if chance.random() < 0.05 and not any(c.dataset == dataset for o in others for c in o.changes):
            one.changes.append(Change(dataset, "t", "", "", self._next()))
            return
        locked = {(c.dataset, c.key) for other in others for c in other.changes}
        free = [key for key in KEYS if (dataset, key) not in locked]
        if not free:
            return
        key = chance.choice(free)
        exists = key in self._seen_by(one)[dataset]
        operation = chance.choice("uuud") if exists else "c"
        position = self._next()
        self_dead = dataset == PLAIN.name and operation == "u" and chance.random() < 0.1
        one.changes.append(
            Change(dataset, operation, key, f"{one.number}-{position}", position, is_dead=self_dead)
        )
        if dataset == EVERYTHING.name and operation == "u":
            one.changes[-1].leaves_out = chance.random() < 0.5

    def _seen_by(self, one: Transaction) -> Rows:
        return _applied(self.states[-1], one.changes)

    def _commit(self, one: Transaction) -> None:
        one.commit = self._next()
        self.states.append(self._seen_by(one))
        self.committed.append(one)

    def records(self, dataset: str) -> list[tuple[int, Record]]:
        """What the connector sends of a table: the place of its transaction, and the record; in order."""
        found: list[tuple[int, Record]] = []
        before = None
        for place, one in enumerate(self.committed, 1):
            for change in one.changes:
                if change.dataset == dataset:
                    record = _record(change, one.number, before, STARTED + place, len(found))
                    found.append((place, record))
            before = one.commit
        return found

    def ends(self) -> list[str]:
        """The records of the transaction topic."""
        found = []
        for place, one in enumerate(self.committed, 1):
            counts: dict[str, int] = {}
            for change in one.changes:
                contract = DATASETS[change.dataset]
                table = f"{contract.source_schema}.{contract.source_table}"
                counts[table] = counts.get(table, 0) + 1
            # Changes of a table that no contract names are counted as well.
            counts["elsewhere.unknown"] = 3
            found.append(
                json.dumps(
                    {
                        "status": "END",
                        "id": f"{one.number}:{one.commit}",
                        "event_count": sum(counts.values()),
                        "data_collections": [
                            {"data_collection": table, "event_count": count}
                            for table, count in counts.items()
                        ],
                        "ts_ms": STARTED + place,
                    }
                )
            )
        return found


def _applied(rows: Rows, changes: list[Change]) -> Rows:
    after = {dataset: dict(kept) for dataset, kept in rows.items()}
    for change in changes:
        table = after[change.dataset]
        if change.is_dead:
            continue
        if change.operation == "t":
            table.clear()
        elif change.operation == "d":
            table.pop(change.key, None)
        else:
            note = table[change.key][1] if change.leaves_out else change.title
            table[change.key] = (change.title, note if change.dataset == EVERYTHING.name else None)
    return after


def _record(change: Change, number: int, before: int | None, committed: int, offset: int) -> Record:
    row: Mapping[str, Any] | None = None
    if change.operation in "cu":
        row = {**ROWS[change.dataset], "id": change.key, "title": change.title}
        if change.dataset == EVERYTHING.name:
            row = {**row, "note": UNCHANGED if change.leaves_out else change.title}
        if change.is_dead:
            row = {**row, "amount": "no amount"}
    value = {
        "before": {"id": change.key} if change.operation == "d" else None,
        "after": row,
        "source": {
            "lsn": change.position,
            "txId": number,
            "ts_us": committed * 1_000,
            "sequence": json.dumps([str(before) if before else None, str(change.position)]),
        },
        "transaction": {"id": f"{number}:{change.position}", "total_order": 1},
        "op": change.operation,
    }
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    key = json.dumps({"id": change.key}, separators=(",", ":")) if change.key else None
    return Record(text, key, offset)
