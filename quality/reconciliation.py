"""Source ↔ ``ods``: rows and values, compared while both change.

Neither side is stopped. Sums of row hashes over buckets of keys show where the sides differ, the keys of
those buckets which rows. Most of them are changes on their way, so each is looked at again. A row differs in
truth only if the source's row did not change between two looks, the loader had passed the log position of
the first look before the warehouse was read, and the warehouse says something else twice. A row that was
overtaken by new changes is looked at again until it settles.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from bilten.contracts import Contract
from bilten.fingerprints import FingerprintSide, TableFingerprint, buckets_for
from bilten.results import MAXIMUM_SAMPLES, Outcome, Verdict

ROUNDS = 10
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.5
LOOK_SECONDS = 0.05
GROUP_ROWS = 100_000
"""PostgreSQL reads and hashes about so many rows in a second."""

Nature = Literal["missing", "surplus", "different"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that the sides disagree on.

    Attributes:
        key: its key's canonical text.
        nature: ``missing`` in the warehouse, ``surplus`` there, or ``different`` in a value.
    """

    key: str
    nature: Nature


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came out for one table.

    Attributes:
        dataset: the table.
        source_rows: rows in the source at the first look.
        warehouse_rows: rows in ``ods`` at its first look, a moment later.
        differences: rows that differ in truth.
        unsettled: rows that changed at every look, of which nothing can be said.
        rounds: looks taken at single rows.
    """

    dataset: str
    source_rows: int
    warehouse_rows: int
    differences: tuple[Difference, ...]
    unsettled: int
    rounds: int


def different_buckets(one: TableFingerprint, other: TableFingerprint) -> tuple[int, ...]:
    """Buckets in which two fingerprints of one table differ.

    Raises:
        ValueError: they were not made with the same number of buckets.
    """
    if one.buckets != other.buckets:
        raise ValueError("fingerprints of different numbers of buckets cannot be compared")
    return tuple(
        sorted(
            bucket
            for bucket in one.sums.keys() | other.sums.keys()
            if one.sums.get(bucket) != other.sums.get(bucket)
        )
    )


def different_keys(source: Mapping[str, int], warehouse: Mapping[str, int]) -> frozenset[str]:
    """Keys whose row is on one side only or has different hashes."""
    return frozenset(key for key in source.keys() | warehouse.keys() if source.get(key) != warehouse.get(key))


def reconcile_all(
    contracts: Sequence[Contract],
    source: FingerprintSide,
    warehouse: FingerprintSide,
    has_passed: Callable[[int], bool],
    position: Callable[[], int],
    *,
    rows: Mapping[str, int] | None = None,
    rounds: int = ROUNDS,
    patience: float = PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[Reconciliation, ...]:
    """Compare tables on both sides.

    Small tables are looked at together, so that they share the wait for the loader. Large ones are by
    themselves: between the looks at its two sides many rows of a table change, and each has to be looked at
    again.

    Args:
        contracts: the tables' contracts; each has a key.
        source: the operational side.
        warehouse: the ``ods`` side.
        has_passed: whether the loader has brought in everything up to a position of the source's log.
        position: the end of the source's log now.
        rows: rows of each table, roughly, to choose the number of buckets.
        rounds: most looks at single rows.
        patience: seconds to wait for the loader at each look; a loader that does not get there makes rows
            unsettled, never different.
        pause: waits some seconds.

    Returns:
        What differs, and what could not be settled, per table.
    """
    known = rows or {}
    found = {
        result.dataset: result
        for group in _groups(contracts, known)
        for result in _reconcile_group(
            group, source, warehouse, has_passed, position, known, rounds, patience, pause
        )
    }
    return tuple(found[contract.name] for contract in contracts)


def _groups(contracts: Sequence[Contract], rows: Mapping[str, int]) -> Iterable[list[Contract]]:
    group: list[Contract] = []
    together = 0
    for contract in sorted(contracts, key=lambda each: (rows.get(each.name, 0), each.name)):
        size = rows.get(contract.name, 0)
        if group and together + size > GROUP_ROWS:
            yield group
            group, together = [], 0
        group.append(contract)
        together += size
    if group:
        yield group


def _reconcile_group(
    contracts: Sequence[Contract],
    source: FingerprintSide,
    warehouse: FingerprintSide,
    has_passed: Callable[[int], bool],
    position: Callable[[], int],
    rows: Mapping[str, int],
    rounds: int,
    patience: float,
    pause: Callable[[float], None],
) -> tuple[Reconciliation, ...]:
    sizes = {contract.name: buckets_for(rows.get(contract.name, 0)) for contract in contracts}
    first = {each.name: source.table(each, sizes[each.name]) for each in contracts}
    _wait(has_passed, position(), patience, pause)
    second = {each.name: warehouse.table(each, sizes[each.name]) for each in contracts}
    suspects = [
        _Suspect(
            contract,
            *_differing_rows(contract, source, warehouse, first[contract.name], second[contract.name]),
        )
        for contract in contracts
    ]
    looks = 0
    while any(suspect.keys for suspect in suspects) and looks < rounds:
        looks += 1
        if not _wait(has_passed, position(), patience, pause):
            break
        for suspect in suspects:
            suspect.look(source, warehouse)
        if any(suspect.keys for suspect in suspects):
            pause(PAUSE_SECONDS)
    return tuple(
        Reconciliation(
            dataset=suspect.contract.name,
            source_rows=first[suspect.contract.name].rows,
            warehouse_rows=second[suspect.contract.name].rows,
            differences=tuple(Difference(key, nature) for key, nature in sorted(suspect.proven.items())),
            unsettled=len(suspect.keys),
            rounds=looks,
        )
        for suspect in suspects
    )


def _differing_rows(
    contract: Contract,
    source: FingerprintSide,
    warehouse: FingerprintSide,
    first: TableFingerprint,
    second: TableFingerprint,
) -> tuple[set[str], Mapping[str, int]]:
    """Keys that seem to differ, and what the source says of them."""
    buckets = different_buckets(first, second)
    if not buckets:
        return set(), {}
    there = warehouse.rows_of_buckets(contract, first.buckets, buckets)
    here = source.rows_of_buckets(contract, first.buckets, buckets)
    keys = set(different_keys(here, there))
    return keys, {key: here[key] for key in keys if key in here}


@dataclass(slots=True)
class _Suspect:
    """Rows of one table that seem to differ.

    Attributes:
        contract: the table.
        keys: rows of which nothing is certain yet.
        before: the source's hashes at the last look; keys that were not there are left out.
        suspected: what the warehouse said of rows that differed while the source stood still.
        proven: rows that differ in truth.
    """

    contract: Contract
    keys: set[str]
    before: Mapping[str, int]
    suspected: dict[str, int | None] = field(default_factory=dict)
    proven: dict[str, Nature] = field(default_factory=dict)

    def look(self, source: FingerprintSide, warehouse: FingerprintSide) -> None:
        """Look again. The loader has passed the log's end of a moment after the last look at the source."""
        if not self.keys:
            return
        wanted = sorted(self.keys)
        seen = warehouse.rows_of_keys(self.contract, wanted)
        now = source.rows_of_keys(self.contract, wanted)
        for key in wanted:
            if seen.get(key) == now.get(key):
                self.keys.discard(key)
            elif self.before.get(key) != now.get(key):
                self.suspected.pop(key, None)
            elif key in self.suspected and self.suspected[key] == seen.get(key):
                self.keys.discard(key)
                self.proven[key] = _nature(now.get(key), seen.get(key))
            else:
                # A row that came and went between two looks at the source looks as if it had stood still. The
                # loader passes its going before the next look, so what is said twice is true.
                self.suspected[key] = seen.get(key)
        self.before = now


