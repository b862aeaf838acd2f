"""``audit``: what was done with the warehouse, and by whom. No role may read it."""

from __future__ import annotations

from typing import Final

from warehouse.compile.statements import Statement

QUERIES_TABLE: Final = Statement(
    "audit.queries",
    "table",
    """CREATE TABLE IF NOT EXISTS audit.queries (
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
ENGINE = AggregatingMergeTree
ORDER BY (`day`, `hash`)
TTL `day` + INTERVAL 30 DAY
SETTINGS old_parts_lifetime = 60
COMMENT 'Queries that read data, by day and text, for 30 days.'""",
)

RECORD_QUERIES: Final = """INSERT INTO audit.queries
SELECT
    toDate(event_time_microseconds, 'UTC') AS day,
    normalized_query_hash AS hash,
    count(),
    sum(query_duration_ms),
    max(query_duration_ms),
    sum(read_rows),
    sum(read_bytes),
    max(memory_usage),
    max((query_duration_ms, query, current_database)),
    groupUniqArray(if(empty(Settings['promql_database']), user,
        splitByChar(':', Settings['promql_database'])[1])),
    groupUniqArrayArray(log.tables),
    max(event_time_microseconds)
FROM system.query_log AS log
WHERE type = 'QueryFinish' AND query_kind = 'Select' AND is_initial_query
    AND event_time_microseconds > (SELECT max(until) FROM audit.queries)
    AND length(query) < 20000
    AND arrayExists(
        name -> NOT match(name, '^(system|ops|audit|access|lineage|advice_.*|_table_function)[.]'),
        log.tables
    )
GROUP BY day, hash"""
"""Takes in what the engine's log has gained. The embedded engine's log holds only the last minutes."""
