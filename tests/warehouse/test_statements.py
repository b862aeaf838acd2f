from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.client import Warehouse
from warehouse.server.statements import input_call, parse, settings_at, tokens, with_query_id


@pytest.mark.parametrize(
    ("source", "text", "input_format", "data"),
    [
        (b"INSERT INTO t VALUES (1, 'a;b')", b"INSERT INTO t ", "Values", b" (1, 'a;b')"),
        (b"insert into t (a, b) values\n(1,2)", b"insert into t (a, b) ", "Values", b"\n(1,2)"),
        (b"INSERT INTO t FORMAT TSV\n1\t2\n", b"INSERT INTO t ", "TSV", b"1\t2\n"),
        (b"INSERT INTO t FORMAT TSV \t\r\n\n1\n", b"INSERT INTO t ", "TSV", b"\n1\n"),
        (b'INSERT INTO t FORMAT JSONEachRow {"a":1}', b"INSERT INTO t ", "JSONEachRow", b'{"a":1}'),
        (b"INSERT INTO t FORMAT Native", b"INSERT INTO t ", "Native", b""),
        (b"INSERT INTO t FORMAT Native\n\x01;\x00'", b"INSERT INTO t ", "Native", b"\x01;\x00'"),
        (b"INSERT INTO format FORMAT CSV\n1", b"INSERT INTO format ", "CSV", b"1"),
        (b"INSERT INTO d.values VALUES (1)", b"INSERT INTO d.values ", "Values", b" (1)"),
        (
            b"INSERT INTO `VALUES` -- FORMAT TSV\nFORMAT CSV\n1",
            b"INSERT INTO `VALUES` -- FORMAT TSV\n",
            "CSV",
            b"1",
        ),
        (
            b"INSERT INTO t SETTINGS a = 'FORMAT X' FORMAT CSV\n1",
            b"INSERT INTO t SETTINGS a = 'FORMAT X' ",
            "CSV",
            b"1",
        ),
        (b"INSERT INTO FUNCTION file('a', 'CSV', 'format Int8') FORMAT TSV\n1", None, "TSV", b"1"),
        (b"/* INSERT */ insert into t format RowBinary \n\xff", None, "RowBinary", b"\xff"),
        (
            b"INSERT INTO t SELECT a FROM input('a Int8') WHERE a > 1 SETTINGS b = 1 FORMAT TSV\n1",
            b"INSERT INTO t SELECT a FROM input('a Int8') WHERE a > 1 SETTINGS b = 1 ",
            "TSV",
            b"1",
        ),
        (b"INSERT INTO t SELECT * FROM (SELECT 1 FROM Input ( 'a Int8' )) FORMAT CSV", None, "CSV", b""),
    ],
)
def test_insert_data_begin_after_their_format(
    source: bytes, text: bytes | None, input_format: str, data: bytes
) -> None:
    statement = parse(source)
    assert statement.verb == "INSERT"
    assert statement.input_format == input_format
    assert statement.data_at is not None
    assert source[statement.data_at :] == data
    if text is not None:
        assert statement.text == text


@pytest.mark.parametrize(
    "source",
    [
        b"INSERT INTO t SELECT 1, 'FORMAT'",
        b"INSERT INTO t (a) SELECT * FROM values('a Int8', 1)",
        b"INSERT INTO t WITH 1 AS x SELECT x",
        b"INSERT INTO t (SELECT 1)",
        b"INSERT INTO t SELECT format FROM u",
    ],
)
def test_an_insert_of_a_query_takes_no_data(source: bytes) -> None:
    statement = parse(source)
    assert statement.input_format is None
    assert statement.text == source
    assert not statement.has_result


