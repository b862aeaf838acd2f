"""Events from anyone: checked, freed of secrets, under our names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilten.errors import EventRefused
from lineage.events import as_dict, completed
from lineage.receipt import MASK, receive
from tests.lineage.samples import ENDED, NAMES
from tests.lineage.specification import validate
from tests.lineage.test_events import ARCHIVE, CAPTURE, CHECK, LOAD, PUBLISH

FACET = {"_producer": "https://debezium.io/", "_schemaURL": "https://debezium.io/facet.json"}


def debezium() -> dict[str, Any]:
    """An event in the shape Debezium's own integration sends."""
    return {
        "eventTime": "2026-03-29T01:00:00.123Z",
        "producer": "https://github.com/debezium/debezium",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "eventType": "RUNNING",
        "run": {
            "runId": "019c1a2b-0000-7000-8000-000000000001",
            "facets": {
                "debezium_config": {
                    **FACET,
                    "configs": [
                        "database.hostname=localhost",
                        "database.password=hunter2",
                        "database.user = bilten",
                        "producer.override.sasl.jaas.config=org.apache.Plain required password='x';",
                        "schema.history.url=jdbc:postgresql://bilten:hunter2@localhost/ticketing?password=hunter2&ssl=1",
                    ],
                }
            },
        },
        "job": {"namespace": "ticketing", "name": "ticketing.0"},
        "inputs": [{"namespace": "postgres://localhost:15432", "name": "tickets.orders", "facets": {}}],
        "outputs": [{"namespace": "kafka://broker-2.internal:9092", "name": "ticketing.tickets.orders"}],
    }


def test_debeziums_datasets_get_our_names_and_keep_theirs_as_symlinks() -> None:
    event = receive(NAMES, debezium())
    (read,), (written,) = event["inputs"], event["outputs"]
    assert (read["namespace"], read["name"]) == ("postgres://127.0.0.1:15432", "ticketing.tickets.orders")
    assert read["facets"]["symlinks"]["identifiers"] == [
        {"namespace": "postgres://localhost:15432", "name": "tickets.orders", "type": "TABLE"}
    ]
    assert written["namespace"] == "kafka://127.0.0.1:9092"
    assert written["facets"]["symlinks"]["identifiers"][0]["type"] == "TOPIC"


def test_no_secret_of_debeziums_configuration_is_kept() -> None:
    event = receive(NAMES, debezium())
    configs = event["run"]["facets"]["debezium_config"]["configs"]
    assert configs[:3] == [
        "database.hostname=localhost",
        f"database.password={MASK}",
        "database.user = bilten",
    ]
    text = json.dumps(event)
    assert "hunter2" not in text
    assert "required password" not in text
    assert "localhost/ticketing" in text


secrets = st.from_regex(r"[A-Za-z0-9]{12,20}", fullmatch=True)


@given(
    secrets,
    st.sampled_from(
        [
            "password",
            "database.password",
            "ssl_key_passphrase",
            "apiKey",
            "api-key",
            "client_secret",
            "access.key",
            "token",
            "auth.token",
            "sasl.jaas.config",
        ]
    ),
)
def test_a_secret_is_masked_in_every_shape_it_comes_in(secret: str, key: str) -> None:
    event = debezium()
    event["run"]["facets"]["x"] = {
        **FACET,
        "map": {key: secret},
        "deep": [{"more": {key: [secret]}}],
        "lines": [f"{key}={secret}", f"{key}: {secret}"],
        "pairs": [{"key": key, "value": secret}, {"name": key, "value": secret}],
        "url": f"kafka://user:{secret}@host:9092/x",
    }
    assert secret not in json.dumps(receive(NAMES, event))


def test_a_column_that_is_called_like_a_secret_keeps_its_lineage() -> None:
    event = debezium()
    event["outputs"][0]["facets"] = {
        "schema": {**FACET, "fields": [{"name": "password_hash", "type": "String"}]},
        "columnLineage": {
            **FACET,
            "fields": {
                "password_hash": {
                    "inputFields": [
                        {
                            "namespace": "postgresql://localhost:15432",
                            "name": "users.users",
                            "field": "password",
                        }
                    ]
                }
            },
        },
    }
    facets = receive(NAMES, event)["outputs"][0]["facets"]
    assert facets["schema"]["fields"] == [{"name": "password_hash", "type": "String"}]
    assert facets["columnLineage"]["fields"]["password_hash"]["inputFields"] == [
        {"namespace": "postgres://127.0.0.1:15432", "name": "ticketing.users.users", "field": "password"}
    ]


@pytest.mark.parametrize("work", [CAPTURE, LOAD, CHECK, ARCHIVE, PUBLISH])
def test_our_own_events_pass_unchanged(work: Any) -> None:
    event = as_dict(completed(work, ENDED))
    assert receive(NAMES, event) == event


def test_receiving_twice_is_receiving_once_and_stays_valid() -> None:
    once = receive(NAMES, debezium())
    assert receive(NAMES, once) == once
    once["run"]["facets"] = {}
    validate(once)


def test_dataset_and_job_events_are_taken() -> None:
    base = {key: debezium()[key] for key in ("eventTime", "producer", "schemaURL")}
    dataset = receive(
        NAMES, {**base, "dataset": {"namespace": "clickhouse://localhost:8123", "name": "raw.t"}}
    )
    assert dataset["dataset"]["namespace"] == "clickhouse://warehouse"
    job = {**base, "job": {"namespace": "n", "name": "j"}, "inputs": None}
    assert "inputs" not in receive(NAMES, job)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"eventTime": None}, "eventTime"),
        ({"eventTime": "yesterday"}, "eventTime"),
        ({"eventTime": "2026-03-29T01:00:00"}, "zone"),
        ({"producer": ""}, "producer"),
        ({"eventType": "DONE"}, "eventType"),
        ({"run": {"runId": "1"}}, "UUID"),
        ({"run": None}, "UUID"),
        ({"run": {"runId": "019c1a2b-0000-7000-8000-000000000001", "facets": []}}, "run.facets"),
        ({"job": {"namespace": "n"}}, "job.name"),
        ({"inputs": {}}, "inputs"),
        ({"inputs": [{"namespace": "n", "name": " "}]}, r"inputs\[0\].name"),
        ({"outputs": ["x"]}, r"outputs\[0\]"),
        ({"inputs": [{"namespace": "kafka://h:port", "name": "t"}]}, "port"),
        ({"dataset": {"namespace": "n", "name": "d"}}, "both"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(EventRefused, match=reason):
        receive(NAMES, {**debezium(), **change})


@pytest.mark.parametrize("data", [None, [], "x", 1])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(EventRefused):
        receive(NAMES, data)
