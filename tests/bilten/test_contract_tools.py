"""Linting, comparing and documenting contracts."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from bilten.contracts import Column, Contract, Contracts, Reference, Rule, SubjectPath, load_contracts
from bilten.contracts.differences import compare
from bilten.contracts.documentation import PAGES_FOLDER, contract_page, contract_pages
from bilten.contracts.linting import lint
from bilten.errors import UnmappedType
from bilten.settings import PROJECT_ROOT
from bilten.types import map_type
from warehouse.compile.staging import STAGING_FOLDER, staging_files

KEY = Column("id", "Key.", "string", "uuid", required=True, key_position=1)
EMAIL = Column("email", "Address.", "string", "varchar(254)", required=True, classification="personal")
STATUS = Column("status", "State.", "string", "enum", required=True, labels=("open", "closed"))
RULE = Rule(
    "total_fits", None, "SELECT count() FROM {table}", None, {}, ("mustBe", 0), "error", None, "It fits."
)

GOOD = Contract(
    name="shop__orders",
    version="1.0.0",
    kind="source",
    domain="shop",
    owner="Shop",
    description="Orders.",
    usage="",
    limitations="",
    grain="one row per order",
    columns=(KEY, EMAIL, STATUS),
    rules=(RULE,),
    roles=("analyst",),
    subjects=(SubjectPath("email", None, None),),
    freshness=timedelta(minutes=5),
    retention=timedelta(days=365),
    hot_retention=timedelta(days=30),
    source_schema="shop",
    source_table="orders",
)


def contracts(*items: Contract) -> Contracts:
    return Contracts({item.name: item for item in items})


def with_column(column: Column) -> Contract:
    return dataclasses.replace(GOOD, columns=(*GOOD.columns, column))


def test_the_project_s_contracts_have_no_errors() -> None:
    assert [finding for finding in lint(load_contracts()) if finding.level == "error"] == []


def test_a_good_contract_has_no_findings() -> None:
    assert lint(contracts(GOOD)) == ()


PLAIN = Column("extra", "More.", "string", "text", required=False)


@pytest.mark.parametrize(
    ("contract", "place", "message"),
    [
        (dataclasses.replace(GOOD, description=""), "description", "is empty"),
        (dataclasses.replace(GOOD, owner=""), "owner", "is empty"),
        (dataclasses.replace(GOOD, version="one"), "version", "not of the form"),
        (dataclasses.replace(GOOD, columns=(EMAIL, STATUS)), "key", "is missing"),
        (
            dataclasses.replace(GOOD, columns=(dataclasses.replace(KEY, key_position=2), EMAIL)),
            "key",
            "positions",
        ),
        (dataclasses.replace(GOOD, hot_retention=timedelta(days=999)), "hotRetention", "longer"),
        (dataclasses.replace(GOOD, freshness=None), "freshness", "is missing"),
        (dataclasses.replace(GOOD, roles=()), "roles", "nobody"),
        (dataclasses.replace(GOOD, subjects=()), "dataSubject", "email are personal"),
        (
            dataclasses.replace(GOOD, subjects=(SubjectPath("gone", None, None),)),
            "dataSubject",
            "unknown column",
        ),
        (dataclasses.replace(GOOD, source_table="other"), "physicalName", "does not belong"),
        (
            dataclasses.replace(GOOD, excluded_columns=("email",)),
            "column email",
            "both described and excluded",
        ),
        (with_column(EMAIL), "column email", "described twice"),
        (with_column(dataclasses.replace(PLAIN, name="_hidden")), "column _hidden", "is no name"),
        (with_column(dataclasses.replace(PLAIN, description="")), "column extra", "no description"),
        (with_column(dataclasses.replace(PLAIN, source_type="point")), "column extra", "has no mapping"),
        (with_column(dataclasses.replace(PLAIN, source_type="text[][]")), "column extra", "array of arrays"),
        (with_column(dataclasses.replace(PLAIN, source_type="enum")), "column extra", "without labels"),
        (with_column(dataclasses.replace(PLAIN, source_type="date[]")), "column extra", "looks null"),
        (with_column(dataclasses.replace(PLAIN, infinity="sentinel")), "column extra", "does not know"),
        (with_column(dataclasses.replace(PLAIN, name="buyer_phone")), "column buyer_phone", "looks personal"),
        (
            with_column(dataclasses.replace(PLAIN, references=Reference("shop__gone", "id"))),
            "column extra",
            "unknown dataset shop__gone",
        ),
        (
            with_column(dataclasses.replace(PLAIN, references=Reference("shop__orders", "gone"))),
            "column extra",
            "unknown column shop__orders.gone",
        ),
        (dataclasses.replace(GOOD, rules=(RULE, RULE)), "rule total_fits", "name of another rule"),
        (
            dataclasses.replace(GOOD, rules=(dataclasses.replace(RULE, query="DROP TABLE x"),)),
            "rule total_fits",
            "not a single SELECT",
        ),
        (
            dataclasses.replace(GOOD, rules=(dataclasses.replace(RULE, query="SELECT 1; SELECT 2"),)),
            "rule total_fits",
            "semicolon",
        ),
        (
            dataclasses.replace(
                GOOD, rules=(dataclasses.replace(RULE, query="SELECT 1 FROM {gone__table}"),)
            ),
            "rule total_fits",
            "unknown dataset gone__table",
        ),
    ],
)
def test_each_fault_is_found(contract: Contract, place: str, message: str) -> None:
    findings = lint(contracts(contract))
    assert [(found.place, message in found.message) for found in findings if found.level == "error"] == [
        (place, True)
    ], findings


def test_nothing_changed_is_no_difference() -> None:
    assert compare(contracts(GOOD), contracts(GOOD)) == ()


@pytest.mark.parametrize(
    ("after", "place", "effect"),
    [
        (with_column(PLAIN), "column extra", "compatible"),
        (with_column(dataclasses.replace(PLAIN, required=True)), "column extra", "incompatible"),
        (dataclasses.replace(GOOD, columns=(KEY, EMAIL)), "column status", "incompatible"),
        (
            dataclasses.replace(GOOD, columns=(KEY, dataclasses.replace(EMAIL, source_type="text"), STATUS)),
            "column email",
            "incompatible",
        ),
        (
            dataclasses.replace(GOOD, columns=(KEY, dataclasses.replace(EMAIL, required=False), STATUS)),
            "column email",
            "incompatible",
        ),
        (
            dataclasses.replace(
                GOOD, columns=(KEY, EMAIL, dataclasses.replace(STATUS, labels=("open", "closed", "new")))
            ),
            "column status",
            "compatible",
        ),
        (
            dataclasses.replace(GOOD, columns=(KEY, EMAIL, dataclasses.replace(STATUS, labels=("open",)))),
            "column status",
            "incompatible",
        ),
        (dataclasses.replace(GOOD, rules=()), "rule total_fits", "incompatible"),
        (
            dataclasses.replace(GOOD, rules=(dataclasses.replace(RULE, severity="warning"),)),
            "rule total_fits",
            "incompatible",
        ),
        (dataclasses.replace(GOOD, freshness=timedelta(hours=1)), "freshness", "incompatible"),
        (dataclasses.replace(GOOD, freshness=timedelta(minutes=1)), "freshness", "compatible"),
        (dataclasses.replace(GOOD, retention=timedelta(days=100)), "retention", "incompatible"),
        (dataclasses.replace(GOOD, roles=()), "role analyst", "incompatible"),
        (dataclasses.replace(GOOD, usage="Use it."), "usage", "compatible"),
        (dataclasses.replace(GOOD, excluded_columns=("secret",)), "column secret", "incompatible"),
    ],
)
def test_each_change_has_its_effect(after: Contract, place: str, effect: str) -> None:
    found = compare(contracts(GOOD), contracts(after))
    assert [(one.place, one.effect) for one in found if one.place != "version"] == [(place, effect)]
    asks_for_a_version = any(one.place == "version" for one in found)
    assert asks_for_a_version == (effect == "incompatible")


def test_a_higher_major_version_answers_an_incompatible_change() -> None:
    after = dataclasses.replace(GOOD, rules=(), version="2.0.0")
    assert [one.place for one in compare(contracts(GOOD), contracts(after))] == ["rule total_fits"]


def test_a_page_says_what_the_contract_says() -> None:
    page = contract_page(GOOD, contracts(GOOD))
    for words in (
        "one row per order",
        "| `status` | `enum` |",
        "One of `open`, `closed`.",
        "Kept for: 1 year",
    ):
        assert words in page


@pytest.mark.parametrize("folder", ["pages", "staging"])
def test_generated_files_are_current(folder: str) -> None:
    everything = load_contracts()
    files = contract_pages(everything) if folder == "pages" else staging_files(everything.sources())
    place = PROJECT_ROOT / (PAGES_FOLDER if folder == "pages" else STAGING_FOLDER)
    assert {path.name for path in files} == {path.name for path in place.iterdir()}
    stale = [str(path) for path, text in files.items() if (PROJECT_ROOT / path).read_text("utf-8") != text]
    assert stale == []


@pytest.mark.parametrize(
    ("source", "warehouse"),
    [
        ("numeric(10,2)", "Decimal(10, 2)"),
        ("timestamp with time zone", "DateTime64(6, 'UTC')"),
        ("character varying(40)", "String"),
        ("timestamp(3) without time zone", "DateTime64(6, 'UTC')"),
        ("numeric", "String"),
        ("numeric(80,2)", "String"),
        ("numeric(3,5)", "Decimal(5, 5)"),
        ("money", "Decimal(19, 2)"),
        ("tstzrange", "String"),
        ("text[]", "Array(Nullable(String))"),
        ("uuid[]", "Array(Nullable(UUID))"),
        ("enum[]", "Array(Nullable(String))"),
    ],
)
def test_types_are_mapped(source: str, warehouse: str) -> None:
    assert map_type(source).warehouse == warehouse


@pytest.mark.parametrize("source", ["point", "bit(5)", "numeric(5,-2)", "text[][]", "mood"])
def test_other_types_are_refused(source: str) -> None:
    with pytest.raises(UnmappedType):
        map_type(source)
