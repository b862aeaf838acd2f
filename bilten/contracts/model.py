"""What a contract says, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from bilten.databases import FILES, TYPE_SYSTEMS, Database
from bilten.errors import ContractNotFound
from bilten.types import TypeMapping

Kind = Literal["source", "mart", "live"]
Classification = Literal["public", "internal", "personal", "sensitive"]
Severity = Literal["error", "warning"]
Storage = Literal["plain", "main", "external", "extended"]
Infinity = Literal["refused", "sentinel"]
ReplicaIdentity = Literal["default", "full"]


def dataset_name(source: str, schema: str, table: str) -> str:
    """The name of a table in the warehouse: ``schema__table``, behind its database's name if that has one.

    Args:
        source: name of the database; empty for the platform's own.
        schema: the table's schema there.
        table: the table's name there.
    """
    return f"{source}_{schema}__{table}" if source not in ("", FILES) else f"{schema}__{table}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: the dataset and column that a column's values come from."""

    dataset: str
    column: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One quality rule, still neutral: it says what must hold, not how it is evaluated.

    Attributes:
        name: stable name, unique in its contract.
        metric: a metric of the standard (``nullValues``, ``duplicateValues``, ``invalidValues``,
            ``rowCount``, ``missingValues``), or None for a rule with a query.
        query: SQL that counts failing rows; ``{table}`` is this dataset, ``{other__dataset}`` another.
        column: the column the rule is about, or None for the whole table.
        arguments: the metric's arguments, as the standard names them.
        must_be: the comparison that must hold: operator of the standard (``mustBe``, …) and its value.
        severity: an ``error`` blocks publication, a ``warning`` is shown.
        dimension: the standard's quality dimension (``completeness``, ``consistency``, …).
        description: one sentence for people.
    """

    name: str
    metric: str | None
    query: str | None
    column: str | None
    arguments: Mapping[str, object]
    must_be: tuple[str, object]
    severity: Severity
    dimension: str | None
    description: str


@dataclass(frozen=True, slots=True)
class SubjectPath:
    """One way from a row to the person it is about.

    Attributes:
        column: the column that holds the identifier.
        path: JSON path inside the column, when it holds a document.
        references: dataset and column the identifier belongs to; None for people known only by this value.
    """

    column: str
    path: str | None
    references: Reference | None


@dataclass(frozen=True, slots=True)
class FileNames:
    """What the files of a dataset are called that arrive by day.

    Attributes:
        pattern: regular expression of a name below the dataset's folder; its group ``day`` is the day, and
            its group ``version``, where there is one, tells a correction from what it corrects.
        since: the first day that there can be files of.
        delimiter: between the fields of a line of CSV.
    """

    pattern: str
    since: date
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset, as its contract describes it.

    ``source_type`` is the type in the operational database for a source (``numeric(10,2)``,
    ``timestamptz``, ``enum``), and the warehouse's type for a mart. ``storage`` is how PostgreSQL stores the
    column where that differs from the type's default; ``plain`` values are never moved out of line.
    ``infinity`` says what becomes of PostgreSQL's infinite times: refused, or kept as the type's first or
    last moment with the original text in ``_extra``. ``database`` is the kind whose type it has.
    """

    name: str
    description: str
    logical_type: str
    source_type: str
    required: bool
    unique: bool = False
    key_position: int | None = None
    classification: Classification = "internal"
    labels: tuple[str, ...] = ()
    references: Reference | None = None
    storage: Storage | None = None
    infinity: Infinity = "refused"
    database: Database = "postgresql"

    @property
    def is_personal(self) -> bool:
        """Whether the column holds personal data, sensitive or not."""
        return self.classification in {"personal", "sensitive"}

    @property
    def mapping(self) -> TypeMapping:
        """How values of the source type are kept.

        Raises:
            UnmappedType: the type has no lossless mapping.
        """
        return TYPE_SYSTEMS[self.database].map_type(self.source_type)


@dataclass(frozen=True)
class Contract:
    """One dataset: a table of an operational database, a published mart, or a live one.

    ``source`` names the database that a table belongs to; it is empty for the platform's own. ``database``
    says of what kind that is, and ``files`` what files are called where it comes in these.
    ``partition_key`` is the part of the key by which Cassandra places rows, all of which one delete may
    remove; it is empty where that is the whole key.
    """

    name: str
    version: str
    kind: Kind
    domain: str
    owner: str
    description: str
    usage: str
    limitations: str
    grain: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    roles: tuple[str, ...]
    subjects: tuple[SubjectPath, ...]
    excluded_columns: tuple[str, ...] = ()
    freshness: timedelta | None = None
    retention: timedelta | None = None
    hot_retention: timedelta | None = None
    source_schema: str = ""
    source_table: str = ""
    replica_identity: ReplicaIdentity = "default"
    source: str = ""
    database: Database = "postgresql"
    files: FileNames | None = None
    partition_key: tuple[str, ...] = ()

    @cached_property
    def key(self) -> tuple[Column, ...]:
        """The primary key's columns in order; empty for a dataset without a key."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(sorted(keyed, key=lambda column: column.key_position or 0))

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    def topic(self, prefix: str) -> str:
        """The change topic of a source table: ``prefix.schema.table``.

        Args:
            prefix: that of the platform's own database; another database's topics begin with its name.
        """
        return f"{self.source or prefix}.{self.source_schema}.{self.source_table}"


@dataclass(frozen=True)
class Contracts(Mapping[str, Contract]):
    """All contracts by dataset name, sorted by name."""

    contracts: Mapping[str, Contract] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Contract:
        """The contract of a dataset.

        Raises:
            ContractNotFound: there is none of that name.
        """
        try:
            return self.contracts[name]
        except KeyError:
            raise ContractNotFound(f"There is no contract named {name}.") from None

    def __contains__(self, name: object) -> bool:
        return name in self.contracts

    def __iter__(self) -> Iterator[str]:
        return iter(self.contracts)

    def __len__(self) -> int:
        return len(self.contracts)

    def sources(self) -> tuple[Contract, ...]:
        """Contracts of operational tables, of every database."""
        return tuple(contract for contract in self.contracts.values() if contract.kind == "source")

    def captured(self) -> tuple[Contract, ...]:
        """Contracts of tables whose changes are captured from a database."""
        return tuple(contract for contract in self.sources() if contract.files is None)

    def in_files(self) -> tuple[Contract, ...]:
        """Contracts of tables whose rows arrive in files."""
        return tuple(contract for contract in self.sources() if contract.files is not None)

    def tables_of(self, source: str = "") -> tuple[Contract, ...]:
        """Contracts of the tables of one database.

        Args:
            source: its name; empty for the platform's own.
        """
        return tuple(contract for contract in self.sources() if contract.source == source)

    def marts(self) -> tuple[Contract, ...]:
        """Contracts of published marts."""
        return tuple(contract for contract in self.contracts.values() if contract.kind == "mart")

    def live(self) -> tuple[Contract, ...]:
        """Contracts of live marts: views on what has just arrived, which nobody judges before it is read."""
        return tuple(contract for contract in self.contracts.values() if contract.kind == "live")
