"""Configuration of the servers and keepers of a cluster, from one description of its nodes. Pure.

Not run on a cluster yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bilten.errors import TopologyInvalid
from warehouse.cluster import CLUSTER
from warehouse.server.configuration import PROFILE

HTTP_PORT, NATIVE_PORT, REPLICAS_PORT, KEEPER_PORT, RAFT_PORT = 8123, 9000, 9009, 9181, 9234


@dataclass(frozen=True, slots=True)
class Node:
    """One server.

    Attributes:
        host: by which the others reach it.
        shard: number of its shard, from 1.
        region: where it stands; nodes read from their own region.
    """

    host: str
    shard: int
    region: str


@dataclass(frozen=True, slots=True)
class Topology:
    """A cluster: its servers, and the hosts of its keepers."""

    nodes: tuple[Node, ...]
    keepers: tuple[str, ...]

    @staticmethod
    def read(data: Mapping[str, object]) -> Topology:
        """From a parsed YAML file: ``nodes`` with host, shard and region, and ``keepers``.

        Raises:
            TopologyInvalid: something is missing, or it would not survive the loss of a node.
        """
        try:
            nodes = tuple(Node(**entry) for entry in data["nodes"])  # type: ignore[attr-defined]
            keepers = tuple(str(host) for host in data["keepers"])  # type: ignore[attr-defined]
        except (KeyError, TypeError) as error:
            raise TopologyInvalid(f"The topology lacks something: {error}.") from error
        shards = {node.shard for node in nodes}
        if shards != set(range(1, len(shards) + 1)):
            raise TopologyInvalid(f"Shards are numbered from 1 without gaps, not {sorted(shards)}.")
        if len({node.host for node in nodes}) < len(nodes):
            raise TopologyInvalid("A host stands in the topology twice.")
        if len(keepers) % 2 == 0:
            raise TopologyInvalid(f"{len(keepers)} keepers cannot outvote each other; use 3 or 5.")
        return Topology(nodes, keepers)

    @property
    def replicas(self) -> int:
        """Nodes of the shard that has most."""
        shards = [node.shard for node in self.nodes]
        return max(shards.count(shard) for shard in shards)


def cluster_files(topology: Topology) -> dict[str, str]:
    """Every configuration file by its path."""
    files = {"users.d/bilten.xml": users_file(topology.replicas)}
    for node in topology.nodes:
        files[f"config.d/{node.host}.xml"] = server_file(topology, node)
    for number, host in enumerate(topology.keepers, 1):
        files[f"keeper/{host}.xml"] = keeper_file(topology, number)
    return files


def single_files() -> dict[str, str]:
    """Configuration of one server without replicas."""
    return {"config.d/bilten.xml": _file(*_common()), "users.d/bilten.xml": users_file(1)}


def users_file(replicas: int) -> str:
    """The default profile and the platform's user, whose password's hash comes from the environment.

    Args:
        replicas: of a shard; with more than one, a query may be shared among them.
    """
    settings = {name: value for name, value in PROFILE.items() if name != "log_queries"}
    if replicas > 1:
        settings |= {
            "enable_parallel_replicas": "1",
            "max_parallel_replicas": str(replicas),
            "cluster_for_parallel_replicas": CLUSTER,
            # An insert is acknowledged when most replicas of each shard have it.
            "insert_quorum": "auto",
            "insert_quorum_parallel": "1",
            "distributed_foreground_insert": "1",
            "load_balancing": "in_order",
            "skip_unavailable_shards": "0",
        }
    profile = "".join(f"\n        <{name}>{value}</{name}>" for name, value in settings.items())
    return _file(
        f"<profiles>\n      <default>{profile}\n      </default>\n    </profiles>",
        "<users>\n      <bilten>\n"
        '        <password_sha256_hex from_env="BILTEN_WAREHOUSE_PASSWORD_SHA256"/>\n'
        "        <networks><ip>::/0</ip></networks>\n"
        "        <profile>default</profile><quota>default</quota>\n"
        "        <access_management>1</access_management>\n"
        "        <named_collection_control>1</named_collection_control>\n"
        "      </bilten>\n"
        # Nobody asks without a name.
        '      <default remove="1"/>\n    </users>',
    )


def server_file(topology: Topology, node: Node) -> str:
    """Configuration of one server: itself, the others, the keepers; those of its region are asked first."""
    shards = "".join(
        f"\n        <shard>\n          <internal_replication>true</internal_replication>{replicas}\n"
        "        </shard>"
        for shard in sorted({one.shard for one in topology.nodes})
        if (replicas := _replicas(topology, shard, node.region))
    )
    keepers = "".join(
        f"\n      <node><host>{escape(host)}</host><port>{KEEPER_PORT}</port></node>"
        for host in topology.keepers
    )
    return _file(
        *_common(),
        f"<interserver_http_host>{escape(node.host)}</interserver_http_host>",
        f"<interserver_http_port>{REPLICAS_PORT}</interserver_http_port>",
        f"<macros>\n      <cluster>{CLUSTER}</cluster>\n      <shard>{node.shard}</shard>\n"
        f"      <replica>{escape(node.host)}</replica>\n    </macros>",
        f'<remote_servers replace="1">\n      <{CLUSTER}>\n'
        '        <secret from_env="BILTEN_CLUSTER_SECRET"/>'
        f"{shards}\n      </{CLUSTER}>\n    </remote_servers>",
        f"<zookeeper>{keepers}\n    </zookeeper>",
        "<distributed_ddl><path>/clickhouse/tasks</path></distributed_ddl>",
        # Users, roles and grants are made once and known to all nodes.
        '<user_directories replace="1">\n      <users_xml><path>users.xml</path></users_xml>\n'
        "      <replicated><zookeeper_path>/clickhouse/access</zookeeper_path></replicated>\n"
        "    </user_directories>",
    )


def keeper_file(topology: Topology, number: int) -> str:
    """Configuration of one keeper.

    Args:
        topology: of the cluster.
        number: its place among the keepers, from 1.
    """
    others = "".join(
        f"\n        <server><id>{one}</id><hostname>{escape(host)}</hostname>"
        f"<port>{RAFT_PORT}</port></server>"
        for one, host in enumerate(topology.keepers, 1)
    )
    return _file(
        "<listen_host>::</listen_host>",
        f"<keeper_server>\n      <tcp_port>{KEEPER_PORT}</tcp_port>\n      <server_id>{number}</server_id>\n"
        "      <log_storage_path>/var/lib/clickhouse-keeper/log</log_storage_path>\n"
        "      <snapshot_storage_path>/var/lib/clickhouse-keeper/snapshots</snapshot_storage_path>\n"
        f"      <raft_configuration>{others}\n      </raft_configuration>\n    </keeper_server>",
    )


def _common() -> tuple[str, ...]:
    """What one server and each node of a cluster have in common."""
    return (
        "<listen_host>::</listen_host>",
        f"<http_port>{HTTP_PORT}</http_port>\n    <tcp_port>{NATIVE_PORT}</tcp_port>",
        "<merge_tree>\n      <fsync_after_insert>1</fsync_after_insert>\n"
        "      <fsync_part_directory>1</fsync_part_directory>\n"
        "      <marks_compression_codec>LZ4</marks_compression_codec>\n"
        "      <primary_key_compression_codec>LZ4</primary_key_compression_codec>\n    </merge_tree>",
        "<query_log>\n      <database>system</database>\n      <table>query_log</table>\n"
        "      <ttl>event_date + INTERVAL 30 DAY DELETE</ttl>\n    </query_log>",
        # What is not granted is refused, also in `system`.
        "<access_control_improvements>\n"
        "      <users_without_row_policies_can_read_rows>true</users_without_row_policies_can_read_rows>\n"
        "      <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>\n"
        "      <on_cluster_queries_require_cluster_grant>true</on_cluster_queries_require_cluster_grant>\n"
        "    </access_control_improvements>",
    )


def _replicas(topology: Topology, shard: int, region: str) -> str:
    return "".join(
        f"\n          <replica><host>{escape(one.host)}</host><port>{NATIVE_PORT}</port>"
        f"<priority>{1 if one.region == region else 2}</priority></replica>"
        for one in topology.nodes
        if one.shard == shard
    )


def _file(*parts: Iterable[str] | str) -> str:
    body = "\n".join(f"    {part}" for part in parts)
    return f"<!-- Written by `bilten warehouse deployment`. -->\n<clickhouse>\n{body}\n</clickhouse>\n"