@pytest.mark.parametrize(
    ("source", "output_format"),
    [
        (b"SELECT 1 FORMAT JSON", "JSON"),
        (b"SELECT 1 format Native;", "Native"),
        (b"SELECT 1\nFORMAT TSV\nSETTINGS max_threads = 1, x = 'y'", "TSV"),
        (b"SELECT 1 FORMAT CSV -- FORMAT XML", "CSV"),
        (b"SELECT 'FORMAT JSON'", None),
        (b"SELECT `FORMAT JSON`", None),
        (b"SELECT format FROM t", None),
        (b"SELECT 1 AS format", None),
        (b"SELECT * FROM format AS f", None),
        (b"SELECT * FROM format f", None),
        (b"SELECT format(x, y) FROM t", None),
        (b"SELECT (SELECT 1 FORMAT JSON)", None),
        (b"SELECT 1 SETTINGS output_format_json_quote_decimals = 1", None),
        (b"SHOW TABLES FORMAT Pretty", "Pretty"),
    ],
)
def test_the_format_of_a_result_is_the_last_clause(source: bytes, output_format: str | None) -> None:
    statement = parse(source)
    assert statement.output_format == output_format
    assert statement.has_result
    if output_format is not None:
        assert statement.format_at is not None
        assert source[statement.format_at :].upper().startswith(b"FORMAT")


@pytest.mark.parametrize(
    ("source", "several"),
    [
        (b"SELECT 1", False),
        (b"SELECT 1;", False),
        (b"SELECT 1; -- the end\n /* really */ ", False),
        (b"SELECT 1;;", True),
        (b"SELECT 1; SELECT 2", True),
        (b"SELECT ';'; DROP TABLE t", True),
        (b"SELECT ';' /* ; */ -- ;\n", False),
        (b"SELECT $$;$$", False),
        (b"SELECT $x$;$$;$x$", False),
        (b'SELECT ";", `;`', False),
        (b"CREATE TABLE t (a String DEFAULT 'it\\'s; ''fine''') ENGINE = Memory", False),
    ],
)
def test_only_one_statement_may_come(source: bytes, several: bool) -> None:
    assert parse(source).several is several


def test_a_text_without_a_statement_has_no_verb() -> None:
    assert parse(b"").verb == ""
    assert parse(b" -- nothing\n").verb == ""


@pytest.mark.parametrize(
    ("source", "outfile", "infile", "totals"),
    [
        (b"SELECT 1 INTO OUTFILE 'x'", True, False, False),
        (b"INSERT INTO t FROM INFILE 'x'", False, True, False),
        (b"SELECT count() FROM t GROUP BY a WITH TOTALS", False, False, True),
        (b"SELECT 'INTO OUTFILE' AS totals", False, False, False),
    ],
)
def test_what_a_server_must_know_is_found(source: bytes, outfile: bool, infile: bool, totals: bool) -> None:
    statement = parse(source)
    assert (statement.into_outfile, statement.from_infile, statement.with_totals) == (outfile, infile, totals)


def test_kill_query_goes_by_the_id_that_the_client_gave() -> None:
    assert (
        with_query_id(b"KILL QUERY WHERE query_id = 'query_id' -- query_id\nSYNC", "id_setting")
        == b"KILL QUERY WHERE Settings['id_setting'] = 'query_id' -- query_id\nSYNC"
    )
    assert with_query_id(b"KILL QUERY WHERE `query_id`='x'", "s") == b"KILL QUERY WHERE Settings['s']='x'"


@pytest.mark.parametrize(
    ("source", "clause"),
    [
        (b"INSERT INTO t (a) SETTINGS x = 1", b"SETTINGS x = 1"),
        (b"INSERT INTO t (settings)", b""),
        (b"INSERT INTO settings (a) settings x = 'SETTINGS'", b"settings x = 'SETTINGS'"),
        (b"INSERT INTO d.settings", b""),
        (b"INSERT INTO t -- SETTINGS", b""),
    ],
)
def test_the_settings_of_an_insert_are_found(source: bytes, clause: bytes) -> None:
    assert source[settings_at(source) :] == clause


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        (b"SYSTEM SHUTDOWN", True),
        (b"system /* now */ kill", True),
        (b"SYSTEM FLUSH LOGS", False),
        (b"SELECT 'SYSTEM KILL'", False),
    ],
)
def test_statements_that_would_end_the_server_are_known(source: bytes, ends: bool) -> None:
    assert parse(source).ends_server is ends


