CREATE TABLE IF NOT EXISTS landing.`sample__plain__local` ON CLUSTER 'bilten' (
    `_topic` String,
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `headers` Map(String, String),
    `key` Nullable(String),
    `value` Nullable(String)
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS landing.`sample__plain` ON CLUSTER 'bilten' (
    `_topic` String,
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `headers` Map(String, String),
    `key` Nullable(String),
    `value` Nullable(String)
)
ENGINE = Distributed('bilten', 'landing', 'sample__plain__local', cityHash64(concatWithSeparator('|', JSONExtract(ifNull(key, ''), 'id', 'String'))))
SETTINGS fsync_after_insert = 1;

CREATE TABLE IF NOT EXISTS landing.`sample__plain__parsed` ON CLUSTER 'bilten' (
    `_row` Tuple(`id` UUID, `title` String, `is_active` Bool, `amount` Decimal(10, 2), `happened_at` DateTime64(6, 'UTC')),
    `_values` Tuple(`id` Nullable(UUID), `title` Nullable(String), `is_active` Nullable(Bool), `amount` Nullable(Decimal(10, 2)), `happened_at` Nullable(DateTime64(6, 'UTC'))),
    `_op` LowCardinality(String),
    `_committed_at` DateTime64(6, 'UTC'),
    `_epoch` UInt16,
    `_position` UInt64,
    `_commit_position` Nullable(UInt64),
    `_transaction` Nullable(UInt64),
    `_ordinal` Nullable(UInt64),
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_loaded_at` DateTime64(6, 'UTC'),
    `_unchanged` Array(String),
    `_extra` String,
    `_version` UInt128,
    `_is_irregular` UInt8
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS landing.`sample__plain__irregular` ON CLUSTER 'bilten' (
    `_topic` String,
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `headers` Map(String, String),
    `key` Nullable(String),
    `value` Nullable(String)
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS landing.`sample__plain__examined` ON CLUSTER 'bilten' (
    `id` Nullable(UUID),
    `title` Nullable(String),
    `is_active` Nullable(Bool),
    `amount` Nullable(Decimal(10, 2)),
    `happened_at` Nullable(DateTime64(6, 'UTC')),
    `_op` LowCardinality(String),
    `_committed_at` DateTime64(6, 'UTC'),
    `_epoch` UInt16,
    `_position` UInt64,
    `_commit_position` Nullable(UInt64),
    `_transaction` Nullable(UInt64),
    `_ordinal` Nullable(UInt64),
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_loaded_at` DateTime64(6, 'UTC'),
    `_unchanged` Array(String),
    `_extra` String,
    `_version` UInt128,
    `_headers` Map(String, String),
    `_key` Nullable(String),
    `_value` Nullable(String),
    `_reasons` Array(String)
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS raw.`sample__plain__local` ON CLUSTER 'bilten' (
    `id` UUID COMMENT 'Key.',
    `title` Nullable(String) COMMENT 'Required text.',
    `is_active` Nullable(Bool) COMMENT 'Truth.',
    `amount` Nullable(Decimal(10, 2)) COMMENT 'Money.',
    `happened_at` Nullable(DateTime64(6, 'UTC')) COMMENT 'Moment.',
    `_op` LowCardinality(String),
    `_committed_at` DateTime64(6, 'UTC') CODEC(Delta(8), LZ4),
    `_epoch` UInt16,
    `_position` UInt64 CODEC(Delta(8), LZ4),
    `_commit_position` Nullable(UInt64),
    `_transaction` Nullable(UInt64),
    `_ordinal` Nullable(UInt64),
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64 CODEC(Delta(8), LZ4),
    `_timestamp` DateTime64(3, 'UTC') CODEC(Delta(8), LZ4),
    `_loaded_at` DateTime64(6, 'UTC') CODEC(Delta(8), LZ4),
    `_unchanged` Array(String),
    `_extra` String,
    `_version` UInt128,
    INDEX `_offset_index` `_offset` TYPE minmax GRANULARITY 1
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
PRIMARY KEY (`id`)
ORDER BY (`id`, `_version`, `_op`)
SETTINGS replicated_deduplication_window = 0, index_granularity = 8192, min_bytes_for_wide_part = 33554432, old_parts_lifetime = 60
COMMENT 'Every change of sample__plain.';

CREATE TABLE IF NOT EXISTS raw.`sample__plain` ON CLUSTER 'bilten' (
    `id` UUID COMMENT 'Key.',
    `title` Nullable(String) COMMENT 'Required text.',
    `is_active` Nullable(Bool) COMMENT 'Truth.',
    `amount` Nullable(Decimal(10, 2)) COMMENT 'Money.',
    `happened_at` Nullable(DateTime64(6, 'UTC')) COMMENT 'Moment.',
    `_op` LowCardinality(String),
    `_committed_at` DateTime64(6, 'UTC'),
    `_epoch` UInt16,
    `_position` UInt64,
    `_commit_position` Nullable(UInt64),
    `_transaction` Nullable(UInt64),
    `_ordinal` Nullable(UInt64),
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_loaded_at` DateTime64(6, 'UTC'),
    `_unchanged` Array(String),
    `_extra` String,
    `_version` UInt128
)
ENGINE = Distributed('bilten', 'raw', 'sample__plain__local', cityHash64(concatWithSeparator('|', toString(`id`))))
SETTINGS fsync_after_insert = 1;

CREATE TABLE IF NOT EXISTS ods.`sample__plain__state__local` ON CLUSTER 'bilten' (
    `id` UUID COMMENT 'Key.',
    `title` String COMMENT 'Required text.',
    `is_active` Bool COMMENT 'Truth.',
    `amount` Decimal(10, 2) COMMENT 'Money.',
    `happened_at` DateTime64(6, 'UTC') COMMENT 'Moment.',
    `_committed_at` DateTime64(6, 'UTC') CODEC(Delta(8), LZ4),
    `_transaction` Nullable(UInt64),
    `_version` UInt128,
    `_is_deleted` UInt8,
    `_committed_after` UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `_version`, `_is_deleted`)
ORDER BY (`id`)
SETTINGS replicated_deduplication_window = 0, index_granularity = 8192, min_bytes_for_wide_part = 33554432, old_parts_lifetime = 60
COMMENT 'Latest state of sample__plain; read ods.sample__plain.';

CREATE TABLE IF NOT EXISTS ods.`sample__plain__state` ON CLUSTER 'bilten' (
    `id` UUID COMMENT 'Key.',
    `title` String COMMENT 'Required text.',
    `is_active` Bool COMMENT 'Truth.',
    `amount` Decimal(10, 2) COMMENT 'Money.',
    `happened_at` DateTime64(6, 'UTC') COMMENT 'Moment.',
    `_committed_at` DateTime64(6, 'UTC'),
    `_transaction` Nullable(UInt64),
    `_version` UInt128,
    `_is_deleted` UInt8,
    `_committed_after` UInt64
)
ENGINE = Distributed('bilten', 'ods', 'sample__plain__state__local', cityHash64(concatWithSeparator('|', toString(`id`))))
SETTINGS fsync_after_insert = 1;

CREATE OR REPLACE VIEW ods.`sample__plain` ON CLUSTER 'bilten'
AS SELECT
    latest.`id` AS `id`,
    latest.`title` AS `title`,
    latest.`is_active` AS `is_active`,
    latest.`amount` AS `amount`,
    latest.`happened_at` AS `happened_at`,
    latest.`_committed_at` AS `_committed_at`,
    latest.`_transaction` AS `_transaction`,
    latest.`_version` AS `_version`
FROM ods.`sample__plain__state` AS latest FINAL
WHERE NOT latest.`_is_deleted` AND latest.`_version` > (SELECT max(version) FROM ops.truncations WHERE dataset = 'sample__plain');

CREATE OR REPLACE VIEW consistent.`sample__plain` ON CLUSTER 'bilten'
AS SELECT
    latest.`id` AS `id`,
    latest.`title` AS `title`,
    latest.`is_active` AS `is_active`,
    latest.`amount` AS `amount`,
    latest.`happened_at` AS `happened_at`,
    latest.`_committed_at` AS `_committed_at`,
    latest.`_transaction` AS `_transaction`,
    latest.`_version` AS `_version`
FROM ods.`sample__plain__state` AS latest FINAL
WHERE bitOr(bitShiftLeft(toUInt128(bitShiftRight(latest.`_version`, 112)), 112), bitShiftLeft(toUInt128(latest.`_committed_after`), 48)) < {cut:UInt128} AND NOT latest.`_is_deleted` AND latest.`_version` > (SELECT max(`_version`) FROM raw.`sample__plain` WHERE `id` = defaultValueOfTypeName('UUID') AND `_op` = 't' AND bitOr(bitShiftLeft(toUInt128(`_epoch`), 112), bitShiftLeft(toUInt128(ifNull(`_commit_position`, `_position`)), 48)) < {cut:UInt128})
UNION ALL
SELECT
    `id`,
    CAST(tupleElement(_last, 5), 'String') AS `title`,
    CAST(tupleElement(_last, 6), 'Bool') AS `is_active`,
    CAST(tupleElement(_last, 7), 'Decimal(10, 2)') AS `amount`,
    CAST(tupleElement(_last, 8), 'DateTime64(6, \'UTC\')') AS `happened_at`,
    tupleElement(_last, 2) AS `_committed_at`,
    tupleElement(_last, 3) AS `_transaction`,
    tupleElement(_last, 4) AS `_version`
FROM (
SELECT
    `id`,
    argMax(tuple(`_op`, `_committed_at`, `_transaction`, `_version`, `title`, `is_active`, `amount`, `happened_at`), (`_version`, `_op` != 'd')) AS _last
FROM raw.`sample__plain`
WHERE `id` IN (SELECT latest.`id` FROM ods.`sample__plain__state` AS latest WHERE NOT (bitOr(bitShiftLeft(toUInt128(bitShiftRight(latest.`_version`, 112)), 112), bitShiftLeft(toUInt128(latest.`_committed_after`), 48)) < {cut:UInt128})) AND bitOr(bitShiftLeft(toUInt128(`_epoch`), 112), bitShiftLeft(toUInt128(ifNull(`_commit_position`, `_position`)), 48)) < {cut:UInt128} AND `_op` != 't'
GROUP BY `id`
)
WHERE tupleElement(_last, 1) != 'd' AND tupleElement(_last, 4) > (SELECT max(`_version`) FROM raw.`sample__plain` WHERE `id` = defaultValueOfTypeName('UUID') AND `_op` = 't' AND bitOr(bitShiftLeft(toUInt128(`_epoch`), 112), bitShiftLeft(toUInt128(ifNull(`_commit_position`, `_position`)), 48)) < {cut:UInt128});

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__to_raw` ON CLUSTER 'bilten' TO raw.`sample__plain__local`
AS SELECT
    _row.`id` AS `id`,
    _values.`title` AS `title`,
    _values.`is_active` AS `is_active`,
    _values.`amount` AS `amount`,
    _values.`happened_at` AS `happened_at`,
    `_op`,
    `_committed_at`,
    `_epoch`,
    `_position`,
    `_commit_position`,
    `_transaction`,
    `_ordinal`,
    `_topic`,
    `_partition`,
    `_offset`,
    `_timestamp`,
    `_loaded_at`,
    `_unchanged`,
    `_extra`,
    `_version`
FROM landing.`sample__plain__parsed`;

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__examined_to_raw` ON CLUSTER 'bilten' TO raw.`sample__plain__local`
AS SELECT
    ifNull(`id`, defaultValueOfTypeName('UUID')) AS `id`,
    `title`,
    `is_active`,
    `amount`,
    `happened_at`,
    `_op`,
    `_committed_at`,
    `_epoch`,
    `_position`,
    `_commit_position`,
    `_transaction`,
    `_ordinal`,
    `_topic`,
    `_partition`,
    `_offset`,
    `_timestamp`,
    `_loaded_at`,
    `_unchanged`,
    `_extra`,
    `_version`
FROM landing.`sample__plain__examined`
WHERE empty(_reasons);

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__to_ods` ON CLUSTER 'bilten' TO ods.`sample__plain__state__local`
AS SELECT
    _row.`id` AS `id`,
    _row.`title` AS `title`,
    _row.`is_active` AS `is_active`,
    _row.`amount` AS `amount`,
    _row.`happened_at` AS `happened_at`,
    `_committed_at`,
    `_transaction`,
    `_version`,
    _op = 'd' AS `_is_deleted`,
    ifNull(`_commit_position`, `_position`) AS `_committed_after`
FROM landing.`sample__plain__parsed`;

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__examined_to_ods` ON CLUSTER 'bilten' TO ods.`sample__plain__state__local`
AS SELECT
    ifNull(`id`, defaultValueOfTypeName('UUID')) AS `id`,
    ifNull(`title`, defaultValueOfTypeName('String')) AS `title`,
    ifNull(`is_active`, defaultValueOfTypeName('Bool')) AS `is_active`,
    ifNull(`amount`, defaultValueOfTypeName('Decimal(10, 2)')) AS `amount`,
    ifNull(`happened_at`, defaultValueOfTypeName('DateTime64(6, \'UTC\')')) AS `happened_at`,
    `_committed_at`,
    `_transaction`,
    `_version`,
    _op = 'd' AS `_is_deleted`,
    ifNull(`_commit_position`, `_position`) AS `_committed_after`
FROM landing.`sample__plain__examined`
WHERE empty(_reasons) AND _op != 't';

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__to_dead_letters` ON CLUSTER 'bilten' TO ops.dead_letters
AS SELECT
    hex(sipHash128(_topic, _partition, _offset, _headers['bilten.topic_id'])) AS id,
    'sample__plain' AS dataset,
    _topic AS topic,
    _partition AS partition,
    _offset AS offset,
    _headers['bilten.topic_id'] AS topic_id,
    _timestamp AS timestamp,
    _key AS key,
    _value AS value,
    _headers AS headers,
    _reasons AS reasons,
    _loaded_at AS first_seen,
    toDateTime64(_timestamp, 6, 'UTC') AS updated_at,
    'open' AS status
FROM landing.`sample__plain__examined`
WHERE notEmpty(_reasons);

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__to_truncations` ON CLUSTER 'bilten' TO ops.truncations
AS SELECT
    'sample__plain' AS dataset,
    _version AS version,
    _committed_at AS committed_at,
    _transaction AS transaction,
    _topic AS topic,
    _partition AS partition,
    _offset AS offset,
    _loaded_at AS loaded_at
FROM landing.`sample__plain__examined`
WHERE _op = 't' AND empty(_reasons);

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__to_irregular_records` ON CLUSTER 'bilten' TO ops.irregular_records
AS SELECT
    'sample__plain' AS dataset,
    toStartOfHour(now('UTC')) AS hour,
    count() AS records
FROM landing.`sample__plain__irregular`
WHERE true GROUP BY hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__examine` ON CLUSTER 'bilten' TO landing.`sample__plain__examined` (
    `id` Nullable(UUID),
    `title` Nullable(String),
    `is_active` Nullable(Bool),
    `amount` Nullable(Decimal(10, 2)),
    `happened_at` Nullable(DateTime64(6, 'UTC')),
    `_op` LowCardinality(String),
    `_committed_at` DateTime64(6, 'UTC'),
    `_epoch` UInt16,
    `_position` UInt64,
    `_commit_position` Nullable(UInt64),
    `_transaction` Nullable(UInt64),
    `_ordinal` Nullable(UInt64),
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_loaded_at` DateTime64(6, 'UTC'),
    `_unchanged` Array(String),
    `_extra` String,
    `_version` UInt128,
    `_headers` Map(String, String),
    `_key` Nullable(String),
    `_value` Nullable(String),
    `_reasons` Array(String)
)
AS SELECT
    _values_1[1] AS `id`,
    _values_2[1] AS `title`,
    _values_3[1] AS `is_active`,
    _values_4[1] AS `amount`,
    _values_5[1] AS `happened_at`,
    _op,
    fromUnixTimestamp64Micro(ifNull(`_source.ts_us`, 0), 'UTC') AS _committed_at,
    ifNull(_epoch_or_null, 0) AS _epoch,
    ifNull(`_source.lsn`, 0) AS _position,
    toUInt64OrNull(substring(`_source.sequence`, 3, position(`_source.sequence`, '"', 3) - 3)) AS _commit_position,
    `_source.txId` AS _transaction,
    _ordinal,
    _topic,
    _partition,
    _offset,
    _timestamp,
    now64(6, 'UTC') AS _loaded_at,
    if(_op NOT IN ('r', 'c', 'u') OR _fields = ['id', 'title', 'is_active', 'amount', 'happened_at'], [], arrayFilter(name -> NOT has(_fields, name), ['id', 'title', 'is_active', 'amount', 'happened_at'])) AS _unchanged,
    if(_fields = ['id', 'title', 'is_active', 'amount', 'happened_at'] OR hasAll(['id', 'title', 'is_active', 'amount', 'happened_at'], _fields), '', concat('{', arrayStringConcat(arrayMap(pair -> concat(toJSONString(pair.1), ':', pair.2), arrayFilter(pair -> NOT has(['id', 'title', 'is_active', 'amount', 'happened_at'], pair.1), JSONExtractKeysAndValuesRaw(ifNull(_value, ''), 'after'))), ','), '}')) AS _extra,
    bitOr(bitOr(bitShiftLeft(toUInt128(ifNull(_epoch_or_null, 0)), 112), bitShiftLeft(toUInt128(ifNull(`_source.lsn`, 0)), 48)), toUInt128(_op != 'r')) AS _version,
    if(NOT isValidJSON(ifNull(_value, '')), ['not JSON'], arrayFilter(reason -> notEmpty(reason), arrayConcat(
        [if(_op = '', 'op: missing', if(_op NOT IN ('r', 'c', 'u', 'd', 't'), concat('op: unknown operation ', concat('\'', leftUTF8(ifNull(_op, ''), 60), '\'')), '')), if(isNull(`_source.lsn`), 'source.lsn: missing or not a position', ''), if(ifNull(`_source.ts_us` BETWEEN 0 AND 253402300799999999, 0), '', 'source.ts_us: missing or no time'), if(isNull(_epoch_or_null), concat('header bilten.epoch: ', concat('\'', leftUTF8(ifNull(_epoch_text, ''), 60), '\''), ' is not a number below 65536'), ''), if(_op IN ('r', 'c', 'u') AND empty(_fields), 'after: missing or not an object', '')],
        arrayMap((text, value, name, label, required, marker, left_out) -> multiIf(NOT if(startsWith(label, 'key'), (_op = 'd' OR (_op != 't' AND notEmpty(_fields))), (_op IN ('r', 'c', 'u') AND notEmpty(_fields))), '', isNull(text), if(required, concat(label, name, if((_op IN ('r', 'c', 'u') AND notEmpty(_fields)) AND has(_fields, name), ': null in a required column', ': missing')), ''), ifNull(text = marker, 0), if(left_out, '', concat(label, name, ': came without its value, which rows of this table are too small for')), ifNull(isNotNull(value), 0), '', concat(label, name, ': ', concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' is not a UUID'))), _texts_1, _values_1, ['id'], ['key column '], [1], ['\0'], [0]),
        arrayMap((text, value, name, label, required, marker, left_out) -> multiIf(NOT if(startsWith(label, 'key'), (_op = 'd' OR (_op != 't' AND notEmpty(_fields))), (_op IN ('r', 'c', 'u') AND notEmpty(_fields))), '', isNull(text), if(required, concat(label, name, if((_op IN ('r', 'c', 'u') AND notEmpty(_fields)) AND has(_fields, name), ': null in a required column', ': missing')), ''), ifNull(text = marker, 0), if(left_out, '', concat(label, name, ': came without its value, which rows of this table are too small for')), ifNull(isNotNull(value), 0), '', concat(label, name, ': ', concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' is not a text'))), _texts_2, _values_2, ['title'], ['column '], [1], ['__debezium_unavailable_value'], [0]),
        arrayMap((text, value, name, label, required, marker, left_out) -> multiIf(NOT if(startsWith(label, 'key'), (_op = 'd' OR (_op != 't' AND notEmpty(_fields))), (_op IN ('r', 'c', 'u') AND notEmpty(_fields))), '', isNull(text), if(required, concat(label, name, if((_op IN ('r', 'c', 'u') AND notEmpty(_fields)) AND has(_fields, name), ': null in a required column', ': missing')), ''), ifNull(text = marker, 0), if(left_out, '', concat(label, name, ': came without its value, which rows of this table are too small for')), ifNull(isNotNull(value), 0), '', concat(label, name, ': ', concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' is neither true nor false'))), _texts_3, _values_3, ['is_active'], ['column '], [1], ['\0'], [0]),
        arrayMap((text, value, name, label, required, marker, left_out) -> multiIf(NOT if(startsWith(label, 'key'), (_op = 'd' OR (_op != 't' AND notEmpty(_fields))), (_op IN ('r', 'c', 'u') AND notEmpty(_fields))), '', isNull(text), if(required, concat(label, name, if((_op IN ('r', 'c', 'u') AND notEmpty(_fields)) AND has(_fields, name), ': null in a required column', ': missing')), ''), ifNull(text = marker, 0), if(left_out, '', concat(label, name, ': came without its value, which rows of this table are too small for')), ifNull(isNotNull(value), 0), '', concat(label, name, ': ', arrayMap(number -> multiIf(empty(number.2), concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' is not a decimal number'), length(number.4) > 2, concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' has more than 2 decimals'), length(number.3) > 8, concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' has more than 8 digits before the point'), concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' has more digits than a JSON number carries; it must be sent as text')), [arrayMap(pad -> (pad.1, pad.2, trimLeft(substring(pad.3, 1, pad.4), '0'), trimRight(substring(pad.3, pad.4 + 1), '0')), arrayMap(part -> (part[1], part[2], concat(repeat('0', greatest(1 - toInt32(length(part[2])) - toInt32OrZero(part[4]), 0)), part[2], part[3], repeat('0', greatest(toInt32OrZero(part[4]) - toInt32(length(part[3])), 0))), toInt32(length(part[2])) + toInt32OrZero(part[4]) + greatest(1 - toInt32(length(part[2])) - toInt32OrZero(part[4]), 0)), [extractGroups(ifNull(text, ''), '^(-?)([0-9]+)(?:\\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$')]))[1]])[1])), _texts_4, _values_4, ['amount'], ['column '], [1], ['\0'], [0]),
        arrayMap((text, value, name, label, required, marker, left_out) -> multiIf(NOT if(startsWith(label, 'key'), (_op = 'd' OR (_op != 't' AND notEmpty(_fields))), (_op IN ('r', 'c', 'u') AND notEmpty(_fields))), '', isNull(text), if(required, concat(label, name, if((_op IN ('r', 'c', 'u') AND notEmpty(_fields)) AND has(_fields, name), ': null in a required column', ': missing')), ''), ifNull(text = marker, 0), if(left_out, '', concat(label, name, ': came without its value, which rows of this table are too small for')), ifNull(isNotNull(value), 0), '', concat(label, name, ': ', if(match(text, '\\.[0-9]{7,}Z$'), concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' is finer than a microsecond'), concat(concat('\'', leftUTF8(ifNull(text, ''), 60), '\''), ' is not a time in UTC such as 2026-01-31T12:00:00.000000Z, of the years 1 to 9999')))), _texts_5, _values_5, ['happened_at'], ['column '], [1], ['\0'], [0])
    ))) AS _reasons,
    _headers,
    _key,
    _value
