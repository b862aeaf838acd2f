"""Tables of awkward types and values of MariaDB, and what must come out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bilten.contracts import Contract
from ingestion.sources.mariadb.connection import Connection
from ingestion.sources.mariadb.values import canonical_text, table_of

LARGEST = "99999999999999999999999999999999999.999999999999999999999999999999"
EVERY_TYPE: dict[str, tuple[str, str, str, object]] = {
    # column: type, an awkward value, another one, what is kept of the first
    "flag": ("boolean", "1", "0", 1),
    "tiny": ("tinyint unsigned", "255", "0", 255),
    "small": ("smallint unsigned", "65535", "1", 65_535),
    "medium": ("mediumint", "-8388608", "8388607", -8_388_608),
    "whole": ("int unsigned", "4294967295", "0", 4_294_967_295),
    "big": ("bigint", "-9223372036854775808", "9007199254740993", -(2**63)),
    "unsigned": ("bigint unsigned", "18446744073709551615", "9223372036854775808", 2**64 - 1),
    "padded": ("int(8) zerofill", "42", "0", 42),
    "amount": ("decimal(12,2)", "-0.01", "9999999999.99", Decimal("-0.01")),
    "wide": ("decimal(65,30)", LARGEST, "-0.5", Decimal(LARGEST)),
    "single": ("float", "16777217", "1.1", 16_777_216.0),
    "smallest": ("float", "1e-40", "-3.4028234e38", None),
    "double": ("double", "1e0 * 5e-324", "123456789.12345679", 5e-324),
    "negative": ("double", "0e0 * -1", "-1e300", 0.0),
    "bit": ("bit(1)", "b'1'", "b'0'", True),
    "bits": ("bit(20)", "b'10101010101010101010'", "0", b"\xaa\xaa\x0a"),
    "day": ("date", "'0000-00-00'", "'0001-01-01'", None),
    "old_day": ("date", "'1582-10-10'", "'2026-02-00'", "1582-10-10"),
    "sure_day": ("date not null", "'0000-00-00'", "'9999-12-31'", "1970-01-01"),
    "moment": (
        "timestamp(6) null",
        "'2026-03-29 01:59:59.999999'",
        "'0000-00-00'",
        "2026-03-29 01:59:59.999999",
    ),
    "last_moment": (
        "timestamp null",
        "'2038-01-19 03:14:07'",
        "'1970-01-01 00:00:01'",
        "2038-01-19 03:14:07",
    ),
    "wall": ("datetime(6)", "'9999-12-31 23:59:59.999999'", "'0001-01-01'", "9999-12-31 23:59:59.999999"),
    "brief": ("datetime(3)", "'1500-06-15 12:00:00.5'", "'2026-00-15'", "1500-06-15 12:00:00.500000"),
    "at": ("time(6)", "'-838:59:59'", "'23:59:59.5'", None),
    "midnight": ("time", "'24:00:00'", "'12:00:00'", "00:00:00"),
    "year": ("year", "0", "2155", 1900),
    "mood": ("enum('ok','it''s','é')", "'it''s'", "'é'", "it's"),
    "marks": ("set('a','b','c d')", "'a,c d'", "''", "a,c d"),
    "fixed": ("binary(5)", "0x0102", "0x00", b"\x01\x02\x00\x00\x00"),
    "bytes": ("varbinary(20)", "0x00ff00", "''", b"\x00\xff\x00"),
    "blob_bytes": ("longblob", "0x00ff7f00", "REPEAT('x', 100)", b"\x00\xff\x7f\x00"),
    "code": ("char(5)", "'ab   '", "''", "ab"),
    "words": ("varchar(50)", "'é\\\\\"/\t\n'", "'null'", 'é\\"/\t\n'),
    "latin": ("varchar(20) character set latin1", "'é€'", "''", "é€"),
    "emoji": ("text", "CONCAT('😀', CHAR(1), 'x ')", "''", "😀\x01x "),
    "document": (
        "json",
        '\'{"a.b": [1, null],  "n": 12345678901234567890123, "d": 1.10}\'',
        "'null'",
        '{"a.b": [1, null],  "n": 12345678901234567890123, "d": 1.10}',
    ),
    "unseen": ("int invisible default 5", "7", "DEFAULT", 7),
}
LEFT_OUT = {
    "uid": "uuid",
    "place": "point",
    "doubled": "int generated always as (id * 2) stored",
    "next": "int generated always as (id + 1) virtual",
    "commas": "enum('a,b')",
    "sure_time": "time not null default 0",
    "`Upper`": "int",
}
NAMES = ", ".join(f"`{name}`" for name in EVERY_TYPE)

TABLES = (
    "CREATE DATABASE odd CHARACTER SET utf8mb4",
    "CREATE DATABASE crm CHARACTER SET utf8mb4",
    "CREATE TABLE odd.everything (id int PRIMARY KEY, "
    + ", ".join(f"`{name}` {kind[0]}" for name, kind in EVERY_TYPE.items())
    + ", "
    + ", ".join(f"{name} {kind}" for name, kind in LEFT_OUT.items())
    + ")",
    "CREATE TABLE odd.counts (id int PRIMARY KEY, n int, note varchar(20))",
    "CREATE TABLE odd.pairs (a varchar(20), b int, note text, PRIMARY KEY (b, a))",
    "CREATE TABLE odd.keyless (line text)",
    "CREATE TABLE odd.old (id int PRIMARY KEY) ENGINE = Aria",
    "CREATE TABLE odd.kept (id int PRIMARY KEY) WITH SYSTEM VERSIONING",
    "CREATE TABLE odd.addresses (id int PRIMARY KEY, host inet6)",
    "CREATE TABLE odd.`Named` (id int PRIMARY KEY)",
    "CREATE TABLE crm.customers (id int PRIMARY KEY, email varchar(200) NOT NULL)",
    "CREATE TABLE crm.calls (id int PRIMARY KEY, customer_id int, note text, "
    "CONSTRAINT caller FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE)",
    "INSERT INTO crm.customers SELECT seq, CONCAT('p', seq, '@example.org') FROM crm.seq_1_to_3000",
    "INSERT INTO crm.calls SELECT seq, seq, 'n' FROM crm.seq_1_to_10",
    "INSERT INTO odd.pairs VALUES ('x|y', 1, 'n'), ('', 1, NULL), ('X|y', 2, '')",
)
CAPTURED = {"everything", "counts", "pairs", "customers", "calls"}


def insert_everything(first: int) -> tuple[str, ...]:
    """Three rows of every type: awkward values, others, and nulls."""
    awkward = ", ".join(values[1] for values in EVERY_TYPE.values())
    others = ", ".join(values[2] for values in EVERY_TYPE.values())
    return (
        f"INSERT INTO odd.everything (id, {NAMES}) VALUES ({first}, {awkward}), ({first + 1}, {others})",
        f"INSERT INTO odd.everything (id, sure_day) VALUES ({first + 2}, '2026-01-01')",
    )


def source_values(connection: Connection, contract: Contract) -> dict[tuple[str, ...], Any]:
    """Canonical text of every value of the source, by key."""
    columns = [*contract.key, *contract.columns]
    texts = ", ".join(canonical_text(column) for column in columns)
    rows = connection.execute(f"SELECT {texts} FROM {table_of(contract)}").fetchall()
    width, names = len(contract.key), [column.name for column in contract.columns]
    return {tuple(row[:width]): dict(zip(names, row[width:], strict=True)) for row in rows}