@given(st.binary(max_size=200))
def test_any_bytes_can_be_looked_at(source: bytes) -> None:
    statement = parse(source)
    assert len(statement.text) <= len(source)
    covered = list(tokens(source))
    assert all(a.end <= b.start for a, b in itertools.pairwise(covered))


@given(st.binary(max_size=100))
def test_insert_data_are_never_changed(data: bytes) -> None:
    source = b"INSERT INTO t FORMAT RowBinary\n" + data
    statement = parse(source)
    assert statement.data_at is not None
    assert source[statement.data_at :] == data


def test_a_long_statement_is_looked_at_in_reasonable_time() -> None:
    source = b"SELECT 1 WHERE a IN (" + b", ".join(b"'%d'" % n for n in range(50_000)) + b")"
    assert parse(source).verb == "SELECT"
    assert parse(b"SELECT '" + b"\\'a" * 200_000).verb == "SELECT"


PIECES = (
    *(
        "SELECT",
        "file",
        "x",
        "1",
        "1.5",
        "a1$",
        "1e5",
        "x'2f'",
        "b'01'",
        "$",
        "$$",
        "$x$",
        "(",
        ",",
        ";",
    ),
    *("'", "''", "\\", '"', "`", "``", "‘", "’", "“", "”", "--", "//", "# ", "#!", "/*", "*/", "/", "*", "-"),
    *("\n", " ", "\u00a0", "\u2003", "\u2212", "é"),
)
KINDS = {
    "BareWord": "word",
    "QuotedIdentifier": "quoted",
    "StringLiteral": "text",
    "HereDoc": "heredoc",
    "Semicolon": "mark",
}


@pytest.mark.warehouse
def test_it_sees_the_words_that_the_engine_sees(warehouse: Warehouse) -> None:
    chance = random.Random(11)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(2, 14))) for _ in range(4000)]
    rows = warehouse.query(
        "SELECT arrayMap(one -> (toString(one.type), one.begin, one.end), "
        "tokenizeQuery(arrayJoin({texts:Array(String)})))",
        {"texts": texts},
    ).rows
    compared = 0
    for text, (seen,) in zip(texts, rows, strict=True):
        if any(kind.startswith("Error") for kind, _, _ in seen):
            # No statement at all, to the engine.
            continue
        source = text.encode()
        expected = {
            (KINDS[kind], int(begin), int(end))
            for kind, begin, end in seen
            if kind in KINDS and not source[int(begin) : int(begin) + 1].isdigit()
        }
        ours = {
            (one.kind, one.start, one.end)
            for one in tokens(source)
            if one.kind in KINDS.values() and (one.kind != "mark" or one.value == b";")
        }
        assert ours == expected, text
        compared += 1
    assert compared > 500


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"INSERT INTO t SELECT * FROM input('a Int8')", b"'a Int8'"),
        (
            b"INSERT INTO t SELECT * FROM ( SELECT f(b) FROM input ( concat('a ', ')') ) )",
            b" concat('a ', ')') ",
        ),
        (b"INSERT INTO input (input) SELECT 'input(1)' /* input(2) */ FROM input(3)", b"3"),
        (b"INSERT INTO input (a) SELECT 1", None),
        (b"INSERT INTO t SELECT 1", None),
    ],
)
def test_where_the_data_enter_a_query_is_found(source: bytes, expected: bytes | None) -> None:
    found = input_call(source)
    assert (found[2] if found else None) == expected
    if found:
        assert (
            source[found[0] : found[1]].lower().startswith(b"input")
            and source[found[1] - 1 : found[1]] == b")"
        )
