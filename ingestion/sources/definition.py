"""A source: one database whose changes are captured, and the names of everything that belongs to it alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from bilten.contracts import Contract
from bilten.databases import FILES, Database
from bilten.errors import SourceRefused
from bilten.settings import Settings

CONNECTOR_NAME = "ticketing-postgresql"
SLOT_NAME = "bilten"
PUBLICATION_NAME = "bilten"
LARGEST_EPOCH = 65_535
SCHEMES: Mapping[str, Database] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mariadb": "mariadb",
    "mysql": "mariadb",
    "cassandra": "cassandra",
}
_PORTS: Mapping[Database, int] = {"postgresql": 5432, "mariadb": 3306, "cassandra": 9042}

# Part of a slot's name, of topics and of tables in the warehouse, so that all of these allow it.
_NAME = re.compile(r"^[a-z][a-z0-9]{1,30}$")


@dataclass(frozen=True, slots=True)
class Source:
    """One database.

    Attributes:
        name: tells it from others; its change topics begin with it.
        url: its address, ``postgresql://user:password@host:port/database``, or ``mariadb://``, ``mysql://``,
            ``cassandra://``.
        connector: name of its connector.
        slot: name of its replication slot; empty where there is no such thing.
        publication: name of its publication; empty where there is no such thing.
        epoch: raised when the database is restored or failed over, whose log then begins anew.
        is_own: whether it is the platform's own database, whose datasets bear no prefix.
    """

    name: str
    url: str = field(repr=False)
    connector: str
    slot: str
    publication: str
    epoch: int = 0
    is_own: bool = False

    @property
    def database(self) -> Database:
        """The kind of database."""
        return SCHEMES[urlsplit(self.url).scheme]

    @property
    def port(self) -> int:
        """The port, which need not be in the address."""
        return urlsplit(self.url).port or _PORTS[self.database]

    @property
    def schemas(self) -> tuple[str, ...]:
        """The schemas that are captured unless others are asked for; all if empty.

        What PostgreSQL calls a schema is a database of MariaDB and a keyspace of Cassandra, where one log
        serves all.
        """
        return (unquote(urlsplit(self.url).path.strip("/")),) if self.database != "postgresql" else ()

    @property
    def stands_alone(self) -> bool:
        """Whether its connector is a program of its own, not one of Kafka Connect."""
        return self.database == "cassandra"

    @property
    def contract_source(self) -> str:
        """What contracts of its tables call it."""
        return "" if self.is_own else self.name

    @property
    def address(self) -> str:
        """The address without user and password, for people."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}:{self.port}{parts.path}"

    def tables(self, contracts: Iterable[Contract]) -> tuple[Contract, ...]:
        """Those of some contracts that describe tables of this database."""
        return tuple(
            contract
            for contract in contracts
            if contract.kind == "source" and contract.source == self.contract_source
        )

    def at_epoch(self, epoch: int) -> Source:
        """The same source in another epoch.

        Raises:
            SourceRefused: there are no more epochs.
        """
        if not 0 <= epoch <= LARGEST_EPOCH:
            raise SourceRefused(f"The source {self.name} cannot be in epoch {epoch}.")
        return replace(self, epoch=epoch)


def own_source(settings: Settings, epoch: int = 0) -> Source:
    """The platform's own database."""
    return Source(
        settings.topic_prefix,
        settings.operational_url,
        CONNECTOR_NAME,
        SLOT_NAME,
        PUBLICATION_NAME,
        epoch,
        is_own=True,
    )


def other_source(name: str, url: str, epoch: int = 0) -> Source:
    """Another database.

    Args:
        name: lower-case letters and digits, at most 31.
        url: ``postgresql://user:password@host:port/database``, or ``mariadb://``, ``mysql://``,
            ``cassandra://``.
        epoch: its epoch.

    Raises:
        SourceRefused: name or address cannot be used.
    """
    if not _NAME.match(name) or name == FILES:
        raise SourceRefused(
            f"A source cannot be called {name}.",
            why="The name becomes part of names in the source, Kafka and the warehouse.",
            remedy="Choose 2 to 31 lower-case letters and digits, beginning with a letter.",
        )
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname or not parts.path.strip("/"):
        raise SourceRefused(
            f"The address of {name} cannot be used.",
            why=f"It begins with {parts.scheme or 'nothing'}, or lacks host or database.",
            remedy="Give postgresql://user:password@host:port/database, or mariadb://…, mysql://…, cassandra://….",
        )
    database = SCHEMES[parts.scheme]
    slot = f"bilten_{name}" if database == "postgresql" else ""
    return Source(name, url, f"{name}-{database}", slot, slot, epoch)


def name_of(url: str) -> str:
    """A name for a source after its database: what is left of it in lower-case letters and digits."""
    found = re.sub(r"[^a-z0-9]", "", urlsplit(url).path.lower()).lstrip("0123456789")[:31]
    return found or "source"
