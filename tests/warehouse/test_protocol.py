from __future__ import annotations

import base64

import pytest
from multidict import CIMultiDict

from warehouse.server.failures import EngineError, frame, new_tag
from warehouse.server.parameters import Call, read_call
from warehouse.server.permission import check_class, check_text
from warehouse.server.statements import parse


def call(*pairs: tuple[str, str], **headers: str) -> Call:
    return read_call(pairs, CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))


def test_settings_parameters_and_transport_are_kept_apart() -> None:
    read = call(
        ("query", "SELECT 1"),
        ("database", "ods"),
        ("param_a", "1"),
        ("max_threads", "2"),
        ("send_progress_in_http_headers", "1"),
        ("session_id", "s"),
        ("client_protocol_version", "54405"),
        ("wait_end_of_query", "1"),
    )
    assert read.settings == {"max_threads": "2"}
    assert read.parameters == {"a": "1"}
    assert (read.query, read.database, read.session_id) == ("SELECT 1", "ods", "s")
    assert read.protocol_revision == 54405
    assert read.wait_end_of_query


@pytest.mark.parametrize(
    ("pairs", "headers", "expected"),
    [
        ([], {}, ("default", "")),
        ([("user", "a"), ("password", "b")], {}, ("a", "b")),
        ([], {"Authorization": "Basic " + base64.b64encode(b"a:b:c").decode()}, ("a", "b:c")),
        ([("user", "x")], {"x_clickhouse_user": "a", "X_ClickHouse_Key": "b"}, ("a", "b")),
        ([], {"Authorization": "Basic not-base64"}, ("", "")),
    ],
)
def test_credentials_come_from_headers_or_the_url(
    pairs: list[tuple[str, str]], headers: dict[str, str], expected: tuple[str, str]
) -> None:
    read = call(*pairs, **headers)
    assert (read.user, read.password) == expected
    assert "password" not in repr(read)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("session_timeout", "0", 374),
        ("session_timeout", "3601", 374),
        ("session_timeout", "soon", 36),
        ("client_protocol_version", "x", 36),
    ],
)
def test_parameters_that_cannot_be_used_are_refused(name: str, value: str, code: int) -> None:
    with pytest.raises(EngineError) as caught:
        call((name, value))
    assert caught.value.code == code


def test_an_external_table_brings_its_structure_in_the_parameters() -> None:
    read = read_call(
        [("ids_structure", "id Int64"), ("names_types", "String, Int8"), ("names_format", "CSV"), ("x", "1")],
        CIMultiDict(),
        {"ids": b"1\n", "names": b"a,1\n"},
    )
    assert [(t.name, t.structure, t.input_format) for t in read.tables] == [
        ("ids", "id Int64", "TabSeparated"),
        ("names", "_1 String, _2 Int8", "CSV"),
    ]
    assert read.settings == {"x": "1"}
    with pytest.raises(EngineError):
        read_call([], CIMultiDict(), {"bare": b""})


@pytest.mark.parametrize(
    ("text", "code", "status", "name"),
    [
        ("Code: 60. DB::Exception: Table x.y does not exist. (UNKNOWN_TABLE)", 60, 404, "UNKNOWN_TABLE"),
        (
            "Streaming insert append failed: Code: 27. DB::Exception: no. (CANNOT_PARSE)",
            27,
            500,
            "CANNOT_PARSE",
        ),
        ("Code: 62. DB::Exception: Syntax error. (SYNTAX_ERROR)", 62, 400, "SYNTAX_ERROR"),
        ("something else", 1002, 500, ""),
    ],
)
def test_an_engines_message_gives_code_status_and_name(text: str, code: int, status: int, name: str) -> None:
    error = EngineError(text)
    assert (error.code, error.status, error.name) == (code, status, name)
    assert error.body("26.9").startswith(f"Code: {code}. DB::Exception:") or code == 1002
    assert error.body("26.9").endswith("(version 26.9)\n")


def test_a_version_is_not_told_twice() -> None:
    text = "Code: 1. DB::Exception: x. (NAME) (version 26.9.2.1)"
    assert EngineError(text).body("26.9.2.1") == text + "\n"


def test_an_error_in_the_middle_of_a_body_stands_between_two_marks() -> None:
    tag = new_tag()
    assert len(tag) == 16
    message = "Code: 1. DB::Exception: ü"
    ending = f"{message}\n{len(message.encode())} {tag}\r\n__exception__\r\n"
    assert frame(message, tag) == f"\r\n__exception__\r\n{tag}\r\n{ending}".encode()


@pytest.mark.parametrize(
    ("source", "kind", "read_only", "leaves_state", "code"),
    [
        (b"SELECT 1", "READ_ONLY", True, False, None),
        (b"SET a = 1", "CONTROL", True, True, None),
        (b"CREATE TEMPORARY TABLE t (a Int8)", "CONTROL", True, True, None),
        (b"DROP TABLE t", "MUTATING", False, False, None),
        (b"DROP TABLE t", "MUTATING", True, False, 164),
        (b"GRANT SELECT ON t TO u", "MUTATING_GLOBAL", True, False, 164),
        (b"KILL QUERY WHERE 1", "CONTROL", True, False, 164),
        (b"SYSTEM FLUSH LOGS", "CONTROL", False, False, None),
    ],
)
def test_a_request_that_only_reads_changes_nothing_but_its_session(
    source: bytes, kind: str, read_only: bool, leaves_state: bool, code: int | None
) -> None:
    statement = parse(source)
    check_text(statement)
    if code is None:
        assert check_class(statement, kind, 1, read_only=read_only) is leaves_state
        with pytest.raises(EngineError):
            check_class(statement, kind, 2, read_only=read_only)
    else:
        with pytest.raises(EngineError) as caught:
            check_class(statement, kind, 1, read_only=read_only)
        assert caught.value.code == code
