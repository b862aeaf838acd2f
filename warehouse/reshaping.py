"""A dataset whose kept rows do not follow its new contract: history keeps the old shape, or new names."""

from __future__ import annotations

from collections.abc import Mapping

from bilten.contracts import Contract
from warehouse.client import Warehouse
from warehouse.compile import compile_dataset
from warehouse.compile.names import plain_name, raw
from warehouse.compile.statements import identifier, literal


def set_aside(warehouse: Warehouse, contract: Contract) -> str:
    """Keep a dataset's changes under its version, and take everything else of it away.

    No record may flow meanwhile. The migration that follows makes everything anew, empty.

    Args:
        warehouse: where it is.
        contract: as the tables are now, not as they shall be.

    Returns:
        Where the changes are kept: ``raw.<dataset>__v<version>``.

    Raises:
        WarehouseError: a statement was refused; doing it again goes on.
    """
    kept = raw(f"{contract.name}__v{contract.version.replace('.', '_')}")
    _take_away(warehouse, contract)
    warehouse.command(f"RENAME TABLE IF EXISTS {raw(contract.name)} TO {kept}")
    return plain_name(kept)


def rename_columns(warehouse: Warehouse, contract: Contract, renames: Mapping[str, str]) -> None:
    """Give columns of a dataset's changes new names, and take everything else of it away.

    Args:
        warehouse: where it is.
        contract: as the tables are now.
        renames: old name → new name.

    Raises:
        WarehouseError: a statement was refused.
    """
    _take_away(warehouse, contract)
    for old, new in renames.items():
        warehouse.command(
            f"ALTER TABLE {raw(contract.name)} RENAME COLUMN IF EXISTS {identifier(old)} TO {identifier(new)}"
        )


def _take_away(warehouse: Warehouse, contract: Contract) -> None:
    statements = compile_dataset(contract)
    kept = plain_name(raw(contract.name))
    # Views that take records in first: nothing flows into what is half gone.
    for statement in reversed(statements):
        if statement.name != kept:
            database, _, name = statement.name.partition(".")
            warehouse.command(f"DROP TABLE IF EXISTS {database}.{identifier(name)} SYNC")
    names = ", ".join(literal(statement.name) for statement in statements)
    warehouse.command(
        f"ALTER TABLE ops.migrations DELETE WHERE object IN ({names})", settings={"mutations_sync": 1}
    )
