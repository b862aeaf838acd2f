"""Every fault, in the order of the table."""

from __future__ import annotations

from faults import database, loader, marts, messages, processes, topics, warehouse
from faults.fault import Case, Fault

FAULTS: tuple[Fault, ...] = tuple(
    sorted(
        (
            fault
            for part in (loader, topics, processes, warehouse, marts, database, messages)
            for fault in part.FAULTS
        ),
        key=lambda fault: fault.row,
    )
)
CASES: tuple[Case, ...] = tuple(case for fault in FAULTS for case in fault.cases)