FROM (
    SELECT
        _op,
        _ordinal,
        _topic,
        _partition,
        _offset,
        _timestamp,
        _headers,
        _key,
        _value,
        _fields,
        _epoch_text,
        _epoch_or_null,
        `_source.lsn`,
        `_source.ts_us`,
        `_source.txId`,
        `_source.sequence`,
        _strings,
        _texts_1,
        _texts_2,
        _texts_3,
        _texts_4,
        _texts_5,
        `_key_text.id`,
        `_text.title`,
        `_text.is_active`,
        `_text.amount`,
        `_text.happened_at`,
        arrayMap((text, name, marker) -> if(ifNull(text = marker, 0), NULL, if(toString(toUUIDOrNull(text)) = lower(text), toUUIDOrNull(text), NULL)), _texts_1, ['id'], ['\0']) AS _values_1,
        arrayMap((text, name, marker) -> if(ifNull(text = marker, 0), NULL, if(has(_strings, name), text, NULL)), _texts_2, ['title'], ['__debezium_unavailable_value']) AS _values_2,
        arrayMap((text, name, marker) -> if(ifNull(text = marker, 0), NULL, multiIf(text = 'true', true, text = 'false', false, NULL)), _texts_3, ['is_active'], ['\0']) AS _values_3,
        arrayMap((text, name, marker) -> if(ifNull(text = marker, 0), NULL, arrayMap(number -> if(notEmpty(number.2) AND length(number.3) <= 8 AND length(number.4) <= 2 AND (length(text) <= 15 OR has(_strings, name)), toDecimal64OrNull(concat(number.1, if(number.3 = '', '0', number.3), '.', rightPad(number.4, 2, '0')), 2), NULL), [arrayMap(pad -> (pad.1, pad.2, trimLeft(substring(pad.3, 1, pad.4), '0'), trimRight(substring(pad.3, pad.4 + 1), '0')), arrayMap(part -> (part[1], part[2], concat(repeat('0', greatest(1 - toInt32(length(part[2])) - toInt32OrZero(part[4]), 0)), part[2], part[3], repeat('0', greatest(toInt32OrZero(part[4]) - toInt32(length(part[3])), 0))), toInt32(length(part[2])) + toInt32OrZero(part[4]) + greatest(1 - toInt32(length(part[2])) - toInt32OrZero(part[4]), 0)), [extractGroups(ifNull(text, ''), '^(-?)([0-9]+)(?:\\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$')]))[1]])[1]), _texts_4, ['amount'], ['\0']) AS _values_4,
        arrayMap((text, name, marker) -> if(ifNull(text = marker, 0), NULL, if(length(text) BETWEEN 20 AND 27 AND endsWith(text, 'Z') AND formatDateTime(toDateTime64OrNull(substring(if(length(text) = 27, text, if(length(text) = 20, concat(substring(text, 1, 19), '.000000Z'), concat(substring(text, 1, length(text) - 1), repeat('0', 27 - length(text)), 'Z'))), 1, 26), 6, 'UTC'), '%Y-%m-%dT%H:%i:%S.%fZ') = if(length(text) = 27, text, if(length(text) = 20, concat(substring(text, 1, 19), '.000000Z'), concat(substring(text, 1, length(text) - 1), repeat('0', 27 - length(text)), 'Z'))), toDateTime64OrNull(substring(if(length(text) = 27, text, if(length(text) = 20, concat(substring(text, 1, 19), '.000000Z'), concat(substring(text, 1, length(text) - 1), repeat('0', 27 - length(text)), 'Z'))), 1, 26), 6, 'UTC'), NULL)), _texts_5, ['happened_at'], ['\0']) AS _values_5
    FROM (
        WITH
            if(_op = 'd', ifNull(`_before.id`, JSONExtract(ifNull(_key, ''), 'id', 'Nullable(String)')), `_text.id`) AS `_key_text.id`
        SELECT
            _op,
            _ordinal,
            _topic,
            _partition,
            _offset,
            _timestamp,
            _headers,
            _key,
            _value,
            _fields,
            _epoch_text,
            _epoch_or_null,
            `_source.lsn`,
            `_source.ts_us`,
            `_source.txId`,
            `_source.sequence`,
            arrayMap(pair -> pair.1, arrayFilter(pair -> startsWith(pair.2, '"'), if(_op = 'd', arrayConcat(JSONExtractKeysAndValuesRaw(ifNull(_value, ''), 'before'), JSONExtractKeysAndValuesRaw(ifNull(_key, ''))), JSONExtractKeysAndValuesRaw(ifNull(_value, ''), 'after')))) AS _strings,
            [`_key_text.id`] AS _texts_1,
            [`_text.title`] AS _texts_2,
            [`_text.is_active`] AS _texts_3,
            [`_text.amount`] AS _texts_4,
            [`_text.happened_at`] AS _texts_5,
            `_key_text.id`,
            `_text.title`,
            `_text.is_active`,
            `_text.amount`,
            `_text.happened_at`
        FROM (
            SELECT
                _topic,
                _partition,
                _offset,
                _timestamp,
                _headers,
                _key,
                _value,
                _fields,
                untuple(_event.before) AS _before,
                untuple(_event.after) AS _text,
                ifNull(_event.op, '') AS _op,
                _event.transaction.total_order AS _ordinal,
                untuple(_event.source) AS _source,
                _headers['bilten.epoch'] AS _epoch_text,
                if(_epoch_text = '', 0, toUInt16OrNull(_epoch_text)) AS _epoch_or_null
            FROM (
                SELECT
                    _topic,
                    _partition,
                    _offset,
                    _timestamp,
                    headers AS _headers,
                    key AS _key,
                    value AS _value,
                    JSONExtract(ifNull(value, ''), 'Tuple(before Tuple(`id` Nullable(String)), after Tuple(`id` Nullable(String), `title` Nullable(String), `is_active` Nullable(String), `amount` Nullable(String), `happened_at` Nullable(String)), op Nullable(String), source Tuple(lsn Nullable(UInt64), txId Nullable(UInt64), ts_us Nullable(Int64), sequence Nullable(String)), transaction Tuple(total_order Nullable(UInt64)))') AS _event,
                    JSONExtractKeys(ifNull(value, ''), 'after') AS _fields
                FROM landing.`sample__plain__irregular`
                WHERE isNotNull(value)
            )
        )
    )
);

