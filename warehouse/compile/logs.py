"""Where an event stands in its database's log: what the connectors of the kinds of database say of it.

Events that the platform makes itself (rows read again, deletes for lone tombstones) carry the position as one
number, ``source.lsn``, whatever the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bilten.contracts import Contract
from bilten.databases import FILES, Database
from warehouse.compile.names import POSITION_HEADER
from warehouse.compile.statements import identifier

_OF_EVERY_LOG = ("lsn", "ts_us")


@dataclass(frozen=True, slots=True)
class Log:
    """How the position of an event is read.

    Attributes:
        members: fields of ``source`` and their types; above `text_select` they are ``_source.<field>``.
        position: SQL of the position, Nullable(UInt64); a greater one is later.
        place: what refusals call it.
        row: SQL of an event's place among those of one position, from 0; empty where one is enough.
        commit_position: SQL of where its transaction was committed, Nullable(UInt64).
        transaction: SQL of the source's number of its transaction, Nullable(UInt64).
    """

    members: Mapping[str, str]
    position: str
    place: str
    row: str
    commit_position: str
    transaction: str

    @property
    def member_type(self) -> str:
        """The type that ``source`` is read as."""
        return f"Tuple({', '.join(f'{name} {kind}' for name, kind in self.members.items())})"

    @property
    def columns(self) -> tuple[str, ...]:
        """The members as columns above `text_select`, those that every log has first."""
        others = [name for name in self.members if name not in _OF_EVERY_LOG]
        return tuple(identifier(f"_source.{name}") for name in (*_OF_EVERY_LOG, *others))


_LOGS: Mapping[Database, Log] = {
    "postgresql": Log(
        members={
            "lsn": "Nullable(UInt64)",
            "txId": "Nullable(UInt64)",
            "ts_us": "Nullable(Int64)",
            "sequence": "Nullable(String)",
        },
        position="`_source.lsn`",
        place="source.lsn",
        row="",
        # ["28775152","28775208"], or [null,"28774920"]: another parser would cost more than the rest.
        commit_position=(
            "toUInt64OrNull(substring(`_source.sequence`, 3, position(`_source.sequence`, '\"', 3) - 3))"
        ),
        transaction="`_source.txId`",
    ),
    "mariadb": Log(
        members={
            "lsn": "Nullable(UInt64)",
            "ts_us": "Nullable(Int64)",
            "file": "Nullable(String)",
            "pos": "Nullable(UInt64)",
            "row": "Nullable(UInt64)",
            "gtid": "Nullable(String)",
        },
        # Number of the log file, then the place in it, which takes four bytes in the log itself.
        position=(
            "ifNull(`_source.lsn`, bitOr(bitShiftLeft("
            "toUInt64OrNull(extract(ifNull(`_source.file`, ''), '[0-9]+$')), 32), `_source.pos`))"
        ),
        place="source.pos",
        # One event of the log may change a row several times (INSERT … ON DUPLICATE KEY UPDATE).
        row="ifNull(`_source.row`, 0)",
        # The log is in the order of commits.
        commit_position="CAST(NULL, 'Nullable(UInt64)')",
        transaction="toUInt64OrNull(extract(ifNull(`_source.gtid`, ''), '[0-9]+$'))",
    ),
    "mongodb": Log(
        members={
            "lsn": "Nullable(UInt64)",
            "ts_us": "Nullable(Int64)",
            "ord": "Nullable(UInt64)",
            "txnNumber": "Nullable(UInt64)",
        },
        # A timestamp of the cluster: seconds, then a counter within them.
        position=(
            "ifNull(`_source.lsn`, bitOr(bitShiftLeft(toUInt64(intDiv(`_source.ts_us`, 1000000)), 32), "
            "`_source.ord`))"
        ),
        place="source.ord",
        # All changes of a transaction have its timestamp.
        row="ifNull(_ordinal, 0)",
        commit_position="CAST(NULL, 'Nullable(UInt64)')",
        transaction="`_source.txnNumber`",
    ),
    FILES: Log(
        members={"lsn": "Nullable(UInt64)", "ts_us": "Nullable(Int64)", "row": "Nullable(UInt64)"},
        position="`_source.lsn`",
        place=f"header {POSITION_HEADER}",
        # All lines of a file have its position.
        row="ifNull(`_source.row`, 0)",
        commit_position="CAST(NULL, 'Nullable(UInt64)')",
        transaction="`_source.lsn`",
    ),
    "cassandra": Log(
        members={"lsn": "Nullable(UInt64)", "ts_us": "Nullable(Int64)"},
        # The write's own time in microseconds: by it Cassandra itself decides which value stands.
        position="ifNull(`_source.lsn`, if(`_source.ts_us` > 0, toUInt64(`_source.ts_us`), NULL))",
        place="source.ts_us",
        # Writes of one microsecond are told apart by what they say, so that one write read from the logs of
        # several nodes, or again after a crash, is the same row.
        row="bitAnd(sipHash64(simpleJSONExtractRaw(ifNull(_value, ''), 'after')), 1099511627775)",
        commit_position="CAST(NULL, 'Nullable(UInt64)')",
        transaction="CAST(NULL, 'Nullable(UInt64)')",
    ),
}


def log_of(contract: Contract) -> Log:
    """How positions of a table's events are read."""
    return _LOGS[contract.database]
