"""Dataset names: one dataset has one name everywhere, whoever reports it.

A name is a namespace (the store) and a name inside it. ``Names`` says how this installation's datasets are
called; ``Names.canonical`` turns what other producers call them into the same names, and keeps theirs as a
symlink, so that nothing that was reported is lost.

| store | namespace | name |
|---|---|---|
| PostgreSQL | ``postgres://{host}:{port}`` | ``{database}.{schema}.{table}`` |
| MySQL, MariaDB | ``mysql://{host}:{port}`` | ``{database}.{table}`` |
| MongoDB | ``mongodb://{host}:{port}`` | ``{database}.{collection}`` |
| Kafka | ``kafka://{bootstrap host}:{port}`` | ``{topic}`` |
| warehouse | ``clickhouse://{authority}`` | ``{database}.{table}`` |
| Iceberg | ``file`` or ``s3://{bucket}`` | root folder of the table |

A build of the marts has a database of its own (``build_<id>``). In lineage they are one dataset,
``build.<mart>``, and the build is its version: otherwise every build would add a copy of the graph.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from bilten.contracts import Contract
from bilten.databases import Database
from bilten.errors import LineageError
from bilten.settings import Settings

BUILD_DATABASE = "build"
_BUILD = re.compile(r"build_(?P<id>[^.]+)")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - a name to compare, nothing binds to it
_DEFAULT_PORTS = {
    "postgres": 5432,
    "kafka": 9092,
    "clickhouse": 8123,
    "mysql": 3306,
    "mongodb": 27017,
    "cassandra": 9042,
}
_SCHEMES = {
    "postgresql": "postgres",
    "s3a": "s3",
    "s3n": "s3",
    "clickhousedb": "clickhouse",
    "mariadb": "mysql",
}
_STORES: Mapping[Database, str] = {"postgresql": "postgres", "mariadb": "mysql", "mongodb": "mongodb"}
"""What the naming specification calls each kind of database."""
_CREDENTIALS = re.compile(r"://[^/]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, order=True)
class DatasetName:
    """The name of a dataset, valid by construction.

    Args:
        namespace: the store, for instance ``postgres://db:5432``; never with credentials.
        name: the dataset inside the store.

    Raises:
        LineageError: a part is empty, has surrounding blanks or control characters, or carries credentials.
    """

    namespace: str
    name: str

    def __post_init__(self) -> None:
        for label, value in (("namespace", self.namespace), ("name", self.name)):
            if not value or value != value.strip() or _CONTROL.search(value):
                raise LineageError(
                    f"{value!r} cannot be the {label} of a dataset.",
                    why="It is empty, or has surrounding blanks or control characters.",
                    remedy="Name the dataset as docs/reference/lineage.md says.",
                )
        if "@" in self.namespace:
            raise LineageError(
                "The namespace of a dataset carries credentials.",
                why="A name is stored and shown to every reader.",
                remedy="Leave user and password out of the namespace.",
            )

    @property
    def store(self) -> str:
        """The kind of store: ``postgres``, ``kafka``, ``clickhouse``, ``file``, ``s3`` and so on."""
        return self.namespace.partition("://")[0]

    @property
    def node(self) -> str:
        """The dataset as a node of the graph: ``dataset:{namespace}:{name}``."""
        return f"dataset:{self.namespace}:{self.name}"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name.lstrip('/')}"


def parse_node(node: str) -> DatasetName:
    """Read ``dataset:{namespace}:{name}`` back.

    Raises:
        LineageError: the text is not a dataset node.
    """
    kind, _, rest = node.partition(":")
    if rest.startswith("file:"):
        namespace, _, name = rest.partition(":")
    else:
        namespace, _, name = rest.rpartition(":")
    if kind != "dataset":
        raise LineageError(
            f"{node!r} is not a dataset.",
            why="Nodes read `dataset:<namespace>:<name>`.",
            remedy="Correct the node.",
        )
    return DatasetName(namespace, name)


@dataclass(frozen=True, order=True)
class JobName:
    """The name of a job: what runs again and again, each time as a run.

    Args:
        namespace: who schedules it.
        name: the job inside the namespace, for instance ``load.tickets__orders``.
    """

    namespace: str
    name: str

    def __post_init__(self) -> None:
        # The rules are those of datasets; building one checks them.
        DatasetName(self.namespace, self.name)


@dataclass(frozen=True)
class Canonical:
    """A dataset's one name, the name it was reported under if that differs, and the build it names."""

    name: DatasetName
    reported: DatasetName | None = None
    build: str | None = None


