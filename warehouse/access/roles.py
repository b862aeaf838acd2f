"""The roles, and what each is cleared for whatever the contracts say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["masked", "personal", "sensitive"]
"""How much of a dataset is shown. A database of views bears the name of each."""

LEVELS: Final[tuple[Level, ...]] = ("masked", "personal", "sensitive")

PLATFORM: Final = "platform"
"""The engine's role of the platform's own user: everything. Nobody else can be given it."""

EXTERNAL: Final = "external_data"
"""The engine's role under which tables are filled that a request brings along: it may read nothing."""

ORGANIZER: Final = "organizer"

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query of a role may use.

    Attributes:
        memory_megabytes: MiB of one query.
        seconds: of one query.
        concurrent: queries of one user at a time.
    """

    memory_megabytes: int
    seconds: int
    concurrent: int


@dataclass(frozen=True, slots=True)
class Role:
    """One role.

    Attributes:
        name: as the contracts and the engine call it.
        description: one phrase.
        level: the most that it may be shown of a dataset whose contract names it.
        limits: of its queries.
        grants: rights besides those that follow from the contracts, in ClickHouse's words.
        own_rows: whether it sees only the rows that belong to who asks.
        sees_queries: whether it may see what others run, and the engine's inner state.
    """

    name: str
    description: str
    level: Level
    limits: Limits
    grants: tuple[str, ...] = ()
    own_rows: bool = False
    sees_queries: bool = False


_READER: Final = Limits(memory_megabytes=384, seconds=60, concurrent=6)
_SERVICE: Final = Limits(memory_megabytes=768, seconds=3600, concurrent=16)

# A loader keeps an INSERT open for each of several tables, beside those that it makes.
_LOADER: Final = Limits(memory_megabytes=768, seconds=3600, concurrent=64)

_OPERATIONS: Final = (
    "SELECT ON ops.ledger",
    "SELECT ON ops.positions",
    "SELECT ON ops.truncations",
    "SELECT ON ops.builds",
    "SELECT ON ops.publications",
    "SELECT ON ops.archive_runs",
    "SELECT ON ops.files",
    # Without the records, their samples and the reasons, which quote them.
    "SELECT(id, dataset, topic, partition, offset, timestamp, first_seen, status) ON ops.dead_letters",
    "SELECT(build_id, dataset, check_id, kind, severity, outcome, failing_rows, total_rows, checked_at, "
    "run_id) ON ops.quality_results",
    "SELECT ON lineage.*",
    "SHOW DATABASES ON *.*",
    "SHOW TABLES ON *.*",
    "SHOW COLUMNS ON *.*",
    "SHOW DICTIONARIES ON *.*",
)

_BUILDING: Final = (
    "SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, "
    "DROP VIEW, DROP DATABASE, TRUNCATE, OPTIMIZE, SHOW"
)

ROLES: Final[tuple[Role, ...]] = (
    Role("analyst", "people who answer questions with data", "masked", _READER),
    Role("marketing", "people who plan campaigns", "masked", _READER),
    Role("finance", "people who account for money", "personal", _READER),
    Role("support", "people who help customers", "personal", _READER),
    Role("auditor", "people who must be able to see everything that is published", "sensitive", _READER),
    Role(ORGANIZER, "an organizer's members: the rows of that organizer", "masked", _READER, own_rows=True),
    Role(
        "engineer",
        "people who run the platform: its operation, never anybody's data",
        "masked",
        Limits(memory_megabytes=512, seconds=600, concurrent=8),
        _OPERATIONS,
        sees_queries=True,
    ),
    Role(
        "loader",
        "a loader that runs under a user of its own",
        "masked",
        _LOADER,
        (
            "SELECT, INSERT ON landing.*",
            # A lone tombstone is placed behind the last change of its key, and after a start of a connector
            # rows are compared with their source. Nothing is shown that did not come by it.
            "SELECT, INSERT ON raw.*",
            "SELECT, INSERT ON ods.*",
            "SELECT, INSERT ON ops.*",
        ),
    ),
    Role(
        "dbt",
        "a dbt that runs under a user of its own",
        "masked",
        _SERVICE,
        (
            "SELECT ON raw.*",
            "SELECT ON ods.*",
            "SELECT ON ops.*",
            *(f"{_BUILDING} ON {place}" for place in ("staging.*", "intermediate.*", "build_*.*")),
            "SELECT, CREATE VIEW, DROP VIEW ON marts.live_*",
        ),
    ),
)

BY_NAME: Final = {role.name: role for role in ROLES}
