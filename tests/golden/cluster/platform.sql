CREATE TABLE IF NOT EXISTS ops.ledger ON CLUSTER 'bilten' (
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`topic`, `partition`, `loaded_at`)
TTL toDateTime(`loaded_at`) + INTERVAL 30 DAY
SETTINGS replicated_deduplication_window = 0, old_parts_lifetime = 60, min_bytes_for_wide_part = 33554432
COMMENT 'Ranges of the change topics that were landed, for 30 days.';

CREATE TABLE IF NOT EXISTS ops.positions ON CLUSTER 'bilten' (
    `topic` LowCardinality(String),
    `partition` Int32,
    `next_offset` Int64,
    `topic_id` String,
    `epoch` UInt16,
    `last_timestamp` DateTime64(3, 'UTC'),
    `loaded_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}', `loaded_at`)
ORDER BY (`topic`, `partition`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Where to go on in each partition.';

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.ledger__to_positions ON CLUSTER 'bilten' TO ops.positions
AS SELECT
    `topic`,
    `partition`,
    `next_offset`,
    `topic_id`,
    `epoch`,
    `last_timestamp`,
    `loaded_at`
FROM ops.ledger;

CREATE TABLE IF NOT EXISTS ops.dead_letters ON CLUSTER 'bilten' (
    `id` String COMMENT 'Hash of topic, partition, offset and the topic\'s incarnation.',
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}', `updated_at`)
ORDER BY (`dataset`, `id`)
SETTINGS replicated_deduplication_window = 0, old_parts_lifetime = 60
COMMENT 'Records that the strict views refused, byte for byte.';

CREATE TABLE IF NOT EXISTS ops.truncations ON CLUSTER 'bilten' (
    `dataset` LowCardinality(String),
    `version` UInt128,
    `committed_at` DateTime64(6, 'UTC'),
    `transaction` Nullable(UInt64),
    `topic` LowCardinality(String),
    `partition` Int32,
    `offset` Int64,
    `loaded_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`dataset`, `version`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Truncations of source tables: older rows no longer exist.';

CREATE TABLE IF NOT EXISTS ops.transactions ON CLUSTER 'bilten' (
    `source` LowCardinality(String),
    `epoch` UInt16,
    `position` UInt64 COMMENT 'Where its commit ends in the log; a later commit has a greater one.',
    `transaction` UInt64 COMMENT 'The number that the source gave it.',
    `committed_at` DateTime64(3, 'UTC'),
    `tables` Map(String, UInt64) COMMENT 'Changes by table, schema.table.',
    `loaded_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`source`, `epoch`, `position`)
TTL toDateTime(`committed_at`) + INTERVAL 30 DAY
SETTINGS replicated_deduplication_window = 0, old_parts_lifetime = 60, min_bytes_for_wide_part = 33554432
COMMENT 'Transactions that the sources committed, as their connectors count them, for 30 days.';

CREATE TABLE IF NOT EXISTS ops.cuts ON CLUSTER 'bilten' (
    `source` LowCardinality(String),
    `epoch` UInt16,
    `position` UInt64 COMMENT 'End of the last commit that counts.',
    `cut` UInt128 COMMENT 'Both, as the views of consistent want them.',
    `committed_at` DateTime64(3, 'UTC'),
    `dead_letters` Map(String, UInt64) COMMENT 'Open dead letters by table: not in it.',
    `left_out` Map(String, UInt64) COMMENT 'Tables that are not complete, and until where each is.',
    `determined_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}', `determined_at`)
ORDER BY (`source`, `epoch`, `position`)
TTL toDateTime(`determined_at`) + INTERVAL 30 DAY
SETTINGS replicated_deduplication_window = 0, old_parts_lifetime = 60, min_bytes_for_wide_part = 33554432
COMMENT 'Places in the logs of sources until which every table of the source is complete.';

CREATE TABLE IF NOT EXISTS ops.irregular_records ON CLUSTER 'bilten' (
    `dataset` LowCardinality(String),
    `hour` DateTime('UTC') COMMENT 'When they were landed.',
    `records` UInt64
)
ENGINE = ReplicatedSummingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`dataset`, `hour`)
TTL `hour` + INTERVAL 30 DAY
SETTINGS replicated_deduplication_window = 0
COMMENT 'Records of batches that were not wholly in the usual form, and so took the complete readers.';

