"""``ops``: what the platform knows of its own work."""

from __future__ import annotations

from warehouse.compile.statements import Statement

MIGRATIONS_TABLE = Statement(
    "ops.migrations",
    "table",
    """CREATE TABLE IF NOT EXISTS ops.migrations (
    `object` String COMMENT 'What the statement made, database.object.',
    `kind` LowCardinality(String) COMMENT 'database, table, view, materialized_view or change.',
    `digest` String COMMENT 'SHA-256 of the statement.',
    `statement` String CODEC(ZSTD(3)),
    `applied_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(`applied_at`)
ORDER BY (`object`)
COMMENT 'The statement that each object was last made by.'""",
)

OPERATIONS_TABLES: tuple[Statement, ...] = (
    Statement(
        "ops.ledger",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.ledger (
    `topic` LowCardinality(String),
    `partition` Int32,
    `first_offset` Int64,
    `next_offset` Int64,
    `rows` UInt64,
    `bytes` UInt64,
    `first_timestamp` DateTime64(3, 'UTC'),
    `last_timestamp` DateTime64(3, 'UTC'),
    `loaded_at` DateTime64(6, 'UTC'),
    `loader` LowCardinality(String),
    `epoch` UInt16,
    `topic_id` String
)
ENGINE = MergeTree
ORDER BY (`topic`, `partition`, `loaded_at`)
TTL toDateTime(`loaded_at`) + INTERVAL 30 DAY
SETTINGS old_parts_lifetime = 60, min_bytes_for_wide_part = 33554432
COMMENT 'Ranges of the change topics that were landed, for 30 days.'""",
    ),
    # The position must outlive the ledger's rows. Where a topic was made anew its last row counts, not the
    # highest offset, so the time of loading decides.
    Statement(
        "ops.positions",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.positions (
    `topic` LowCardinality(String),
    `partition` Int32,
    `next_offset` Int64,
    `topic_id` String,
    `epoch` UInt16,
    `last_timestamp` DateTime64(3, 'UTC'),
    `loaded_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(`loaded_at`)
ORDER BY (`topic`, `partition`)
COMMENT 'Where to go on in each partition.'""",
    ),
    Statement(
        "ops.ledger__to_positions",
        "materialized_view",
        """CREATE MATERIALIZED VIEW IF NOT EXISTS ops.ledger__to_positions TO ops.positions
AS SELECT
    `topic`,
    `partition`,
    `next_offset`,
    `topic_id`,
    `epoch`,
    `last_timestamp`,
    `loaded_at`
FROM ops.ledger""",
    ),
    Statement(
        "ops.dead_letters",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.dead_letters (
    `id` String COMMENT 'Hash of topic, partition, offset and the topic\\'s incarnation.',
    `dataset` LowCardinality(String),
    `topic` LowCardinality(String),
    `partition` Int32,
    `offset` Int64,
    `topic_id` String,
    `timestamp` DateTime64(3, 'UTC') COMMENT 'Time of the record in the log.',
    `key` Nullable(String) CODEC(ZSTD(1)),
    `value` Nullable(String) CODEC(ZSTD(1)),
    `headers` Map(String, String) CODEC(ZSTD(1)),
    `reasons` Array(String),
    `first_seen` DateTime64(6, 'UTC'),
    `updated_at` DateTime64(6, 'UTC'),
    `status` LowCardinality(String) COMMENT 'open, replayed or discarded.'
)
ENGINE = ReplacingMergeTree(`updated_at`)
ORDER BY (`dataset`, `id`)
SETTINGS old_parts_lifetime = 60
COMMENT 'Records that the strict views refused, byte for byte.'""",
    ),
    Statement(
        "ops.truncations",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.truncations (
    `dataset` LowCardinality(String),
    `version` UInt128,
    `committed_at` DateTime64(6, 'UTC'),
    `transaction` Nullable(UInt64),
    `topic` LowCardinality(String),
    `partition` Int32,
    `offset` Int64,
    `loaded_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (`dataset`, `version`)
COMMENT 'Truncations of source tables: older rows no longer exist.'""",
    ),
    Statement(
        "ops.transactions",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.transactions (
    `source` LowCardinality(String),
    `epoch` UInt16,
    `position` UInt64 COMMENT 'Where its commit ends in the log; a later commit has a greater one.',
    `transaction` UInt64 COMMENT 'The number that the source gave it.',
    `committed_at` DateTime64(3, 'UTC'),
    `tables` Map(String, UInt64) COMMENT 'Changes by table, schema.table.',
    `loaded_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (`source`, `epoch`, `position`)
TTL toDateTime(`committed_at`) + INTERVAL 30 DAY
SETTINGS old_parts_lifetime = 60, min_bytes_for_wide_part = 33554432
COMMENT 'Transactions that the sources committed, as their connectors count them, for 30 days.'""",
    ),
    Statement(
        "ops.cuts",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.cuts (
    `source` LowCardinality(String),
    `epoch` UInt16,
    `position` UInt64 COMMENT 'End of the last commit that counts.',
    `cut` UInt128 COMMENT 'Both, as the views of consistent want them.',
    `committed_at` DateTime64(3, 'UTC'),
    `dead_letters` Map(String, UInt64) COMMENT 'Open dead letters by table: not in it.',
    `left_out` Map(String, UInt64) COMMENT 'Tables that are not complete, and until where each is.',
    `determined_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(`determined_at`)
ORDER BY (`source`, `epoch`, `position`)
TTL toDateTime(`determined_at`) + INTERVAL 30 DAY
SETTINGS old_parts_lifetime = 60, min_bytes_for_wide_part = 33554432
COMMENT 'Places in the logs of sources until which every table of the source is complete.'""",
    ),
    Statement(
        "ops.irregular_records",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.irregular_records (
    `dataset` LowCardinality(String),
    `hour` DateTime('UTC') COMMENT 'When they were landed.',
    `records` UInt64
)
ENGINE = SummingMergeTree
ORDER BY (`dataset`, `hour`)
TTL `hour` + INTERVAL 30 DAY
COMMENT 'Records of batches that were not wholly in the usual form, and so took the complete readers.'""",
    ),
    Statement(
        "ops.sources",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.sources (
    `source` String,
    `address` String COMMENT 'Without user and password.',
    `epoch` UInt16 COMMENT 'Raised when the source is restored or failed over.',
    `is_removed` Bool,
    `reason` String,
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(`changed_at`)
ORDER BY (`source`)
COMMENT 'Databases whose changes are captured.'""",
    ),
    Statement(
        "ops.streams",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.streams (
    `source` String,
    `started_at` String COMMENT 'When the connector began to read the log, as the source says.',
    `differences` UInt64 COMMENT 'Rows that differed afterwards and were read again.',
    `position` UInt64 COMMENT 'Of the source\\'s log, after that.',
    `checked_at` DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (`source`, `checked_at`)
COMMENT 'Each time that a connector began to read the log, and what was amiss then.'""",
    ),
    Statement(
        "ops.readings",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.readings (
    `source` LowCardinality(String),
    `dataset` String,
    `epoch` UInt16,
    `position` UInt64 COMMENT 'Of the log; each change at a smaller one is in what was read.',
    `is_whole` Bool COMMENT 'Whether all rows were read.',
    `events` Nullable(UInt64) COMMENT 'How many were sent; null until all are.',
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(`changed_at`)
ORDER BY (`source`, `dataset`, `epoch`, `position`)
COMMENT 'Rows of tables that were read beside the log: first loads, resyncs, repairs.'""",
    ),
    Statement(
        "ops.table_states",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.table_states (
    `dataset` String,
    `state` LowCardinality(String) COMMENT 'flowing, paused or quarantined.',
    `reason` String,
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(`changed_at`)
ORDER BY (`dataset`)
COMMENT 'Tables whose changes are held back, and why.'""",
    ),
    Statement(
        "ops.files",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.files (
    `dataset` LowCardinality(String),
    `day` Date32,
    `position` UInt64 COMMENT 'Place among the files of the day; the greatest that was landed counts.',
    `path` String COMMENT 'Below the folder of the dataset.',
    `content` String COMMENT 'SHA-256 of the bytes.',
    `bytes` UInt64,
    `modified_ns` Int64 COMMENT 'When it was last written, nanoseconds since 1970.',
    `first_offset` Int64 COMMENT 'Its line n is the record of this offset plus n.',
    `lines` UInt64 COMMENT 'Lines read, the header of CSV not counted.',
    `dead` UInt64 COMMENT 'Lines that became dead letters.',
    `removed` UInt64 COMMENT 'Rows of earlier files of the day that it no longer has.',
    `state` LowCardinality(String) COMMENT 'begun, landed, duplicate, refused or abandoned.',
    `reason` String,
    `first_seen` DateTime64(6, 'UTC'),
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(`changed_at`)
ORDER BY (`dataset`, `day`, `position`)
COMMENT 'Files that arrived by day, and what became of each.'""",
    ),
    Statement(
        "ops.quality_results",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.quality_results (
    `build_id` String,
    `dataset` LowCardinality(String),
    `check_id` String,
    `kind` LowCardinality(String) COMMENT 'dbt, expectation, reconciliation or lineage.',
    `severity` LowCardinality(String),
    `outcome` LowCardinality(String) COMMENT 'passed, warned, failed, error or skipped.',
    `failing_rows` UInt64,
    `total_rows` Nullable(UInt64),
    `samples` String COMMENT 'Some failing rows as JSON, without personal data.',
    `message` String,
    `checked_at` DateTime64(6, 'UTC'),
    `run_id` String
)
ENGINE = MergeTree
ORDER BY (`build_id`, `dataset`, `check_id`, `checked_at`)
COMMENT 'Verdicts of checks; every evaluation is kept.'""",
    ),
    Statement(
        "ops.builds",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.builds (
    `build_id` String,
    `database` String,
    `status` LowCardinality(String) COMMENT 'building, built, failed or dropped.',
    `started_at` DateTime64(6, 'UTC'),
    `finished_at` Nullable(DateTime64(6, 'UTC')),
    `run_id` String
)
ENGINE = MergeTree
ORDER BY (`build_id`, `started_at`)
COMMENT 'Builds of the marts; one row for each change of status.'""",
    ),
    Statement(
        "ops.publications",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.publications (
    `published_at` DateTime64(6, 'UTC'),
    `build_id` String,
    `database` String,
    `reason` String,
    `run_id` String
)
ENGINE = MergeTree
ORDER BY (`published_at`)
COMMENT 'The newest row names the build that readers see.'""",
    ),
    Statement(
        "ops.archive_runs",
        "table",
        """CREATE TABLE IF NOT EXISTS ops.archive_runs (
    `run_id` String,
    `dataset` LowCardinality(String),
    `snapshot_id` Int64,
    `rows` UInt64,
    `bytes` UInt64,
    `positions` String COMMENT 'Next offset by partition, as JSON.',
    `started_at` DateTime64(6, 'UTC'),
    `finished_at` DateTime64(6, 'UTC'),
    `outcome` LowCardinality(String) COMMENT 'committed, empty or failed.',
    `message` String
)
ENGINE = MergeTree
ORDER BY (`dataset`, `finished_at`)
COMMENT 'Runs of the archive.'""",
    ),
)
