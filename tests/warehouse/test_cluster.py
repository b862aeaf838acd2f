"""Statements and configuration for a cluster: goldens, and known to the engine's own parser."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from bilten.contracts import load_contracts
from bilten.errors import TopologyInvalid
from bilten.settings import PROJECT_ROOT
from tests.fixtures.golden import Golden
from tests.warehouse.events import EVERYTHING, PLAIN
from warehouse.client import Warehouse
from warehouse.cluster import cluster_statements, dataset_statements, everywhere, sharding_key
from warehouse.schema import platform_statements
from warehouse.topology import Topology, cluster_files, single_files

FOLDER = Path(__file__).parent.parent / "golden" / "cluster"
DEPLOY = PROJECT_ROOT / "deploy"
TOPOLOGY = yaml.safe_load((DEPLOY / "cluster" / "topology.yaml").read_text())


@pytest.mark.parametrize("contract", [EVERYTHING, PLAIN], ids=lambda contract: str(contract.name))
def test_statements_of_a_dataset(contract: Any, golden: Golden) -> None:
    golden(FOLDER / f"{contract.name}.sql", text(dataset_statements(contract)))


def test_statements_of_every_dataset_by_digest(golden: Golden) -> None:
    digests = {
        contract.name: hashlib.sha256(text(dataset_statements(contract)).encode()).hexdigest()
        for contract in load_contracts().sources()
    }
    golden(FOLDER / "digests.txt", "".join(f"{digest} {name}\n" for name, digest in digests.items()))


def test_tables_of_the_platform(golden: Golden) -> None:
    golden(FOLDER / "platform.sql", text(tuple(everywhere(one) for one in platform_statements())))


def test_no_view_on_a_shard_reads_or_fills_the_whole() -> None:
    for contract in load_contracts().sources():
        for statement in dataset_statements(contract):
            if statement.kind == "materialized_view":
                for door in (f"landing.`{contract.name}`", f"raw.`{contract.name}`"):
                    assert f"TO {door}" not in statement.sql
                    assert f"FROM {door}" not in statement.sql
            if " ON CLUSTER 'bilten'" not in statement.sql.split("\n")[0]:
                pytest.fail(statement.sql[:200])


@pytest.mark.warehouse
def test_the_engine_understands_every_statement(warehouse: Warehouse) -> None:
    contracts = load_contracts()
    statements = cluster_statements(contracts.sources(), contracts.marts())
    assert len({statement.name for statement in statements}) == len(statements)
    # The parser tells of the first text that it doesn't know.
    texts = [statement.sql for statement in statements]
    unknown = warehouse.query(
        "SELECT substring(text, 1, 300) FROM "
        "(SELECT arrayJoin({texts:Array(String)}) AS text) WHERE isNull(formatQueryOrNull(text))",
        {"texts": texts},
        settings={"max_query_size": 100_000_000},
    ).rows
    assert unknown == []
    for sample in texts[::25]:
        assert str(warehouse.scalar(f"EXPLAIN AST {sample}")).startswith("CreateQuery")


@pytest.mark.warehouse
def test_a_record_and_its_row_belong_to_the_same_shard(warehouse: Warehouse) -> None:
    contract = load_contracts()["tickets__orders"]
    key = "01890a5d-ac96-774b-bcce-b302099a8001"
    record = sharding_key(contract, of_records=True)
    row = sharding_key(contract, of_records=False)
    assert warehouse.scalar(
        f"SELECT (SELECT {record} FROM (SELECT {{json:Nullable(String)}} AS key)) = "
        f"(SELECT {row} FROM (SELECT toUUID({{key:String}}) AS id))",
        {"json": f'{{"id":"{key}"}}', "key": key},
    )
    # A truncation has no key; it goes to one shard, and to `ops.truncations` of all.
    assert warehouse.scalar(f"SELECT {record} > 0 FROM (SELECT CAST(NULL, 'Nullable(String)') AS key)")


def test_the_configuration_is_as_written() -> None:
    expected = {f"server/{name}": body for name, body in single_files().items()}
    expected |= {f"cluster/{name}": body for name, body in cluster_files(Topology.read(TOPOLOGY)).items()}
    found = {str(path.relative_to(DEPLOY)): path.read_text() for path in DEPLOY.rglob("*.xml")}
    assert found == expected, "run `bilten warehouse deployment`"


def test_nodes_read_from_their_own_region_first() -> None:
    node = ET.parse(DEPLOY / "cluster" / "config.d" / "clickhouse-1.west.example.com.xml")
    first = [
        replica.findtext("host")
        for replica in node.iterfind("remote_servers/bilten/shard/replica")
        if replica.findtext("priority") == "1"
    ]
    assert first == ["clickhouse-1.west.example.com", "clickhouse-2.west.example.com"]
    assert node.findtext("macros/shard") == "1"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"keepers": ["a", "b"]}, "2 keepers"),
        ({"nodes": [{"host": "a", "shard": 2, "region": "x"}]}, "from 1"),
        ({"nodes": [{"host": "a", "shard": 1, "region": "x"}] * 2}, "twice"),
        ({"nodes": [{"host": "a"}]}, "lacks"),
    ],
)
def test_a_topology_that_would_not_hold_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(TopologyInvalid, match=told):
        Topology.read({**TOPOLOGY, **change})


def text(statements: tuple[Any, ...]) -> str:
    return "\n\n".join(f"{statement.sql};" for statement in statements) + "\n"
