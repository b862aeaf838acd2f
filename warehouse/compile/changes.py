"""``raw.<dataset>``: every change, and the views that set aside what is no change of a row."""

from __future__ import annotations

from bilten.contracts import Contract
from warehouse.compile import names
from warehouse.compile.columns import markable_columns
from warehouse.compile.envelopes import as_it_came
from warehouse.compile.rows import null_flag, value_of
from warehouse.compile.statements import Statement, default_of, identifier, lines, literal
from warehouse.compile.tables import TABLE_SETTINGS, filling_view, with_codec
from warehouse.compile.values import placeholder

_BOOKKEEPING = tuple(identifier(name) for name, _ in names.RECORD_COLUMNS)


def raw_table(contract: Contract) -> Statement:
    """Every change, typed. The same change delivered again is the same row, whatever its offset."""
    columns = [
        f"{identifier(column.name)} {names.change_type(column)} COMMENT {literal(column.description)}"
        for column in contract.columns
    ]
    columns += [
        f"{identifier(names.is_null(column))} Bool COMMENT {literal(f'{column.name} is null, not empty')}"
        for column in contract.columns
        if names.has_null_flag(column)
    ]
    columns += [with_codec(name, kind) for name, kind in names.RECORD_COLUMNS]
    # The archive reads ranges of offsets; without this index each run would read the whole table.
    columns += ["INDEX `_offset_index` `_offset` TYPE minmax GRANULARITY 1"]
    key = ", ".join(identifier(column.name) for column in contract.key)
    name = names.raw(contract.name)
    return Statement(
        names.plain_name(name),
        "table",
        f"CREATE TABLE IF NOT EXISTS {name} (\n{lines(columns)}\n)\n"
        f"ENGINE = ReplacingMergeTree\nPRIMARY KEY ({key})\nORDER BY ({key}, `_version`, `_op`)\n"
        f"SETTINGS {TABLE_SETTINGS}\nCOMMENT {literal(f'Every change of {contract.name}.')}",
    )


def raw_views(contract: Contract) -> tuple[Statement, ...]:
    """Good records → ``raw``, both ways. A truncation has no key: it stands under the key's default."""
    regular = regular_change_select(contract)
    return (
        filling_view(contract, "to_raw", names.raw(contract.name), regular, names.parsed(contract.name)),
        examined_raw_view(contract),
    )


def examined_raw_view(contract: Contract) -> Statement:
    """Good records that were read the long way → ``raw``."""
    target, passed = names.raw(contract.name), names.examined(contract.name)
    examined = [*_examined_values(contract), *_BOOKKEEPING]
    return filling_view(contract, "examined_to_raw", target, examined, passed, "empty(_reasons)")


def regular_change_select(contract: Contract) -> list[str]:
    """SQL of the columns of ``raw``, in their order, above what reads records in the usual form."""
    return [*_regular_values(contract), *_BOOKKEEPING]


def _regular_values(contract: Contract) -> list[str]:
    marked = {column.name: placeholder(column.mapping) for column in markable_columns(contract)}
    selected = []
    for column in contract.columns:
        name = identifier(column.name)
        if column.key_position is not None:
            selected.append(f"{value_of(column, f'_row.{name}')} AS {name}")
        elif (marker := marked.get(column.name)) is not None:
            there = value_of(column, f"nullIf(_values.{name}, {literal(marker)})")
            selected.append(f"{there} AS {name}")
        else:
            selected.append(f"{value_of(column, f'_values.{name}')} AS {name}")
    flagged = [column for column in contract.columns if names.has_null_flag(column)]
    return [
        *selected,
        *(f"{null_flag(column)} AS {identifier(names.is_null(column))}" for column in flagged),
    ]


def _examined_values(contract: Contract) -> list[str]:
    selected = [
        f"ifNull({identifier(column.name)}, {default_of(column.mapping.warehouse)}) "
        f"AS {identifier(column.name)}"
        if column.key_position is not None
        else identifier(column.name)
        for column in contract.columns
    ]
    return [*selected, *(identifier(flag) for flag in _null_flags(contract))]


def _null_flags(contract: Contract) -> list[str]:
    return [names.is_null(column) for column in contract.columns if names.has_null_flag(column)]


def dead_letter_view(contract: Contract) -> Statement:
    """Refused records → ``ops.dead_letters``, with their bytes.

    ``updated_at`` begins as the record's own time: a record that is delivered again does not reopen a letter
    that somebody has dealt with since.
    """
    topic_id = f"_headers[{literal(names.TOPIC_ID_HEADER)}]"
    selected = [
        f"hex(sipHash128(_topic, _partition, _offset, {topic_id})) AS id",
        f"{literal(contract.name)} AS dataset",
        "_topic AS topic",
        "_partition AS partition",
        "_offset AS offset",
        f"{topic_id} AS topic_id",
        "_timestamp AS timestamp",
        "_key AS key",
        f"{as_it_came(contract)} AS value",
        "_headers AS headers",
        "_reasons AS reasons",
        "_loaded_at AS first_seen",
        "toDateTime64(_timestamp, 6, 'UTC') AS updated_at",
        "'open' AS status",
    ]
    source = names.examined(contract.name)
    return filling_view(
        contract, "to_dead_letters", "ops.dead_letters", selected, source, "notEmpty(_reasons)"
    )


def truncation_view(contract: Contract) -> Statement:
    """Truncations → ``ops.truncations``: the view of current rows leaves out what is older."""
    selected = [
        f"{literal(contract.name)} AS dataset",
        "_version AS version",
        "_committed_at AS committed_at",
        "_transaction AS transaction",
        "_topic AS topic",
        "_partition AS partition",
        "_offset AS offset",
        "_loaded_at AS loaded_at",
    ]
    source = names.examined(contract.name)
    condition = "_op = 't' AND empty(_reasons)"
    return filling_view(contract, "to_truncations", "ops.truncations", selected, source, condition)


def irregular_count_view(contract: Contract) -> Statement:
    """Records that take the long way → ``ops.irregular_records``, counted."""
    selected = [
        f"{literal(contract.name)} AS dataset",
        "toStartOfHour(now('UTC')) AS hour",
        "count() AS records",
    ]
    source = names.irregular(contract.name)
    return filling_view(
        contract, "to_irregular_records", "ops.irregular_records", selected, source, "true GROUP BY hour"
    )
