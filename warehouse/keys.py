"""Keys of current rows as the connector writes them, so that events can be made of them."""

from __future__ import annotations

from collections.abc import Sequence

from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.compile.names import ods
from warehouse.compile.rows import JSON_SETTINGS, row_type
from warehouse.compile.statements import identifier, literal
from warehouse.fingerprint import KEYS_PER_QUERY, current_row_text


def event_keys(warehouse: Warehouse, contract: Contract, keys: Sequence[str]) -> dict[str, str]:
    """JSON objects of keys.

    Args:
        warehouse: where the rows are.
        contract: the table.
        keys: canonical texts of keys; those that do not exist are left out.

    Returns:
        JSON by canonical text.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
    """
    columns = ", ".join(identifier(column.name) for column in contract.key)
    key = f"CAST(tuple({columns}), {literal(row_type(contract.key))})"
    settings = ", ".join(f"{name} = {literal(value)}" for name, value in JSON_SETTINGS.items())
    found: dict[str, str] = {}
    for start in range(0, len(keys), KEYS_PER_QUERY):
        chosen = ", ".join(literal(text) for text in keys[start : start + KEYS_PER_QUERY])
        answer = warehouse.query(
            f"SELECT {current_row_text(contract.key)} AS key_text, toJSONString({key}) "
            f"FROM {ods(contract.name)} WHERE key_text IN ({chosen}) SETTINGS {settings}"
        )
        found |= {str(row[0]): str(row[1]) for row in answer.rows}
    return found
