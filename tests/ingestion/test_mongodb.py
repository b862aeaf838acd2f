"""Collections of a MongoDB: events as the connector's documentation shows them, through Kafka into ods."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kafka import KafkaProducer

from bilten.contracts import Contract, Contracts
from bilten.contracts.linting import lint
from bilten.settings import Settings
from ingestion.loader import Loader
from ingestion.sources.inference import as_contract
from ingestion.sources.mongodb.configuration import connector_configuration
from ingestion.sources.mongodb.inference import draft_contract
from ingestion.topics import create_missing
from tests.fixtures.stack import Stack
from warehouse import migrate
from warehouse.client import Warehouse
from warehouse.dead_letters import find_dead_letters
from warehouse.sources import forget_topic

OID = '{"$oid": "596e275826f08b2730779e1f"}'
DOCUMENTS = (
    '{"_id": {"$oid": "a"}, "name": "Ayla", "email": "ayla@example.org", "n": 1, "at": {"$date": 1}, '
    '"address": {"city": "Bolu", "geo": {"latitude": 1.5}}, "tags": ["a", null], '
    '"lines": [{"sku": "x", "price": {"$numberDecimal": "1.10"}}]}',
    '{"_id": {"$oid": "b"}, "name": 7, "n": 2.5, "gone": null, "tags": []}',
)


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    document = draft_contract("docs", "shop.customers", DOCUMENTS)
    return as_contract(document, tmp_path_factory.mktemp("mongodb"))


def event(
    operation: str, document: str | None, seconds: int, counter: int, order: int | None = None
) -> dict[str, Any]:
    """As Debezium's documentation shows it, without schemas."""
    return {
        "before": None,
        "after": document,
        "updateDescription": {"removedFields": None, "updatedFields": "{}", "truncatedArrays": None},
        "source": {
            "version": "3.5.0.Final",
            "connector": "mongodb",
            "name": "docs",
            "ts_ms": seconds * 1000,
            "ts_us": seconds * 1_000_000,
            "ts_ns": seconds * 1_000_000_000,
            "snapshot": "true" if operation == "r" else "false",
            "db": "shop",
            "sequence": None,
            "collection": "customers",
            "ord": counter,
            "lsid": None,
            "txnNumber": 8 if order else None,
            "wallTime": None,
        },
        "op": operation,
        "ts_ms": seconds * 1000 + 5,
        "transaction": {"id": "t", "total_order": order, "data_collection_order": order} if order else None,
    }


def test_a_contract_is_drafted_with_what_is_within_documents(customers: Contract, tmp_path: Path) -> None:
    assert (customers.name, customers.database) == ("docs_shop__customers", "mongodb")
    assert [(column.name, column.mapping.warehouse) for column in customers.columns] == [
        ("id", "String"),
        ("document", "String"),
    ]
    assert customers.by_name["document"].classification == "personal", "an address of mail is in it"
    errors = [finding for finding in lint(Contracts({customers.name: customers})) if finding.level == "error"]
    assert errors == []
    document = draft_contract("docs", "shop.customers", DOCUMENTS)
    assert yaml.safe_load(yaml.safe_dump(document)) == document
    fields = {each["name"]: each for each in document["schema"][0]["properties"][1]["properties"]}
    assert {name: each["logicalType"] for name, each in fields.items()} == {
        "_id": "string",
        "name": "string",
        "email": "string",
        "n": "number",
        "at": "timestamp",
        "address": "object",
        "tags": "array",
        "lines": "array",
        "gone": "string",
    }
    assert fields["name"]["description"] == "Of several types: integer, string."
    assert (fields["_id"]["required"], fields["email"]["required"]) == (True, False)
    (line,) = [each for each in fields["lines"]["items"]["properties"] if each["name"] == "price"]
    assert line["logicalType"] == "number"
    (geo,) = [each for each in fields["address"]["properties"] if each["name"] == "geo"]
    assert [each["name"] for each in geo["properties"]] == ["latitude"]


def test_exactly_the_contracted_collections_are_captured(customers: Contract) -> None:
    settings = Settings(_env_file=None)
    configuration = connector_configuration(settings, "docs", "mongodb://u:p@h/?replicaSet=r", [customers])
    assert configuration["collection.include.list"] == r"shop\.customers"
    assert configuration["capture.mode"] == "change_streams_update_full"
    assert configuration["exactly.once.support"] == "required"
    assert all(isinstance(value, str) for value in configuration.values())


@pytest.fixture(scope="module")
def landed(capture: Stack, customers: Contract) -> Iterator[tuple[Settings, Warehouse, KafkaProducer]]:
    settings = capture.settings
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    with Warehouse(settings) as warehouse:
        migrate.apply(settings, Contracts({customers.name: customers}))
        create_missing(settings, [customers.topic("")])
        yield settings, warehouse, producer
    producer.close()


@pytest.mark.stack
def test_documents_reach_the_warehouse_in_the_order_of_the_cluster(
    customers: Contract, landed: tuple[Settings, Warehouse, KafkaProducer]
) -> None:
    settings, warehouse, producer = landed
    key = json.dumps({"id": OID}).encode()

    def send(*events: dict[str, Any], at: bytes = key) -> None:
        for each in events:
            text = json.dumps(each, ensure_ascii=False, separators=(",", ":"))
            producer.send(customers.topic(""), key=at, value=text.encode())
        producer.flush()
        Loader(settings, [customers], warehouse).run(until_caught_up=True)

    def rows() -> list[tuple[object, ...]]:
        answer = warehouse.query(f"SELECT id, document, _transaction FROM ods.{customers.name} ORDER BY id")
        return [tuple(row) for row in answer.rows]

    first = '{"_id": ' + OID + ', "name": "Ayla 😀 \\"q\\" \\\\", "n": {"$numberLong": "9007199254740993"}}'
    send(event("r", first, 1_700_000_000, 1))
    assert rows() == [(OID, first, None)], "to the letter"
    # Of one timestamp the counter decides, of one transaction the order; what comes late changes nothing.
    send(
        event("u", '{"v": 3}', 1_700_000_001, 2, order=3),
        event("u", '{"v": 2}', 1_700_000_001, 2, order=2),
        event("u", '{"v": 1}', 1_700_000_001, 1),
    )
    assert rows() == [(OID, '{"v": 3}', 8)]
    other = json.dumps({"id": '"text"'}).encode()
    send(event("c", '{"_id": "text", "list": [1, {"a.b": null}]}', 1_700_000_002, 1), at=other)
    # The document was gone when its update was looked up; its delete follows.
    send(event("u", None, 1_700_000_003, 1), event("d", None, 1_700_000_003, 2))
    assert rows() == [('"text"', '{"_id": "text", "list": [1, {"a.b": null}]}', None)]
    city = f"SELECT JSONExtractInt(document, 'list', 1) FROM ods.{customers.name}"
    assert int(warehouse.scalar(city)) == 1
    before = int(warehouse.scalar(f"SELECT count() FROM raw.{customers.name} FINAL"))
    forget_topic(warehouse, customers.topic(""))
    Loader(settings, [customers], warehouse).run(until_caught_up=True)
    assert int(warehouse.scalar(f"SELECT count() FROM raw.{customers.name} FINAL")) == before == 7
    send({**event("u", '{"v": 9}', 1_700_000_009, 1), "source": {"ord": None}}, at=other)
    (letter,) = [each for each in find_dead_letters(warehouse) if each.dataset == customers.name]
    assert letter.reasons == ("source.ord: missing or not a position", "source.ts_us: missing or no time")
