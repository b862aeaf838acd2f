"""The version of a contract before this one stays readable, until its time is over."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bilten.contracts import Column, Contract, Contracts
from bilten.errors import DeprecationRefused, IncompatibleMigration
from tests.warehouse.events import PLAIN, PLAIN_ROW, SAMPLES, deliver, event
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.deprecation import Deprecated, compatibility_view, install_previous, load_deprecated

TODAY = date(2026, 6, 1)
OLD = dataclasses.replace(PLAIN, name="sample__kept", source_table="kept", version="1.4.0")


def changed(**renamed: str) -> Contract:
    columns = tuple(
        dataclasses.replace(column, name=renamed.get(column.name, column.name)) for column in OLD.columns
    )
    return dataclasses.replace(OLD, version="2.0.0", columns=columns)


def test_a_renamed_column_is_shown_by_its_old_name() -> None:
    view = compatibility_view(Deprecated(OLD, TODAY, {"title": "name"}), changed(title="name"))
    assert view.name == "previous.sample__kept__v1"
    assert "`name` AS `title`" in view.sql
    assert "deprecated; gone after 2026-06-01" in view.sql


def test_a_column_that_is_gone_is_refused_unless_it_could_be_missing() -> None:
    with pytest.raises(DeprecationRefused, match="nothing for title"):
        compatibility_view(Deprecated(OLD, TODAY), changed(title="name"))
    extra = Column("nickname", "Another name.", "string", "varchar(40)", required=False)
    with_extra = dataclasses.replace(OLD, columns=(*OLD.columns, extra))
    sql = compatibility_view(Deprecated(with_extra, TODAY), OLD).sql
    assert "CAST(NULL, 'Nullable(String)') AS `nickname`" in sql


def test_a_file_says_until_when(tmp_path: Path) -> None:
    text = (SAMPLES / "sample" / "plain.yaml").read_text()
    path = tmp_path / "plain.yaml"
    path.write_text(text)
    with pytest.raises(DeprecationRefused, match="until when"):
        load_deprecated(tmp_path)
    more = "customProperties:\n  - {property: deprecatedUntil, value: 2026-06-01}\n"
    more += "  - {property: renamedColumns, value: {title: name}}\n"
    path.write_text(
        text.replace("customProperties:\n", more) if "\ncustomProperties:" in text else text + more
    )
    (old,) = load_deprecated(tmp_path)
    assert (old.until, old.renamed, old.contract.name) == (TODAY, {"title": "name"}, PLAIN.name)
    assert load_deprecated(tmp_path / "none") == ()


@pytest.mark.warehouse
def test_readers_of_the_old_version_go_on_until_its_last_day(
    warehouse: Warehouse, warehouse_settings: Any
) -> None:
    migrate.apply(warehouse_settings, Contracts({OLD.name: OLD}))
    deliver(warehouse, OLD, [event("c", PLAIN_ROW, 1)])
    wider = tuple(
        dataclasses.replace(column, source_type="numeric(12,2)") if column.name == "amount" else column
        for column in OLD.columns
    )
    deprecated = [Deprecated(dataclasses.replace(OLD, columns=wider), TODAY)]
    assert install_previous(warehouse, [OLD], deprecated, TODAY) == ("previous.sample__kept__v1",)
    (row,) = warehouse.query("SELECT title, amount, toTypeName(amount) FROM previous.sample__kept__v1").rows
    assert (row[0], str(row[1]), row[2]) == (PLAIN_ROW["title"], PLAIN_ROW["amount"], "Decimal(12, 2)")
    # Of other datasets nothing is touched.
    assert install_previous(warehouse, [PLAIN], [], TODAY) == ()
    assert install_previous(warehouse, [OLD], deprecated, date(2026, 6, 2)) == ("previous.sample__kept__v1",)
    assert warehouse.scalar("EXISTS previous.sample__kept__v1") == 0


@pytest.mark.warehouse
def test_two_changes_of_one_contract_are_resolved_by_merging(
    warehouse: Warehouse, warehouse_settings: Any
) -> None:
    mine, theirs = (
        dataclasses.replace(
            OLD,
            name="sample__shared",
            source_table="shared",
            columns=(*OLD.columns, Column(name, "New.", "string", "text", required=False)),
        )
        for name in ("mine", "theirs")
    )
    migrate.apply(warehouse_settings, Contracts({theirs.name: theirs}))
    with pytest.raises(IncompatibleMigration) as refused:
        migrate.apply(warehouse_settings, Contracts({mine.name: mine}))
    assert "column theirs would be dropped" in refused.value.what or "would change" in refused.value.what
    assert "somebody else's change is in the warehouse" in refused.value.why
    assert "keep the columns of both" in refused.value.remedy
    both = dataclasses.replace(
        theirs, columns=(*theirs.columns, Column("mine", "New.", "string", "text", required=False))
    )
    assert migrate.apply(warehouse_settings, Contracts({both.name: both})).steps
    assert migrate.plan(warehouse_settings, Contracts({both.name: both})).steps == ()