def _with_port(authority: str, scheme: str) -> str:
    """Host in lower case and port, without credentials; the scheme's usual port when none is given."""
    first = authority.partition(",")[0].rpartition("@")[2].rstrip("/")
    try:
        parts = urlsplit(f"//{first}")
        host, port = (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme)
    except ValueError as error:
        raise LineageError(
            f"{first!r} is not an address of a store.",
            why=f"{error}.",
            remedy="Namespaces read <scheme>://<host>:<port>.",
        ) from error
    if ":" in host:
        host = f"[{host}]"
    return f"{host}:{port}" if port else host


def _same_place(left: str, right: str) -> bool:
    """Whether two ``host:port`` are one place, all loopback names being the same host."""
    left_host, _, left_port = left.rpartition(":")
    right_host, _, right_port = right.rpartition(":")
    hosts = {left_host.strip("[]"), right_host.strip("[]")}
    return left_port == right_port and (len(hosts) == 1 or hosts <= _LOOPBACK)


@dataclass(frozen=True)
class Names:
    """How this installation's datasets and jobs are named.

    Args:
        postgres: ``host:port`` of the operational database.
        database: its name.
        kafka: ``host:port`` of the one bootstrap server that names are built with.
        bootstrap_servers: all of them, so that a report through another one is recognised.
        authority: the warehouse's name in lineage; a setting, not the address of the day.
        warehouse_address: ``host:port`` where the warehouse answers today.
        topic_prefix: prefix of the change topics.
        sources: addresses of the other sources, by name; without credentials.
        files: root of the files that arrive by day, as a URI.
    """

    postgres: str
    database: str
    kafka: str
    bootstrap_servers: tuple[str, ...]
    authority: str
    warehouse_address: str
    topic_prefix: str
    sources: Mapping[str, str] = field(default_factory=dict)
    files: str = "file:///"

    @classmethod
    def of(cls, settings: Settings, sources: Mapping[str, str] | None = None) -> Names:
        """The names under the given settings.

        Args:
            settings: addresses of what is the platform's own.
            sources: addresses of the other sources, by name, as the warehouse remembers them.
        """
        source = urlsplit(settings.operational_url)
        servers = tuple(
            _with_port(server.strip(), "kafka") for server in settings.bootstrap_servers.split(",")
        )
        host, port = settings.warehouse_host_port
        return cls(
            postgres=_with_port(source.netloc, "postgres"),
            database=unquote(source.path.lstrip("/")) or settings.postgres_database,
            kafka=servers[0],
            bootstrap_servers=servers,
            authority=settings.warehouse_authority,
            warehouse_address=f"{host}:{port}",
            topic_prefix=settings.topic_prefix,
            sources=dict(sources or {}),
            files=_without_options(settings.files_location),
        )

    def source(self, contract: Contract) -> DatasetName:
        """The operational table that a contract describes, or the folder where its files arrive.

        Of a source that was removed, and whose address is no longer kept, its name stands for the host.
        """
        if contract.files is not None:
            folder = f"{self.files}/{contract.source_schema}/{contract.source_table}"
            return self.canonical(_location(folder)).name
        store = _STORES[contract.database]
        name = f"{contract.source_schema}.{contract.source_table}"
        if not contract.source:
            return DatasetName(f"postgres://{self.postgres}", f"{self.database}.{name}")
        place, database = _place(self.sources.get(contract.source, f"//{contract.source}"), store)
        return DatasetName(f"{store}://{place}", f"{database}.{name}" if store == "postgres" else name)

    def topic(self, contract: Contract) -> DatasetName:
        """The change topic of the table that a contract describes."""
        return self.topic_named(contract.topic(self.topic_prefix))

    def delivered(self, contract: Contract) -> DatasetName:
        """What a table is loaded from: its change topic, or the folder where its files arrive."""
        return self.source(contract) if contract.files is not None else self.topic(contract)

    def topic_named(self, topic: str) -> DatasetName:
        """Any topic of the cluster."""
        return DatasetName(f"kafka://{self.kafka}", topic)

    def warehouse(self, database: str, table: str) -> DatasetName:
        """A table or view of the warehouse; every build's database is the one called ``build``."""
        found = _BUILD.fullmatch(database)
        return DatasetName(
            f"clickhouse://{self.authority}", f"{BUILD_DATABASE if found else database}.{table}"
        )

    def raw(self, dataset: str) -> DatasetName:
        """Where every change of a dataset is kept."""
        return self.warehouse("raw", dataset)

    def ods(self, dataset: str) -> DatasetName:
        """The present state of a dataset."""
        return self.warehouse("ods", dataset)

    def staging(self, dataset: str) -> DatasetName:
        """The staging view of a dataset."""
        return self.warehouse("staging", f"stg_{dataset}")

    def built(self, mart: str) -> DatasetName:
        """A mart as a build made it, before it is published."""
        return self.warehouse(BUILD_DATABASE, mart)

    def mart(self, mart: str) -> DatasetName:
        """A mart as readers see it."""
        return self.warehouse("marts", mart)

    def iceberg(self, location: str) -> DatasetName:
        """An Iceberg table, named by the root of its files (a path, ``file://`` or ``s3://``)."""
        return self.canonical(_location(location)).name

    def catalog(self, dataset: str) -> DatasetName:
        """The name of an archived table in its catalog, kept as a symlink of its files."""
        return DatasetName(f"iceberg://{self.authority}", f"bronze.{dataset}")

    def received(self, namespace: str, name: str) -> Canonical:
        """The one name of a dataset in a foreign event, whose namespace may even carry credentials.

        Raises:
            LineageError: namespace or name cannot be used at all.
        """
        return self.canonical(DatasetName(_CREDENTIALS.sub("://", namespace.strip()), name.strip()))

    def canonical(self, reported: DatasetName) -> Canonical:
        """The one name of a dataset that somebody reported, whatever they call it.

        Applying it twice gives the same as applying it once.
        """
        scheme, separator, authority = reported.namespace.partition("://")
        scheme = _SCHEMES.get(scheme.lower().partition("+")[0], scheme.lower())
        name, build = reported.name, None
        namespace = reported.namespace
        if scheme == "file":
            namespace, name = "file", "/" + name.removeprefix("file://").strip("/")
        elif scheme == "s3":
            namespace, name = f"s3://{authority.strip('/')}", name.strip("/") or name
        elif scheme == "clickhouse" and separator:
            place = authority.rpartition("@")[2].lower()
            ours = place == self.authority.lower() or _same_place(
                _with_port(place, scheme), self.warehouse_address
            )
            namespace = f"clickhouse://{self.authority if ours else _with_port(place, scheme)}"
            name, build = _without_build(name)
        elif scheme in _DEFAULT_PORTS and separator:
            place = _with_port(authority, scheme)
            if scheme == "postgres":
                place, database = self._postgres_at(place)
                # Debezium's own events leave the database out.
                name = f"{database}.{name}" if database and name.count(".") == 1 else name
            elif scheme == "kafka" and any(_same_place(place, server) for server in self.bootstrap_servers):
                place = self.kafka
            namespace = f"{scheme}://{place}"
        result = DatasetName(namespace, name)
        return Canonical(result, reported if reported != result else None, build)

    def _postgres_at(self, place: str) -> tuple[str, str]:
        """The place of a PostgreSQL as we write it, and the database captured there; empty if none is, or if
        several are.
        """
        if _same_place(place, self.postgres):
            return self.postgres, self.database
        captured = [_place(address, "postgres") for address in self.sources.values() if _is_postgres(address)]
        there = {(known, database) for known, database in captured if _same_place(place, known)}
        return there.pop() if len(there) == 1 else (place, "")


def _is_postgres(address: str) -> bool:
    scheme = urlsplit(address).scheme
    return _SCHEMES.get(scheme, scheme) == "postgres"


def _place(address: str, store: str) -> tuple[str, str]:
    """``host:port`` and database of a source's address; its last part, whatever stands before it."""
    parts = urlsplit(address)
    return _with_port(parts.netloc, store), unquote(parts.path.strip("/")) or parts.netloc


def build_of(database: str) -> str | None:
    """The build that a warehouse database belongs to, if it belongs to one."""
    found = _BUILD.fullmatch(database)
    return found["id"] if found else None


def _without_build(name: str) -> tuple[str, str | None]:
    database, separator, table = name.partition(".")
    build = build_of(database)
    return (f"{BUILD_DATABASE}.{table}", build) if separator and build else (name, None)


def _without_options(location: str) -> str:
    """A place of files without credentials and options."""
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def _location(location: str) -> DatasetName:
    scheme, separator, rest = location.partition("://")
    if not separator:
        return DatasetName("file", location)
    if scheme == "file":
        return DatasetName("file", "/" + rest.lstrip("/"))
    bucket, _, key = rest.partition("/")
    return DatasetName(f"{scheme}://{bucket}", key)
