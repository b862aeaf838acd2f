"""What is known of a key before some record of its topic: where a delete without a position belongs."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.client import Warehouse
from warehouse.compile.names import raw
from warehouse.compile.statements import identifier, literal

_POSITION_SHIFT, _EPOCH_SHIFT, _POSITION_MASK = 48, 112, 2**64 - 1


@dataclass(frozen=True, slots=True)
class LastChange:
    """The newest change of a key.

    Attributes:
        operation: what it did.
        position: its position in the source's log.
        epoch: the source's epoch then.
    """

    operation: str
    position: int
    epoch: int


def last_change_before(
    warehouse: Warehouse, dataset: str, key: str, partition: int, offset: int
) -> LastChange | None:
    """The newest change of a key among the records before one of its topic.

    Args:
        warehouse: where the changes are.
        dataset: the table.
        key: the record's key, a JSON object.
        partition: the record's partition.
        offset: its offset there.

    Returns:
        The change; None when none is known.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
        WarehouseError: the key is not one of this table.
    """
    columns = warehouse.query(
        "SELECT name, type FROM system.columns WHERE database = 'raw' AND table = {dataset:String} "
        "AND is_in_primary_key ORDER BY position",
        {"dataset": dataset},
    ).rows
    shape = "Tuple(" + ", ".join(f"{identifier(name)} {kind}" for name, kind in columns) + ")"
    names = ", ".join(identifier(name) for name, _ in columns)
    rows = warehouse.query(
        f"SELECT argMax(_op, _version), toString(max(_version)), count() FROM {raw(dataset)} "
        f"WHERE tuple({names}) = JSONExtract({{key:String}}, {literal(shape)}) "
        "AND _partition = {partition:Int32} AND _offset < {offset:Int64}",
        {"key": key, "partition": partition, "offset": offset},
    ).rows
    operation, version, found = rows[0]
    if not int(found):
        return None
    number = int(version)
    return LastChange(str(operation), (number >> _POSITION_SHIFT) & _POSITION_MASK, number >> _EPOCH_SHIFT)
