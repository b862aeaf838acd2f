CREATE TABLE IF NOT EXISTS landing.`sample__plain__state` (
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
ENGINE = Buffer('ods', 'sample__plain__state', 1, 86400, 86400, 0, 0, 0, 0);

INSERT INTO landing.`sample__plain__state` (`id`, `title`, `is_active`, `amount`, `happened_at`, `_committed_at`, `_transaction`, `_version`, `_is_deleted`, `_committed_after`)
SELECT
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
FROM (
    SELECT
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
        _loaded_at,
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
            if(_op = 'd', assumeNotNull(key), simpleJSONExtractRaw(assumeNotNull(value), 'after')) AS _text,
            _loaded_at
        FROM input('_topic String, _partition Int32, _offset Int64, _timestamp DateTime64(3, \'UTC\'), headers Map(String, String), key Nullable(String), value Nullable(String), _loaded_at DateTime64(6, \'UTC\')')
        WHERE isNotNull(value)
    )
)
WHERE _is_irregular = 0
SETTINGS date_time_input_format = 'best_effort', date_time_output_format = 'iso', output_format_decimal_trailing_zeros = '1', output_format_json_escape_forward_slashes = '0', output_format_json_quote_64bit_integers = '0', output_format_json_quote_decimals = '1', max_insert_threads = '1', max_threads = '1', optimize_on_insert = '0', min_insert_block_size_bytes = '0', min_insert_block_size_rows = '0';

INSERT INTO raw.`sample__plain` (`id`, `title`, `is_active`, `amount`, `happened_at`, `_op`, `_committed_at`, `_epoch`, `_position`, `_commit_position`, `_transaction`, `_ordinal`, `_topic`, `_partition`, `_offset`, `_timestamp`, `_loaded_at`, `_unchanged`, `_extra`, `_version`)
SELECT
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
FROM (
    SELECT
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
        _loaded_at,
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
            if(_op = 'd', assumeNotNull(key), simpleJSONExtractRaw(assumeNotNull(value), 'after')) AS _text,
            _loaded_at
        FROM input('_topic String, _partition Int32, _offset Int64, _timestamp DateTime64(3, \'UTC\'), headers Map(String, String), key Nullable(String), value Nullable(String), _loaded_at DateTime64(6, \'UTC\')')
        WHERE isNotNull(value)
    )
)
WHERE _is_irregular = 0
SETTINGS date_time_input_format = 'best_effort', date_time_output_format = 'iso', output_format_decimal_trailing_zeros = '1', output_format_json_escape_forward_slashes = '0', output_format_json_quote_64bit_integers = '0', output_format_json_quote_decimals = '1', max_insert_threads = '1', max_threads = '1', optimize_on_insert = '0';
