"""What a change of a table means for its contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bilten.contracts import Contract
from bilten.errors import SourceRefused
from ingestion.sources.definition import other_source
from ingestion.sources.drift import accepted, announcement, find_drift
from ingestion.sources.inference import Document, as_contract, draft_contracts
from ingestion.sources.tables import SourceColumn, SourceTable

SOURCE = other_source("shop", "postgresql://u:p@host/shop")


def column(
    name: str, kind: str = "text", required: bool = False, labels: tuple[str, ...] = ()
) -> SourceColumn:
    return SourceColumn(name, kind, required, labels, False, "extended", "extended", "", True)


TABLE = SourceTable(
    schema="sales",
    name="items",
    kind="table",
    is_logged=True,
    replica_identity="default",
    key=("id",),
    columns=(
        column("id", "integer", True),
        column("code", "character varying(10)", True),
        column("price", "numeric(10,2)"),
        column("state", "enum", labels=("open", "done")),
    ),
    references={},
    rows=0,
    may_read=True,
    is_owned=True,
    is_inherited=False,
    comment="",
)
(DOCUMENT,) = draft_contracts(SOURCE, [TABLE], {}).values()


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    return as_contract(DOCUMENT, tmp_path)


def changed(name: str, **values: Any) -> SourceTable:
    columns = (replace(each, **values) if each.name == name else each for each in TABLE.columns)
    return replace(TABLE, columns=tuple(columns))


def test_a_table_as_its_contract_says_has_no_drift(contract: Contract) -> None:
    assert find_drift(contract, TABLE) == ()


@pytest.mark.parametrize(
    ("table", "told", "effect"),
    [
        (replace(TABLE, columns=(*TABLE.columns, column("note"))), "column note: added, text", "compatible"),
        (changed("code", type="character varying(20)"), "from varchar(10) to varchar(20)", "compatible"),
        (changed("code", type="text"), "from varchar(10) to text", "compatible"),
        (changed("price", type="numeric(12,2)"), "from numeric(10,2) to numeric(12,2)", "compatible"),
        (changed("id", type="bigint"), "from integer to bigint", "compatible"),
        (changed("state", labels=("open", "done", "new")), "labels added: new", "compatible"),
        (changed("code", type="character varying(5)"), "from varchar(10) to varchar(5)", "incompatible"),
        (changed("price", type="numeric(12,1)"), "from numeric(10,2) to numeric(12,1)", "incompatible"),
        (changed("price", type="numeric(10,3)"), "from numeric(10,2) to numeric(10,3)", "incompatible"),
        (changed("price", type="text"), "from numeric(10,2) to text", "incompatible"),
        (changed("price", type="point"), "from numeric(10,2) to point", "incompatible"),
        (changed("state", labels=("open",)), "labels gone: done", "incompatible"),
        (changed("code", required=False), "column code: may now be null", "incompatible"),
        (replace(TABLE, columns=TABLE.columns[:-1]), "column state: dropped or renamed", "incompatible"),
        (replace(TABLE, key=("id", "code")), "key: changed from id to id, code", "incompatible"),
        (replace(TABLE, replica_identity="nothing"), "its replica identity is nothing", "incompatible"),
        (replace(TABLE, is_logged=False), "it is unlogged", "incompatible"),
        (None, "it is gone", "incompatible"),
    ],
)
def test_each_change_is_judged(contract: Contract, table: SourceTable | None, told: str, effect: str) -> None:
    (drift,) = find_drift(contract, table)
    assert told in str(drift)
    assert drift.effect == effect
    assert "bilten source accept shop_sales__items" in announcement(contract.name, [drift])


def test_what_is_accepted_is_the_contract_then(contract: Contract, tmp_path: Path) -> None:
    table = replace(
        TABLE, columns=(TABLE.columns[0], column("tag", "character varying(10)", True), column("email"))
    )
    document = _described(DOCUMENT)
    after = as_contract(accepted(document, contract, table, {"code": "tag"}), tmp_path)
    assert find_drift(after, table) == ()
    assert after.version == "2.0.0"
    assert after.by_name["tag"].description == "Printed on it.", "a renamed column keeps what was said of it"
    assert after.by_name["email"].classification == "personal"
    with pytest.raises(SourceRefused, match="no column nothing that became tag"):
        accepted(document, contract, table, {"nothing": "tag"})


def test_a_compatible_change_is_a_minor_version(contract: Contract, tmp_path: Path) -> None:
    table = replace(TABLE, columns=(*TABLE.columns, column("note")))
    assert as_contract(accepted(DOCUMENT, contract, table, {}), tmp_path).version == "1.1.0"


def _described(document: Document) -> Document:
    (schema,) = document["schema"]
    properties = [
        {**each, "description": "Printed on it."} if each["name"] == "code" else each
        for each in schema["properties"]
    ]
    return {**document, "schema": [{**schema, "properties": properties}]}
