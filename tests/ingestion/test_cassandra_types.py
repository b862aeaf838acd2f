"""What is known of Cassandra's types and nodes, without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bilten.databases import TYPE_SYSTEMS
from bilten.errors import SourceRefused, UnmappedType
from bilten.settings import Settings
from ingestion.sources.cassandra.configuration import DRIVER, NODE, PROPERTIES, files
from ingestion.sources.cassandra.inspection import SourceServer, has_vector, is_poisonous, seconds
from ingestion.sources.cassandra.obstacles import column_problem, server_problems
from ingestion.sources.cassandra.types import parse, spelled
from ingestion.sources.definition import other_source
from ingestion.sources.tables import SourceColumn

TYPES = {"pair": {"a": "int", "b": "frozen<list<decimal>>"}, "flat": {"street": "text", "zip": "int"}}
WELL = SourceServer("5.0.2", True, 0.05, "4096MiB", False, 1, (), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("map<text, frozen<list<int>>>", "map<text,frozen<list<int>>>"),
        ("frozen<map<text, int>>", "frozen<map<text,int>>"),
        ("frozen<flat>", "udt<street:text,zip:int>"),
        ("pair", "unfrozen_udt<a:int,b:frozen<list<decimal>>>"),
        ("frozen<tuple<int, text>>", "tuple<int,text>"),
        ("list<frozen<flat>>", "list<udt<street:text,zip:int>>"),
    ],
)
def test_types_have_one_spelling_that_can_be_read_again(text: str, expected: str) -> None:
    found = spelled(parse(text, TYPES))
    assert found == expected
    assert spelled(parse(found)) == expected


def column(kind: str) -> SourceColumn:
    return SourceColumn(
        "v", spelled(parse(kind, TYPES)), False, (), False, "plain", "plain", "", True, "cassandra"
    )


@pytest.mark.parametrize(
    "kind",
    [
        "frozen<list<decimal>>",
        "frozen<map<int, timestamp>>",
        "tuple<int, date>",
        "frozen<flat>",
        "varint",
        "inet",
    ],
)
def test_these_are_captured(kind: str) -> None:
    assert column_problem(column(kind)) is None


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("set<text>", "added or removed"),
        ("flat", "cannot read the type"),
        ("duration", "into seconds"),
        ("frozen<list<blob>>", "blob inside another"),
        ("frozen<list<frozen<list<int>>>>", "list inside another"),
        ("frozen<list<frozen<map<text, uuid>>>>", "cannot read the type"),
        ("vector<float, 3>", "cannot read the type"),
        ("'org.example.Own'", "cannot be kept without loss"),
    ],
)
def test_these_are_left_out_with_the_reason(kind: str, what: str) -> None:
    problem = column_problem(column(kind))
    assert problem is not None
    assert what in problem[0]


def test_only_what_stops_the_connector_is_said_to() -> None:
    assert is_poisonous(parse("pair", TYPES))
    assert is_poisonous(parse("frozen<set<frozen<list<uuid>>>>"))
    assert not is_poisonous(parse("frozen<set<frozen<list<text>>>>"))
    assert not is_poisonous(parse("frozen<pair>", TYPES))
    assert has_vector(parse("frozen<list<vector<float, 3>>>"))


def test_types_without_an_exact_form_have_no_mapping() -> None:
    for kind in ("duration", "counter", "set<text>", "unfrozen_udt<a:int>"):
        with pytest.raises(UnmappedType):
            TYPE_SYSTEMS["cassandra"].map_type(kind)


def test_a_node_that_cannot_be_captured_says_why() -> None:
    assert list(server_problems(WELL)) == []
    odd = replace(
        WELL,
        version="4.1.3",
        is_enabled=False,
        sync_seconds=10.0,
        blocks_writes=True,
        nodes=3,
        blinding=("a.b.c",),
    )
    found = [(weight, what) for weight, what, _ in server_problems(odd)]
    assert [weight for weight, _ in found] == ["source", "source", "source", "note", "note", "note"]
    assert "cdc_enabled" in found[0][1]
    assert "4.1.3" in found[1][1]
    assert "vector" in found[2][1]
    assert "10 s" in found[3][1]
    assert (seconds("50ms"), seconds("10000ms"), seconds("2s"), seconds("0ms")) == (0.05, 10.0, 2.0, 0.0)


def test_the_connector_reads_this_node_and_sends_numbers_as_texts() -> None:
    source = other_source("shop", "cassandra://u:p%22w@10.0.0.7/shop")
    node = {
        "cluster_name": "Test Cluster",
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "commitlog_directory": "/var/lib/cassandra/commitlog",
        "cdc_raw_directory": "/var/lib/cassandra/cdc_raw",
        "data_file_directories": "[/a, /b]",
    }
    made = files(Settings(_env_file=None), source, node, "dc1", 4711)
    options = dict(line.split("=", 1) for line in made[PROPERTIES].splitlines())
    assert options["topic.prefix"] == "shop"
    assert (options["snapshot.mode"], options["http.port"]) == ("never", "4711")
    assert (options["decimal.handling.mode"], options["varint.handling.mode"]) == ("string", "string")
    assert 'data_file_directories: ["/a", "/b"]' in made[NODE]
    assert '"10.0.0.7:9042"' in made[DRIVER]
    assert r"p\"w" in made[DRIVER]
    assert "p%22w" not in made[PROPERTIES]


def test_an_address_needs_a_keyspace() -> None:
    with pytest.raises(SourceRefused):
        other_source("shop", "cassandra://host:9042")