def _wait(
    has_passed: Callable[[int], bool], wanted: int, patience: float, pause: Callable[[float], None]
) -> bool:
    waited = 0.0
    while not has_passed(wanted):
        if waited >= patience:
            return False
        pause(LOOK_SECONDS)
        waited += LOOK_SECONDS
    return True


def _nature(source: int | None, warehouse: int | None) -> Nature:
    if warehouse is None:
        return "missing"
    return "surplus" if source is None else "different"


def source_check_id(dataset: str) -> str:
    """Identifier of the check that ``ods`` equals the source."""
    return f"{dataset}.ods_equals_source"


def archive_check_id(dataset: str) -> str:
    """Identifier of the check that the archive equals ``raw``."""
    return f"{dataset}.bronze_equals_raw"


def source_verdict(build_id: str, contract: Contract, result: Reconciliation, run_id: str = "") -> Verdict:
    """What a comparison with the source says of a build.

    Rows that never settled make it an ``error`` only when nothing else was found: nobody can tell.
    """
    counts = _counts(difference.nature for difference in result.differences)
    outcome: Outcome = "failed" if result.differences else "error" if result.unsettled else "passed"
    message = f"{result.source_rows} rows in the source, {result.warehouse_rows} in ods"
    if result.differences:
        message += ": " + ", ".join(f"{number} {nature}" for nature, number in counts.items())
    if result.unsettled:
        message += f"; {result.unsettled} changed at every look"
    # Only keys that are no personal data are shown.
    show = not any(column.is_personal for column in contract.key)
    samples = [
        {"key": difference.key, "nature": difference.nature} if show else {"nature": difference.nature}
        for difference in result.differences[:MAXIMUM_SAMPLES]
    ]
    return Verdict(
        build_id=build_id,
        dataset=contract.name,
        check_id=source_check_id(contract.name),
        kind="reconciliation",
        severity="error",
        outcome=outcome,
        checked_at=datetime.now(UTC),
        failing_rows=len(result.differences),
        total_rows=result.source_rows,
        samples=tuple(samples),
        message=message + ".",
        run_id=run_id,
    )


def archive_verdict(
    build_id: str, dataset: str, raw: tuple[int, str], bronze: tuple[int, str], run_id: str = ""
) -> Verdict:
    """What a comparison of the archive with ``raw`` says of a build.

    Args:
        build_id: the build.
        dataset: the table.
        raw: rows and hash of its changes in the warehouse, up to the archive's position.
        bronze: the same of the archive.
        run_id: the orchestrator's run, empty outside one.
    """
    equal = raw == bronze
    missing = abs(raw[0] - bronze[0])
    return Verdict(
        build_id=build_id,
        dataset=dataset,
        check_id=archive_check_id(dataset),
        kind="reconciliation",
        severity="error",
        outcome="passed" if equal else "failed",
        checked_at=datetime.now(UTC),
        failing_rows=0 if equal else max(missing, 1),
        total_rows=raw[0],
        message=f"{raw[0]} changes in raw, {bronze[0]} in bronze, values {'equal' if equal else 'differ'}.",
        run_id=run_id,
    )


def _counts(natures: Iterable[Nature]) -> dict[Nature, int]:
    counted: dict[Nature, int] = {}
    for nature in natures:
        counted[nature] = counted.get(nature, 0) + 1
    return counted