CREATE TABLE IF NOT EXISTS ops.sources ON CLUSTER 'bilten' (
    `source` String,
    `address` String COMMENT 'Without user and password.',
    `epoch` UInt16 COMMENT 'Raised when the source is restored or failed over.',
    `is_removed` Bool,
    `reason` String,
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}', `changed_at`)
ORDER BY (`source`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Databases whose changes are captured.';

CREATE TABLE IF NOT EXISTS ops.streams ON CLUSTER 'bilten' (
    `source` String,
    `started_at` String COMMENT 'When the connector began to read the log, as the source says.',
    `differences` UInt64 COMMENT 'Rows that differed afterwards and were read again.',
    `position` UInt64 COMMENT 'Of the source\'s log, after that.',
    `checked_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`source`, `checked_at`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Each time that a connector began to read the log, and what was amiss then.';

CREATE TABLE IF NOT EXISTS ops.readings ON CLUSTER 'bilten' (
    `source` LowCardinality(String),
    `dataset` String,
    `epoch` UInt16,
    `position` UInt64 COMMENT 'Of the log; each change at a smaller one is in what was read.',
    `is_whole` Bool COMMENT 'Whether all rows were read.',
    `events` Nullable(UInt64) COMMENT 'How many were sent; null until all are.',
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}', `changed_at`)
ORDER BY (`source`, `dataset`, `epoch`, `position`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Rows of tables that were read beside the log: first loads, resyncs, repairs.';

CREATE TABLE IF NOT EXISTS ops.table_states ON CLUSTER 'bilten' (
    `dataset` String,
    `state` LowCardinality(String) COMMENT 'flowing, paused or quarantined.',
    `reason` String,
    `changed_at` DateTime64(6, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}', `changed_at`)
ORDER BY (`dataset`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Tables whose changes are held back, and why.';

CREATE TABLE IF NOT EXISTS ops.files ON CLUSTER 'bilten' (
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}', `changed_at`)
ORDER BY (`dataset`, `day`, `position`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Files that arrived by day, and what became of each.';

CREATE TABLE IF NOT EXISTS ops.quality_results ON CLUSTER 'bilten' (
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`build_id`, `dataset`, `check_id`, `checked_at`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Verdicts of checks; every evaluation is kept.';

CREATE TABLE IF NOT EXISTS ops.builds ON CLUSTER 'bilten' (
    `build_id` String,
    `database` String,
    `status` LowCardinality(String) COMMENT 'building, built, failed or dropped.',
    `started_at` DateTime64(6, 'UTC'),
    `finished_at` Nullable(DateTime64(6, 'UTC')),
    `run_id` String
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`build_id`, `started_at`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Builds of the marts; one row for each change of status.';

CREATE TABLE IF NOT EXISTS ops.publications ON CLUSTER 'bilten' (
    `published_at` DateTime64(6, 'UTC'),
    `build_id` String,
    `database` String,
    `reason` String,
    `run_id` String
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`published_at`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'The newest row names the build that readers see.';

CREATE TABLE IF NOT EXISTS ops.archive_runs ON CLUSTER 'bilten' (
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`dataset`, `finished_at`)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Runs of the archive.';

CREATE TABLE IF NOT EXISTS audit.queries ON CLUSTER 'bilten' (
    `day` Date,
    `hash` UInt64 COMMENT 'Of the text without its constants.',
    `runs` SimpleAggregateFunction(sum, UInt64),
    `milliseconds` SimpleAggregateFunction(sum, UInt64),
    `slowest_milliseconds` SimpleAggregateFunction(max, UInt64),
    `read_rows` SimpleAggregateFunction(sum, UInt64),
    `read_bytes` SimpleAggregateFunction(sum, UInt64),
    `memory_bytes` SimpleAggregateFunction(max, UInt64),
    `example` SimpleAggregateFunction(max, Tuple(milliseconds UInt64, query String, database String))
        COMMENT 'The slowest one.',
    `users` SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    `tables` SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    `until` SimpleAggregateFunction(max, DateTime64(6, 'UTC')) COMMENT 'End of the last one.'
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (`day`, `hash`)
TTL `day` + INTERVAL 30 DAY
SETTINGS replicated_deduplication_window = 0, old_parts_lifetime = 60
COMMENT 'Queries that read data, by day and text, for 30 days.';

CREATE TABLE IF NOT EXISTS lineage.events ON CLUSTER 'bilten'
(
    event_id String COMMENT 'Hash of the event; a re-delivery has the same',
    received_at DateTime64(6, 'UTC') COMMENT 'When this installation took the event',
    event String COMMENT 'The event, canonical JSON' CODEC(ZSTD(6)),
    kind LowCardinality(String) DEFAULT
        multiIf(JSONHas(event, 'run'), 'run', JSONHas(event, 'dataset'), 'dataset', 'job'),
    event_type LowCardinality(String) DEFAULT JSONExtractString(event, 'eventType'),
    event_time DateTime64(6, 'UTC') DEFAULT
        ifNull(parseDateTime64BestEffortOrNull(JSONExtractString(event, 'eventTime'), 6, 'UTC'), received_at),
    run_id String DEFAULT JSONExtractString(event, 'run', 'runId'),
    job_namespace String DEFAULT JSONExtractString(event, 'job', 'namespace'),
    job_name String DEFAULT JSONExtractString(event, 'job', 'name'),
    producer LowCardinality(String) DEFAULT JSONExtractString(event, 'producer'),
    INDEX by_run run_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
PARTITION BY toYYYYMM(event_time)
ORDER BY (job_namespace, job_name, event_time, event_id)
SETTINGS replicated_deduplication_window = 0
COMMENT 'OpenLineage events as they were received; read with FINAL';

CREATE TABLE IF NOT EXISTS lineage.runs ON CLUSTER 'bilten'
(
    job_namespace String,
    job_name String,
    run_id String,
    first_event SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_event SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    state SimpleAggregateFunction(max, Tuple(rank UInt8, at DateTime64(6, 'UTC'), name String))
        COMMENT 'A closing event outranks any other, whatever the order of arrival',
    parent_run_id SimpleAggregateFunction(max, String),
    root_run_id SimpleAggregateFunction(max, String),
    nominal_start SimpleAggregateFunction(max, String),
    nominal_end SimpleAggregateFunction(max, String),
    error SimpleAggregateFunction(max, String)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (job_namespace, job_name, run_id)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Runs and their states';

CREATE MATERIALIZED VIEW IF NOT EXISTS lineage.runs_of_events ON CLUSTER 'bilten' TO lineage.runs AS
SELECT
    job_namespace,
    job_name,
    run_id,
    event_time AS first_event,
    event_time AS last_event,
    tuple(
        transform(
            event_type, ['OTHER', 'START', 'RUNNING', 'ABORT', 'FAIL', 'COMPLETE'], [1, 2, 3, 4, 5, 6], 0
        ),
        event_time,
        event_type
    )::Tuple(rank UInt8, at DateTime64(6, 'UTC'), name String) AS state,
    JSONExtractString(event, 'run', 'facets', 'parent', 'run', 'runId') AS parent_run_id,
    JSONExtractString(event, 'run', 'facets', 'parent', 'root', 'run', 'runId') AS root_run_id,
    JSONExtractString(event, 'run', 'facets', 'nominalTime', 'nominalStartTime') AS nominal_start,
    JSONExtractString(event, 'run', 'facets', 'nominalTime', 'nominalEndTime') AS nominal_end,
    JSONExtractString(event, 'run', 'facets', 'errorMessage', 'message') AS error
FROM lineage.events
WHERE kind = 'run';

CREATE TABLE IF NOT EXISTS lineage.dataset_facets ON CLUSTER 'bilten'
(
    namespace String,
    name String,
    facet LowCardinality(String) COMMENT 'Key of the facet; empty: seen, written: by which run',
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    latest SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (namespace, name, facet)
SETTINGS replicated_deduplication_window = 0
COMMENT 'The newest value of every facet of every dataset';

CREATE MATERIALIZED VIEW IF NOT EXISTS lineage.dataset_facets_of_events ON CLUSTER 'bilten' TO lineage.dataset_facets AS
WITH arrayConcat(
    arrayMap(each -> ('output', each), JSONExtractArrayRaw(event, 'outputs')),
    arrayMap(each -> ('input', each), JSONExtractArrayRaw(event, 'inputs')),
    if(kind = 'dataset', [('dataset', JSONExtractRaw(event, 'dataset'))], [])
) AS datasets
SELECT
    JSONExtractString(dataset.2, 'namespace') AS namespace,
    JSONExtractString(dataset.2, 'name') AS name,
    pair.1 AS facet,
    event_time AS first_seen,
    tuple(event_time, pair.2)::Tuple(at DateTime64(6, 'UTC'), value String) AS latest
FROM
(
    SELECT event_time, event_type, run_id, job_namespace, job_name, arrayJoin(datasets) AS dataset
    FROM lineage.events
)
ARRAY JOIN arrayConcat(
    [('', '')],
    if(
        dataset.1 = 'output' AND event_type IN ('COMPLETE', 'RUNNING'),
        [('written', toJSONString(map('runId', run_id, 'namespace', job_namespace, 'job', job_name)))],
        []
    ),
    JSONExtractKeysAndValuesRaw(dataset.2, 'facets'),
    JSONExtractKeysAndValuesRaw(dataset.2, 'inputFacets'),
    JSONExtractKeysAndValuesRaw(dataset.2, 'outputFacets')
) AS pair;

CREATE TABLE IF NOT EXISTS lineage.job_facets ON CLUSTER 'bilten'
(
    namespace String,
    name String,
    facet LowCardinality(String) COMMENT 'Key of the facet; empty: seen',
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    latest SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), value String))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (namespace, name, facet)
SETTINGS replicated_deduplication_window = 0
COMMENT 'The newest value of every facet of every job';

CREATE MATERIALIZED VIEW IF NOT EXISTS lineage.job_facets_of_events ON CLUSTER 'bilten' TO lineage.job_facets AS
SELECT
    job_namespace AS namespace,
    job_name AS name,
    pair.1 AS facet,
    event_time AS first_seen,
    tuple(event_time, pair.2)::Tuple(at DateTime64(6, 'UTC'), value String) AS latest
FROM lineage.events
ARRAY JOIN
    arrayConcat([('', '')], JSONExtractKeysAndValuesRaw(JSONExtractRaw(event, 'job'), 'facets')) AS pair
WHERE kind != 'dataset';

CREATE TABLE IF NOT EXISTS lineage.edges ON CLUSTER 'bilten'
(
    target_namespace String,
    target_name String,
    source_namespace String,
    source_name String,
    job_namespace String,
    job_name String,
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_seen SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    last_run SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), run_id String))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (target_namespace, target_name, job_namespace, job_name, source_namespace, source_name)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Which dataset was made of which, by which job';

CREATE MATERIALIZED VIEW IF NOT EXISTS lineage.edges_of_events ON CLUSTER 'bilten' TO lineage.edges AS
WITH
    arrayMap(each -> (JSONExtractString(each, 'namespace'), JSONExtractString(each, 'name')), inputs) AS read,
    arrayMap(
        each -> (JSONExtractString(each, 'namespace'), JSONExtractString(each, 'name')),
        arrayFilter(
            each -> JSONExtractString(each, 'type') = 'DATASET',
            JSONExtractArrayRaw(output, 'facets', 'lineage', 'inputs')
        )
    ) AS said,
    arrayDistinct(arrayMap(
        each -> (JSONExtractString(each, 'namespace'), JSONExtractString(each, 'name')),
        arrayConcat(
            arrayFlatten(arrayMap(
                pair -> JSONExtractArrayRaw(pair.2, 'inputFields'),
                JSONExtractKeysAndValuesRaw(output, 'facets', 'columnLineage', 'fields')
            )),
            JSONExtractArrayRaw(output, 'facets', 'columnLineage', 'dataset')
        )
    )) AS by_columns
SELECT
    JSONExtractString(output, 'namespace') AS target_namespace,
    JSONExtractString(output, 'name') AS target_name,
    source.1 AS source_namespace,
    source.2 AS source_name,
    job_namespace,
    job_name,
    event_time AS first_seen,
    event_time AS last_seen,
    tuple(event_time, run_id)::Tuple(at DateTime64(6, 'UTC'), run_id String) AS last_run
FROM
(
    SELECT
        job_namespace, job_name, event_time, run_id,
        JSONExtractArrayRaw(event, 'inputs') AS inputs,
        JSONExtractArrayRaw(event, 'outputs') AS outputs,
        arrayJoin(outputs) AS output
    FROM lineage.events
    WHERE kind != 'dataset' AND event_type NOT IN ('FAIL', 'ABORT')
)
ARRAY JOIN multiIf(
    JSONHas(output, 'facets', 'lineage', 'inputs'), said,
    length(outputs) > 1 AND notEmpty(by_columns), by_columns,
    read
) AS source
WHERE source.2 != '';

CREATE TABLE IF NOT EXISTS lineage.column_edges ON CLUSTER 'bilten'
(
    target_namespace String,
    target_name String,
    target_field String COMMENT 'Empty: the source decides about all rows of the target',
    source_namespace String COMMENT 'Empty, with name and field: the target had column lineage at that time',
    source_name String,
    source_field String,
    kind LowCardinality(String) COMMENT 'DIRECT or INDIRECT',
    subtype LowCardinality(String),
    job_namespace String,
    job_name String,
    masking SimpleAggregateFunction(max, UInt8),
    first_seen SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_seen SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    last_run SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), run_id String))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (target_namespace, target_name, target_field, job_namespace, job_name,
          source_namespace, source_name, source_field, kind, subtype)
SETTINGS replicated_deduplication_window = 0
COMMENT 'Which column was made of which, how, by which job';

CREATE MATERIALIZED VIEW IF NOT EXISTS lineage.column_edges_of_events ON CLUSTER 'bilten' TO lineage.column_edges AS
SELECT
    JSONExtractString(output, 'namespace') AS target_namespace,
    JSONExtractString(output, 'name') AS target_name,
    origin.1 AS target_field,
    JSONExtractString(origin.2, 'namespace') AS source_namespace,
    JSONExtractString(origin.2, 'name') AS source_name,
    JSONExtractString(origin.2, 'field') AS source_field,
    if(origin.2 = '', '', if(JSONHas(way, 'type'), JSONExtractString(way, 'type'), 'DIRECT')) AS kind,
    JSONExtractString(way, 'subtype') AS subtype,
    job_namespace,
    job_name,
    JSONExtractBool(way, 'masking') AS masking,
    event_time AS first_seen,
    event_time AS last_seen,
    tuple(event_time, run_id)::Tuple(at DateTime64(6, 'UTC'), run_id String) AS last_run
FROM
(
    SELECT
        job_namespace, job_name, event_time, run_id, output,
        arrayJoin(arrayConcat(
            [('', '')],
            arrayFlatten(arrayMap(
                pair -> arrayMap(each -> (pair.1, each), JSONExtractArrayRaw(pair.2, 'inputFields')),
                JSONExtractKeysAndValuesRaw(output, 'facets', 'columnLineage', 'fields')
            )),
            arrayMap(each -> ('', each), JSONExtractArrayRaw(output, 'facets', 'columnLineage', 'dataset'))
        )) AS origin
    FROM
    (
        SELECT
            job_namespace, job_name, event_time, run_id,
            arrayJoin(JSONExtractArrayRaw(event, 'outputs')) AS output
        FROM lineage.events
        WHERE kind != 'dataset' AND event_type NOT IN ('FAIL', 'ABORT')
    )
    WHERE JSONHas(output, 'facets', 'columnLineage')
)
ARRAY JOIN if(
    empty(JSONExtractArrayRaw(origin.2, 'transformations')),
    [''],
    JSONExtractArrayRaw(origin.2, 'transformations')
) AS way;

CREATE OR REPLACE VIEW lineage.current_edges ON CLUSTER 'bilten' AS
SELECT * EXCEPT newest
FROM
(
    SELECT
        *,
        max(last_seen) OVER (PARTITION BY target_namespace, target_name, job_namespace, job_name) AS newest
    FROM lineage.edges FINAL
)
WHERE last_seen = newest;

CREATE OR REPLACE VIEW lineage.current_column_edges ON CLUSTER 'bilten' AS
SELECT * EXCEPT newest
FROM
(
    SELECT
        *,
        max(last_seen) OVER (PARTITION BY target_namespace, target_name, job_namespace, job_name) AS newest
    FROM lineage.column_edges FINAL
)
WHERE last_seen = newest AND source_name != '';

CREATE OR REPLACE VIEW lineage.datasets ON CLUSTER 'bilten' AS
SELECT
    namespace,
    name,
    min(first_seen) AS first_seen,
    max(at) AS last_seen,
    JSONExtractString(anyIf(value, facet = 'documentation'), 'description') AS description,
    JSONExtractString(anyIf(value, facet = 'ownership'), 'owners', 1, 'name') AS owner,
    JSONExtractString(anyIf(value, facet = 'version'), 'datasetVersion') AS version,
    JSONLength(anyIf(value, facet = 'schema'), 'fields') AS columns,
    JSONExtractString(anyIf(value, facet = 'written'), 'job') AS written_by,
    JSONExtractString(anyIf(value, facet = 'written'), 'runId') AS written_by_run,
    JSONLength(anyIf(value, facet = 'bilten_unresolvedColumns'), 'columns') AS unresolved
FROM
(
    SELECT
        namespace, name, facet, first_seen,
        tupleElement(latest, 'at') AS at, tupleElement(latest, 'value') AS value
    FROM lineage.dataset_facets FINAL
)
GROUP BY namespace, name;

CREATE OR REPLACE VIEW lineage.jobs ON CLUSTER 'bilten' AS
SELECT
    namespace,
    name,
    min(first_seen) AS first_seen,
    max(at) AS last_seen,
    JSONExtractString(anyIf(value, facet = 'jobType'), 'integration') AS integration,
    JSONExtractString(anyIf(value, facet = 'jobType'), 'jobType') AS job_type,
    JSONExtractString(anyIf(value, facet = 'jobType'), 'processingType') AS processing,
    JSONExtractString(anyIf(value, facet = 'documentation'), 'description') AS description,
    JSONExtractString(anyIf(value, facet = 'sql'), 'query') AS sql
FROM
(
    SELECT
        namespace, name, facet, first_seen,
        tupleElement(latest, 'at') AS at, tupleElement(latest, 'value') AS value
    FROM lineage.job_facets FINAL
)
GROUP BY namespace, name;
