"""The transaction topic of each source → ``ops.transactions``: where which ended, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable

from bilten.contracts import Contract
from warehouse.compile import names
from warehouse.compile.statements import Statement, identifier, lines, literal

TRANSACTIONS_COLUMNS = ("source", "epoch", "position", "transaction", "committed_at", "tables", "loaded_at")

_SUFFIX = ".transaction"
_EVENT = (
    "Tuple(status String, id String, "
    "data_collections Array(Tuple(data_collection String, event_count UInt64)), ts_ms UInt64)"
)


def transaction_topic(source: str) -> str:
    """The topic in which a connector tells beginnings and ends of transactions.

    Args:
        source: the source's name, with which its topics begin.
    """
    return f"{source}{_SUFFIX}"


def transactions_dataset(contract: Contract) -> str:
    """What the loader calls the transactions of a table's source; no contract is called so."""
    return f"_transactions_{contract.source}" if contract.source else "_transactions"


def tells_transactions(contract: Contract) -> bool:
    """Whether a table's source tells where its transactions end in the order of its log."""
    return contract.kind == "source" and contract.database == "postgresql"


def transaction_statements(contracts: Iterable[Contract]) -> tuple[Statement, ...]:
    """Where the records of each source's transaction topic pass, and the views that read them.

    Only ends are kept, and only those of PostgreSQL: there the identifier is the transaction's number and the
    position behind its commit.
    """
    datasets = {transactions_dataset(contract) for contract in contracts if tells_transactions(contract)}
    return tuple(statement for dataset in sorted(datasets) for statement in _passage(dataset))


def _passage(dataset: str) -> tuple[Statement, Statement]:
    landing, view = names.landing(dataset), names.view(dataset, "parse")
    columns = lines(f"{identifier(column)} {kind}" for column, kind in names.LANDING_COLUMNS)
    epoch = f"headers[{literal(names.EPOCH_HEADER)}]"
    selected = lines(
        [
            f"left(_topic, length(_topic) - {len(_SUFFIX)}) AS source",
            f"toUInt16OrZero({epoch}) AS epoch",
            "toUInt64OrZero(splitByChar(':', _event.id)[2]) AS position",
            "toUInt64OrZero(splitByChar(':', _event.id)[1]) AS transaction",
            "fromUnixTimestamp64Milli(toInt64(_event.ts_ms), 'UTC') AS committed_at",
            "CAST(_event.data_collections, 'Map(String, UInt64)') AS tables",
            "now64(6, 'UTC') AS loaded_at",
        ]
    )
    return (
        Statement(
            names.plain_name(landing),
            "table",
            f"CREATE TABLE IF NOT EXISTS {landing} (\n{columns}\n)\nENGINE = Null",
        ),
        Statement(
            names.plain_name(view),
            "materialized_view",
            f"CREATE MATERIALIZED VIEW IF NOT EXISTS {view} TO ops.transactions\nAS SELECT\n{selected}\n"
            f"FROM (SELECT _topic, headers, JSONExtract(ifNull(value, ''), {literal(_EVENT)}) AS _event "
            f"FROM {landing})\nWHERE _event.status = 'END' AND position > 0",
        ),
    )
