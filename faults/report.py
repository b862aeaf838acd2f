"""The page of what was seen, written by a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from faults.proving import Seen

_HEAD = """# Faults the pipeline survives

Written by `make faults` ({date} UTC, seed {seed}) on real components: PostgreSQL, Debezium, Kafka, loader and
warehouse, with traffic of the simulator running. After each fault it waits until everything has arrived, and
compares:

- every table of the source with `ods`, row for row and value for value;
- every change that the topics ever held with `raw`: there exactly once, or its record is a dead letter; and
  nothing else;
- how old the marts are that readers see: none is older than before.

`make faults ARGS="--seed S --minutes M"` tries them at random for as long as it is told; the seed of a line
decides its pauses and its traffic. A short run is in `make test-long` (`tests/ingestion/test_faults.py`).

| # | component | fault | moment | seed | rows, changes compared | seen | verdict |
|---|---|---|---|---|---|---|---|
"""

_TAIL = """
Row 17 is seen in full by `tests/ingestion/test_drift.py` and `test_edge_cases.py` (add, drop, rename, widen,
narrow, retype, new label, key), row 19 by `test_edge_cases.py` and `test_mariadb.py`: see
[edge cases](edge-cases.md). Dagster, gates, the archive and the lineage store have tests of their own
(`tests/end_to_end`, `tests/orchestration`, `tests/archives`, `tests/lineage`).
"""


def write(path: Path, found: Sequence[Seen], seed: int) -> None:
    """Write the page.

    Args:
        path: where to.
        found: what was seen, in the order of the table.
        seed: of the run.
    """
    lines = [_line(seen) for seen in sorted(found, key=lambda seen: seen.case.fault.row)]
    head = _HEAD.format(date=f"{datetime.now(UTC):%Y-%m-%d}", seed=seed)
    path.write_text(head + "\n".join(lines) + "\n" + _TAIL, encoding="utf-8")


def _line(seen: Seen) -> str:
    fault = seen.case.fault
    what = " ".join(seen.what.split()).replace("|", "\\|")[:300]
    return (
        f"| {fault.row} | {fault.component} | {fault.name} | {seen.case.moment} | {seen.seed} "
        f"| {seen.rows:,}, {seen.changes:,} | {what} | {'holds' if seen.holds else '**fails**'} |"
    )
