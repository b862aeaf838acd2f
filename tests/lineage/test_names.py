"""Names: valid by construction, and the same whoever reports them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilten.contracts import FileNames
from bilten.errors import LineageError
from bilten.settings import Settings
from lineage.names import DatasetName, Names, parse_node
from lineage.producers import load_design
from lineage.snapshot import layer_of
from tests.lineage.samples import NAMES, ORDERS

words = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
hosts = st.from_regex(r"[a-z][a-z0-9-]{0,10}(\.[a-z]{2,5})?", fullmatch=True)
ports = st.integers(1, 65535)
reports = st.one_of(
    st.builds(
        lambda scheme, host, port, name: (f"{scheme}://{host}:{port}", name),
        st.sampled_from(["postgres", "postgresql", "kafka", "clickhouse", "clickhousedb+http", "mysql"]),
        st.one_of(hosts, st.sampled_from(["localhost", "127.0.0.1", "LOCALHOST"])),
        st.one_of(ports, st.sampled_from([15432, 9092, 8123])),
        st.one_of(
            st.builds("{}.{}".format, words, words), st.builds("build_{}.{}".format, words, words), words
        ),
    ),
    st.builds(lambda path: ("file", path), st.from_regex(r"/?[a-z/._-]{1,20}[a-z]/?", fullmatch=True)),
    st.builds(
        lambda bucket, key: (f"s3a://{bucket}", key),
        words,
        st.from_regex(r"/?[a-z]{1,5}(/[a-z]{1,5}){0,3}/?", fullmatch=True),
    ),
)


@given(reports)
def test_the_canonical_name_of_a_canonical_name_is_itself(report: tuple[str, str]) -> None:
    once = NAMES.received(*report)
    assert NAMES.canonical(once.name).name == once.name
    assert NAMES.canonical(once.name).reported is None


@given(reports)
def test_a_name_that_changes_keeps_what_was_reported(report: tuple[str, str]) -> None:
    found = NAMES.received(*report)
    assert (found.reported is None) == (found.name == DatasetName(*report))


@given(reports)
def test_nodes_can_be_read_back(report: tuple[str, str]) -> None:
    name = NAMES.received(*report).name
    assert parse_node(name.node) == name


@pytest.mark.parametrize(
    ("namespace", "name", "expected"),
    [
        # Debezium leaves the database out, and says localhost where we say 127.0.0.1.
        ("postgres://127.0.0.1:15432", "tickets.orders", NAMES.source(ORDERS)),
        ("postgresql://localhost:15432", "ticketing.tickets.orders", NAMES.source(ORDERS)),
        ("postgres://bilten:secret@localhost:15432", "tickets.orders", NAMES.source(ORDERS)),
        ("kafka://broker-2.internal:9092", "ticketing.tickets.orders", NAMES.topic(ORDERS)),
        (
            "kafka://localhost:9092,broker-2.internal:9092",
            "ticketing.tickets.orders",
            NAMES.topic(ORDERS),
        ),
        ("clickhouse://localhost:8123", "raw.tickets__orders", NAMES.raw("tickets__orders")),
        ("clickhouse://127.0.0.1:8123", "build_20260329.sales_by_day", NAMES.built("sales_by_day")),
        ("file", "file:///data/bronze/t/", DatasetName("file", "/data/bronze/t")),
        ("s3a://archive", "/bronze/t/", DatasetName("s3://archive", "bronze/t")),
    ],
)
def test_what_others_report_becomes_our_name(namespace: str, name: str, expected: DatasetName) -> None:
    assert NAMES.received(namespace, name).name == expected


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("postgres://elsewhere:5432", "tickets.orders"),
        ("postgres://127.0.0.1:15433", "tickets.orders"),
        ("kafka://other:9092", "ticketing.tickets.orders"),
        ("clickhouse://other:8123", "raw.tickets__orders"),
    ],
)
def test_another_server_is_another_dataset(namespace: str, name: str) -> None:
    assert NAMES.received(namespace, name).name == DatasetName(namespace, name)


def test_the_build_of_a_candidate_is_told_beside_its_name() -> None:
    assert NAMES.received("clickhouse://warehouse", "build_42.orders").build == "42"


@pytest.mark.parametrize("namespace", ["", " kafka://a:1", "kafka://a:1\n", "postgres://u:p@h:1"])
def test_a_bad_namespace_is_refused(namespace: str) -> None:
    with pytest.raises(LineageError):
        DatasetName(namespace, "x")


def test_a_bad_port_is_refused_with_the_reason() -> None:
    with pytest.raises(LineageError) as caught:
        NAMES.received("kafka://host:nowhere", "t")
    assert "host:nowhere" in caught.value.what


def test_tables_of_other_sources_are_named_after_their_own_database() -> None:
    names = replace(
        NAMES,
        sources={"shop": "mariadb://Db.internal:3307/shop", "crm": "postgresql://crm.internal:5432/people"},
    )
    goods = replace(ORDERS, source="shop", source_schema="shop", source_table="goods", database="mariadb")
    person = replace(ORDERS, source="crm", source_schema="public", source_table="person")
    gone = replace(ORDERS, source="gone", source_schema="public", source_table="t")
    visits = replace(ORDERS, source="web", source_schema="web", source_table="visits", database="mongodb")
    assert names.source(goods) == DatasetName("mysql://db.internal:3307", "shop.goods")
    assert names.topic(goods) == DatasetName("kafka://127.0.0.1:9092", "shop.shop.goods")
    assert names.source(person) == DatasetName("postgres://crm.internal:5432", "people.public.person")
    # Nobody keeps the address of a source that was removed.
    assert names.source(gone) == DatasetName("postgres://gone:5432", "gone.public.t")
    assert names.source(visits) == DatasetName("mongodb://web:27017", "web.visits")
    # What others report of them, among them Debezium, which leaves the database out.
    assert names.received("postgres://crm.internal:5432", "public.person").name == names.source(person)
    assert names.received("mariadb://db.internal:3307", "shop.goods").name == names.source(goods)
    for contract in (goods, person, gone, visits):
        assert names.canonical(names.source(contract)).name == names.source(contract)


def test_two_databases_of_one_server_are_not_guessed_apart() -> None:
    sources = {"crm": "postgresql://h:1/people", "hr": "postgresql://h:1/staff"}
    names = replace(NAMES, sources=sources)
    assert names.received("postgres://h:1", "public.person").name == DatasetName(
        "postgres://h:1", "public.person"
    )


def test_names_follow_the_settings(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        home=tmp_path,
        database_url="postgresql://reader:p%40ss@db.internal/shop",
        kafka_bootstrap_servers="k1:9093, k2:9093",
        warehouse_authority="analytics",
        topic_prefix="shop",
    )
    names = Names.of(settings)
    assert names.source(ORDERS) == DatasetName("postgres://db.internal:5432", "shop.tickets.orders")
    assert names.topic(ORDERS) == DatasetName("kafka://k1:9093", "shop.tickets.orders")
    assert names.ods("tickets__orders") == DatasetName("clickhouse://analytics", "ods.tickets__orders")
    assert names.received("kafka://k2:9093", "t").name == names.topic_named("t")


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/data/bronze/tickets__orders", DatasetName("file", "/data/bronze/tickets__orders")),
        ("file:///data/bronze/tickets__orders", DatasetName("file", "/data/bronze/tickets__orders")),
        ("s3://archive/bronze/tickets__orders", DatasetName("s3://archive", "bronze/tickets__orders")),
    ],
)
def test_an_iceberg_table_is_named_by_the_root_of_its_files(location: str, expected: DatasetName) -> None:
    assert NAMES.iceberg(location) == expected


def test_files_that_arrive_are_named_after_their_folder() -> None:
    names = replace(NAMES, files="s3://arrivals/from/provider")
    lines = replace(
        ORDERS,
        source="files",
        source_schema="financial",
        source_table="settlements",
        database="files",
        files=FileNames(r"(?P<day>.+)\.csv", date(2026, 1, 1)),
    )
    folder = DatasetName("s3://arrivals", "from/provider/financial/settlements")
    assert names.source(lines) == names.delivered(lines) == folder
    (read,) = load_design(names, lines).inputs
    assert read.facts.name == folder
    assert (layer_of(folder), layer_of(DatasetName("file", "/data/bronze/tickets__orders"))) == (
        "files",
        "bronze",
    )
    settings = Settings(_env_file=None, files_url="s3://key:secret@arrivals/from?region=eu-west-1")
    assert Names.of(settings).files == "s3://arrivals/from"
