"""What changed between two versions of contracts, and whether readers and kept data survive it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bilten.contracts.model import Column, Contract, Contracts

Effect = Literal["compatible", "incompatible"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One change.

    Attributes:
        dataset: the dataset it concerns.
        place: what of it: ``column total``, ``key``, ``rule order_total``, ``dataset`` itself.
        change: what happened, for people.
        effect: ``incompatible`` when a reader that worked may fail, when kept rows would have to be
            rewritten, or when a promise became weaker.
    """

    dataset: str
    place: str
    change: str
    effect: Effect


def compare(before: Contracts, after: Contracts) -> tuple[Difference, ...]:
    """Every change, by dataset.

    Args:
        before: the older contracts.
        after: the newer ones.

    Returns:
        The changes, in the order of the datasets' names; empty when both say the same.
    """
    found: list[Difference] = []
    for name in sorted({*before, *after}):
        if name not in after:
            found.append(Difference(name, "dataset", "removed", "incompatible"))
        elif name not in before:
            found.append(Difference(name, "dataset", "added", "compatible"))
        else:
            found.extend(compare_contracts(before[name], after[name]))
    return tuple(found)


def compare_contracts(before: Contract, after: Contract) -> tuple[Difference, ...]:
    """The changes of one dataset; an incompatible one needs a higher major version."""
    changes = [
        Difference(after.name, place, change, effect)
        for place, change, effect in (*_of_table(before, after), *_of_columns(before, after))
    ]
    if any(change.effect == "incompatible" for change in changes) and _major(after) <= _major(before):
        changes.append(
            Difference(
                after.name,
                "version",
                f"stays {after.version}, though an incompatible change needs a higher major version",
                "incompatible",
            )
        )
    return tuple(changes)


_Change = tuple[str, str, Effect]


def _of_table(before: Contract, after: Contract) -> Iterator[_Change]:
    if [column.name for column in before.key] != [column.name for column in after.key]:
        yield "key", f"changed from {_names(before.key)} to {_names(after.key)}", "incompatible"
    for name in ("kind", "source_schema", "source_table", "replica_identity"):
        if getattr(before, name) != getattr(after, name):
            yield name, _moved(getattr(before, name), getattr(after, name)), "incompatible"
    for name in ("description", "usage", "limitations", "grain", "owner", "domain", "subjects"):
        if getattr(before, name) != getattr(after, name):
            yield name, "changed", "compatible"
    for role in sorted({*before.roles} - {*after.roles}):
        yield f"role {role}", "removed", "incompatible"
    for role in sorted({*after.roles} - {*before.roles}):
        yield f"role {role}", "added", "compatible"
    yield from _of_promises(before, after)
    rules_before, rules_after = ({rule.name: rule for rule in side.rules} for side in (before, after))
    for name in sorted({*rules_before} - {*rules_after}):
        yield f"rule {name}", "removed", "incompatible"
    for name in sorted({*rules_after} - {*rules_before}):
        yield f"rule {name}", "added", "compatible"
    for name in sorted({*rules_before} & {*rules_after}):
        if rules_before[name] != rules_after[name]:
            weaker = rules_before[name].severity == "error" and rules_after[name].severity == "warning"
            yield f"rule {name}", "changed", "incompatible" if weaker else "compatible"


def _of_promises(before: Contract, after: Contract) -> Iterator[_Change]:
    if before.freshness != after.freshness:
        weaker = after.freshness is None or (
            before.freshness is not None and after.freshness > before.freshness
        )
        yield (
            "freshness",
            _moved(before.freshness, after.freshness),
            "incompatible" if weaker else "compatible",
        )
    for name in ("retention", "hot_retention"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            weaker = old is not None and (new is None or new < old)
            yield name, _moved(old, new), "incompatible" if weaker else "compatible"


def _of_columns(before: Contract, after: Contract) -> Iterator[_Change]:
    for column in before.columns:
        if column.name not in after.by_name:
            yield f"column {column.name}", "removed", "incompatible"
    for column in after.columns:
        if column.name not in before.by_name:
            # Rows that are kept have no value for it, so only an optional column can be added to them.
            required = column.required and after.kind == "source"
            kind = "required" if column.required else "optional"
            yield f"column {column.name}", f"added, {kind}", "incompatible" if required else "compatible"
        else:
            yield from _of_column(before.by_name[column.name], column)
    for name in sorted({*after.excluded_columns} - {*before.excluded_columns}):
        yield f"column {name}", "no longer captured", "incompatible"


def _of_column(before: Column, after: Column) -> Iterator[_Change]:
    place = f"column {after.name}"
    if before.source_type != after.source_type:
        yield place, f"type {_moved(before.source_type, after.source_type)}", "incompatible"
    if before.required != after.required:
        effect: Effect = "compatible" if after.required else "incompatible"
        yield place, "became required" if after.required else "may now be null", effect
    gone = [label for label in before.labels if label not in after.labels]
    new = [label for label in after.labels if label not in before.labels]
    if gone:
        yield place, f"labels removed: {', '.join(gone)}", "incompatible"
    if new:
        yield place, f"labels added: {', '.join(new)}", "compatible"
    if before.classification != after.classification:
        yield place, f"classification {_moved(before.classification, after.classification)}", "compatible"
    if before.references != after.references:
        yield place, "reference changed", "compatible"
    if before.unique and not after.unique:
        yield place, "no longer unique", "incompatible"
    if after.unique and not before.unique:
        yield place, "became unique", "compatible"
    if (before.storage, before.infinity) != (after.storage, after.infinity):
        yield place, "storage or infinity changed", "incompatible"
    if before.description != after.description:
        yield place, "description changed", "compatible"


def _major(contract: Contract) -> int:
    number = contract.version.partition(".")[0]
    return int(number) if number.isdigit() else 0


def _names(columns: tuple[Column, ...]) -> str:
    return ", ".join(column.name for column in columns) or "none"


def _moved(before: object, after: object) -> str:
    return f"changed from {before} to {after}"
