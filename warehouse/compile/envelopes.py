"""Events of document databases, put into the form that all others have."""

from __future__ import annotations

from bilten.contracts import Contract

_AFTER = "simpleJSONExtractRaw(ifNull(value, ''), 'after')"
# An update whose document is gone by the time that it is looked up comes without one: its delete follows.
_OPERATION = (
    f"if({_AFTER} = 'null' AND JSONExtractString(value, 'op') = 'u', 'd', JSONExtractString(value, 'op'))"
)
_ROW = (
    f"if({_AFTER} = 'null', 'null', concat('{{\"id\":', simpleJSONExtractRaw(ifNull(key, ''), 'id'), "
    f"',\"document\":', {_AFTER}, '}}'))"
)
_TRANSACTION = "simpleJSONExtractRaw(assumeNotNull(value), 'transaction')"
# What is in that form already (a dead letter that is replayed, say), or is no event, stays as it is.
_REWRITTEN = (
    f"if(startsWith({_AFTER}, '\"') OR {_AFTER} = 'null', concat('{{\"before\":null,\"after\":', {_ROW}, "
    "',\"source\":', simpleJSONExtractRaw(assumeNotNull(value), 'source'), ',\"transaction\":', "
    f"if({_TRANSACTION} = '', 'null', {_TRANSACTION}), ',\"op\":\"', {_OPERATION}, '\"}}'), value)"
)


def envelopes(contract: Contract, table: str) -> str:
    """SQL of where a table's records are read from, with events as those of rows.

    MongoDB's connector sends a document as a text, with its ``_id`` in the record's key.

    Args:
        contract: of the dataset.
        table: the passage with the records as they came.
    """
    if contract.database != "mongodb":
        return table
    return f"(SELECT * REPLACE (if(isNull(value), NULL, {_REWRITTEN}) AS value) FROM {table})"