CREATE MATERIALIZED VIEW IF NOT EXISTS landing.`sample__plain__parse` ON CLUSTER 'bilten' TO landing.`sample__plain__parsed` (
    `_row` Tuple(`id` UUID, `title` String, `is_active` Bool, `amount` Decimal(10, 2), `happened_at` DateTime64(6, 'UTC')),
    `_values` Tuple(`id` Nullable(UUID), `title` Nullable(String), `is_active` Nullable(Bool), `amount` Nullable(Decimal(10, 2)), `happened_at` Nullable(DateTime64(6, 'UTC'))),
    `_op` LowCardinality(String),
    `_committed_at` DateTime64(6, 'UTC'),
    `_epoch` UInt16,
    `_position` UInt64,
    `_commit_position` Nullable(UInt64),
    `_transaction` Nullable(UInt64),
    `_ordinal` Nullable(UInt64),
    `_topic` LowCardinality(String),
    `_partition` Int32,
    `_offset` Int64,
    `_timestamp` DateTime64(3, 'UTC'),
    `_loaded_at` DateTime64(6, 'UTC'),
    `_unchanged` Array(String),
    `_extra` String,
    `_version` UInt128,
    `_is_irregular` UInt8
)
AS SELECT
    JSONExtract(_text, 'Tuple(`id` UUID, `title` String, `is_active` Bool, `amount` Decimal(10, 2), `happened_at` DateTime64(6, \'UTC\'))') AS _row,
    if(_op = 'd', JSONExtract(_text, 'Tuple(`id` Nullable(UUID), `title` Nullable(String), `is_active` Nullable(Bool), `amount` Nullable(Decimal(10, 2)), `happened_at` Nullable(DateTime64(6, \'UTC\')))'), CAST(_row, 'Tuple(`id` Nullable(UUID), `title` Nullable(String), `is_active` Nullable(Bool), `amount` Nullable(Decimal(10, 2)), `happened_at` Nullable(DateTime64(6, \'UTC\')))')) AS _values,
    _op,
    fromUnixTimestamp64Micro(ifNull(`_source.ts_us`, 0), 'UTC') AS _committed_at,
    ifNull(_epoch_or_null, 0) AS _epoch,
    ifNull(`_source.lsn`, 0) AS _position,
    toUInt64OrNull(substring(`_source.sequence`, 3, position(`_source.sequence`, '"', 3) - 3)) AS _commit_position,
    `_source.txId` AS _transaction,
    _ordinal,
    _topic,
    _partition,
    _offset,
    _timestamp,
    now64(6, 'UTC') AS _loaded_at,
    CAST([], 'Array(String)') AS _unchanged,
    '' AS _extra,
    bitOr(bitOr(bitShiftLeft(toUInt128(ifNull(_epoch_or_null, 0)), 112), bitShiftLeft(toUInt128(ifNull(`_source.lsn`, 0)), 48)), toUInt128(_op != 'r')) AS _version,
    throwIf(NOT ifNull(if(_op = 'd', toJSONString(JSONExtract(_text, 'Tuple(`id` UUID)')), toJSONString(_row)) = _text
        AND _op IN ('r', 'c', 'u', 'd')
        AND isNotNull(`_source.lsn`)
        AND `_source.ts_us` BETWEEN 0 AND 253402300799999999
        AND isNotNull(_epoch_or_null)
        AND abs(tupleElement(_row, 'amount')) < 100000000
        AND NOT multiSearchAny(_text, [':"__debezium_unavailable_value"']), 0), 'a record is not in the usual form') AS _is_irregular
FROM (
    SELECT
        _topic,
        _partition,
        _offset,
        _timestamp,
        headers AS _headers,
        JSONExtract(assumeNotNull(value), 'Tuple(op Nullable(String), source Tuple(lsn Nullable(UInt64), txId Nullable(UInt64), ts_us Nullable(Int64), sequence Nullable(String)), transaction Tuple(total_order Nullable(UInt64)))') AS _event,
        ifNull(_event.op, '') AS _op,
        _event.transaction.total_order AS _ordinal,
        untuple(_event.source) AS _source,
        _headers['bilten.epoch'] AS _epoch_text,
        if(_epoch_text = '', 0, toUInt16OrNull(_epoch_text)) AS _epoch_or_null,
        if(_op = 'd', assumeNotNull(key), simpleJSONExtractRaw(assumeNotNull(value), 'after')) AS _text
    FROM landing.`sample__plain__local`
    WHERE isNotNull(value)
)
SETTINGS date_time_input_format = 'best_effort', date_time_output_format = 'iso', output_format_decimal_trailing_zeros = '1', output_format_json_escape_forward_slashes = '0', output_format_json_quote_64bit_integers = '0', output_format_json_quote_decimals = '1';
