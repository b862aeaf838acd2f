"""The protocol, byte by byte, against a real server."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import quote

import httpx
import lz4.frame
import pyarrow as pa
import pyarrow.parquet
import pytest
import zstandard

from bilten.settings import Settings
from tests.settings import PASSWORD

pytestmark = pytest.mark.warehouse


@pytest.fixture(scope="module")
def http(warehouse_settings: Settings) -> Iterator[httpx.Client]:
    credentials = (
        warehouse_settings.warehouse_user,
        warehouse_settings.warehouse_password.get_secret_value(),
    )
    base = f"http://{warehouse_settings.host}:{warehouse_settings.warehouse_port}"
    with httpx.Client(base_url=base, auth=credentials, timeout=30) as client:
        client.post("/", content="CREATE DATABASE server_tests").raise_for_status()
        yield client
        client.post("/", content="DROP DATABASE server_tests").raise_for_status()


@pytest.fixture
def table(http: httpx.Client) -> str:
    name = f"server_tests.t{uuid.uuid4().hex[:8]}"
    http.post("/", content=f"CREATE TABLE {name} (a Int64, b String) ENGINE = MergeTree ORDER BY a")
    return name


def run(http: httpx.Client, sql: str, **parameters: str) -> str:
    answer = http.post("/", params=parameters, content=sql)
    assert answer.status_code == 200, answer.text
    return answer.text


def code(answer: httpx.Response) -> int:
    assert answer.status_code >= 400, answer.text
    assert answer.text.startswith(f"Code: {answer.headers['X-ClickHouse-Exception-Code']}. DB::Exception: ")
    assert re.search(r"\([A-Z_]+\) \(version \d+\.\d+", answer.text)
    assert answer.headers["X-ClickHouse-Query-Id"]
    assert answer.headers["X-ClickHouse-Timezone"]
    assert answer.headers["X-ClickHouse-Server-Display-Name"]
    return int(answer.headers["X-ClickHouse-Exception-Code"])


def wait_until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def running(http: httpx.Client, comment: str) -> int:
    return int(
        run(http, f"SELECT count() FROM system.processes WHERE Settings['log_comment'] = '{comment}'").strip()
    )


def test_a_ping_asks_the_engine_and_needs_no_password(http: httpx.Client) -> None:
    answer = httpx.get(http.base_url.join("/ping"))
    assert (answer.status_code, answer.text) == (200, "Ok.\n")
    assert httpx.get(str(http.base_url)).text == "Ok.\n"


def test_metrics_are_in_prometheus_format(http: httpx.Client) -> None:
    run(http, "SELECT 1")
    text = httpx.get(http.base_url.join("/metrics")).text
    assert 'warehouse_queries_total{verb="SELECT"}' in text


def test_the_statement_may_be_in_the_url_in_the_body_or_in_both(http: httpx.Client) -> None:
    assert http.get("/", params={"query": "SELECT 1"}).text == "1\n"
    assert run(http, "SELECT 1") == "1\n"
    assert run(http, "+ 1", query="SELECT 1") == "2\n"


def test_a_head_request_has_headers_only(http: httpx.Client) -> None:
    answer = http.head("/", params={"query": "SELECT 1"})
    assert answer.status_code == 200
    assert answer.headers["X-ClickHouse-Format"] == "TabSeparated"
    assert answer.content == b""


def test_formats_by_clause_parameter_and_header(http: httpx.Client) -> None:
    assert run(http, "SELECT 1 AS x FORMAT JSONEachRow") == '{"x":1}\n'
    assert run(http, "SELECT 1 AS x", default_format="CSVWithNames") == '"x"\n1\n'
    assert http.post("/", content="SELECT 1", headers={"X-ClickHouse-Format": "Values"}).text == "(1)"
    assert run(http, "SELECT 1 AS x FORMAT CSV", default_format="JSON") == "1\n"


def test_a_format_header_only_comes_with_a_result_set(http: httpx.Client, table: str) -> None:
    for sql in (f"INSERT INTO {table} VALUES (1, 'x')", f"OPTIMIZE TABLE {table}", "SET max_threads = 1"):
        answer = http.post("/", content=sql)
        assert answer.status_code == 200
        assert "X-ClickHouse-Format" not in answer.headers
        assert answer.content == b""
    summary = json.loads(
        http.post("/", content=f"INSERT INTO {table} VALUES (1,'x'),(2,'y')").headers["X-ClickHouse-Summary"]
    )
    assert summary["written_rows"] == "2"
    assert all(isinstance(value, str) for value in summary.values())


@pytest.mark.parametrize("rows", [0, 1, 300_000])
def test_every_kind_of_format_is_one_document_however_many_blocks(http: httpx.Client, rows: int) -> None:
    sql = f"SELECT number, toString(number) AS text FROM numbers({rows}) FORMAT "
    expected = list(range(rows))
    for name, head in (("TSV", 0), ("CSVWithNames", 1), ("TabSeparatedWithNamesAndTypes", 2)):
        lines = run(http, sql + name).splitlines()
        assert len(lines) == rows + head
    assert [
        json.loads(line)["number"]
        for line in run(http, sql + "JSONEachRow", output_format_json_quote_64bit_integers="0").splitlines()
    ] == expected
    lines = run(http, sql + "JSONCompactEachRowWithNamesAndTypes").splitlines()
    assert json.loads(lines[0]) == ["number", "text"]
    assert len(lines) == rows + 2
    assert json.loads(run(http, sql + "JSON"))["rows"] == rows
    for name in ("ArrowStream", "Arrow"):
        data = http.post("/", content=sql + name).content
        reader = pa.ipc.open_stream(data) if name == "ArrowStream" else pa.ipc.open_file(data)
        with reader:
            assert reader.read_all().column("number").to_pylist() == expected
    parquet = pyarrow.parquet.read_table(io.BytesIO(http.post("/", content=sql + "Parquet").content))
    assert parquet.column("number").to_pylist() == expected


def test_totals_are_not_lost(http: httpx.Client) -> None:
    sql = "SELECT number % 2 AS k, count() AS n FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k FORMAT "
    assert run(http, sql + "TSV") == "0\t5\n1\t5\n\n0\t10\n"
    assert json.loads(run(http, sql + "JSON", output_format_json_quote_64bit_integers="0"))["totals"] == {
        "k": 0,
        "n": 10,
    }


@pytest.mark.parametrize(
    ("sql", "expected", "status"),
    [
        ("SELECT * FROM no_such", 60, 404),
        ("SELECT nothing", 47, 404),
        ("SELECT no_such_function(1)", 46, 404),
        ("SELECT * FROM no_such.t", 81, 404),
        ("SELEC 1", 62, 400),
        ("DROP TABEL x", 62, 400),
        ("", 62, 400),
        ("SELECT 1; SELECT 2", 62, 400),
        ("SELECT throwIf(1)", 395, 500),
        ("SELECT 1 INTO OUTFILE 'x'", 358, 500),
        ("INSERT INTO t FROM INFILE 'x' FORMAT CSV", 73, 500),
        ("SELECT 1 SETTINGS no_such_setting = 1", 115, 404),
        ("SELECT {missing:Int32}", 456, 500),
        ("SYSTEM SHUTDOWN", 48, 500),
    ],
)
def test_errors_have_their_code_and_status(http: httpx.Client, sql: str, expected: int, status: int) -> None:
    answer = http.post("/", content=sql)
    assert code(answer) == expected
    assert answer.status_code == status


def test_several_statements_are_refused_and_none_is_run(http: httpx.Client, table: str) -> None:
    for sql in (
        f"INSERT INTO {table} SELECT 1, 'x'; DROP TABLE {table}",
        f"SELECT 1; DROP TABLE {table};",
        f"DROP TABLE {table}; this is not SQL",
        f"/* ; */ DROP TABLE {table} -- ;\n ; SELECT ';'",
    ):
        assert code(http.post("/", content=sql)) == 62
    assert run(http, f"SELECT count() FROM {table}") == "0\n"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-ClickHouse-User": "bilten", "X-ClickHouse-Key": "wrong"}, 403),
        ({"X-ClickHouse-User": "other"}, 403),
    ],
)
def test_only_the_one_user_comes_in(http: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = httpx.post(str(http.base_url), content="SELECT 1", headers=headers)
    assert answer.status_code == status
    assert code(answer) == 516


def test_the_password_may_come_in_headers_or_in_the_url(
    http: httpx.Client, warehouse_settings: Settings
) -> None:
    password = warehouse_settings.warehouse_password.get_secret_value()
    headers = {"X-ClickHouse-User": "bilten", "X-ClickHouse-Key": password}
    assert httpx.post(str(http.base_url), content="SELECT 1", headers=headers).text == "1\n"
    url = httpx.URL(str(http.base_url), params={"user": "bilten", "password": password})
    assert httpx.post(url, content="SELECT 1").text == "1\n"


def test_a_get_request_only_reads(http: httpx.Client, table: str) -> None:
    for sql in (
        f"INSERT INTO {table} SELECT 1, 'x'",
        f"INSERT INTO {table} VALUES (1, 'x')",
        f"DROP TABLE {table}",
        "SYSTEM FLUSH LOGS",
        "CREATE DATABASE server_tests_other",
    ):
        assert code(http.get("/", params={"query": sql})) == 164
    assert http.get("/", params={"query": f"SELECT count() FROM {table}"}).text == "0\n"


def test_settings_of_the_url_hold_for_one_query(http: httpx.Client) -> None:
    assert run(http, "SELECT getSetting('max_block_size')", max_block_size="77") == "77\n"
    assert run(http, "SELECT getSetting('max_block_size')") != "77\n"
    assert code(http.post("/", params={"no_such_setting": "1"}, content="SELECT 1")) == 115
    assert code(http.post("/", params={"bad name": "1"}, content="SELECT 1")) == 115
    quoted = 'it\'s \\ "quoted"'
    assert run(http, "SELECT getSetting('log_comment') FORMAT TSVRaw", log_comment=quoted) == quoted + "\n"


def test_a_database_may_be_named_in_url_or_header(http: httpx.Client) -> None:
    assert run(http, "SELECT currentDatabase()", database="server_tests") == "server_tests\n"
    answer = http.post("/", content="SELECT currentDatabase()", headers={"X-ClickHouse-Database": "system"})
    assert answer.text == "system\n"
    assert code(http.post("/", params={"database": "no_such"}, content="SELECT 1")) == 81
    assert run(http, "SELECT currentDatabase()") == "default\n"


def test_parameters_are_values_never_sql(http: httpx.Client, table: str) -> None:
    hostile = "x'; DROP TABLE t; --"
    assert run(http, "SELECT {p:String} FORMAT TSVRaw", param_p=hostile) == hostile + "\n"
    assert run(http, "SELECT {n:Int64} + 1", param_n="41") == "42\n"
    assert (
        run(
            http,
            "SELECT count() FROM {t:Identifier}",
            param_t=table.partition(".")[2],
            database="server_tests",
        )
        == "0\n"
    )
    assert (
        run(
            http,
            "INSERT INTO {t:Identifier} (a, b) FORMAT CSV\n1,x\n",
            param_t=table.partition(".")[2],
            database="server_tests",
        )
        == ""
    )
    assert code(http.post("/", content="SELECT {n:Int64}")) == 456


def test_a_query_id_comes_back_and_goes_into_the_log(http: httpx.Client) -> None:
    identity = f"query-{uuid.uuid4()}"
    answer = http.post("/", params={"query_id": identity}, content="SELECT 'logged'")
    assert answer.headers["X-ClickHouse-Query-Id"] == identity
    run(http, "SYSTEM FLUSH LOGS")
    log = run(
        http, f"SELECT type, query FROM system.query_log WHERE log_comment = '{identity}' ORDER BY type"
    )
    assert log == "QueryStart\tSELECT \\'logged\\'\nQueryFinish\tSELECT \\'logged\\'\n"


def test_the_servers_own_statements_stay_out_of_the_log(http: httpx.Client) -> None:
    session = {"session_id": str(uuid.uuid4()), "client_protocol_version": "54405"}
    run(http, "SELECT toDateTime(0, 'Asia/Tokyo') FORMAT Native", client_protocol_version="54405")
    run(http, "CREATE TEMPORARY TABLE mine (t DateTime('Asia/Tokyo'))", **session)
    assert "Asia/Tokyo" in run(http, "SELECT t FROM mine FORMAT Native", **session)
    run(http, "INSERT INTO mine VALUES (0)", **session)
    assert "Asia/Tokyo" in run(http, "SELECT t FROM mine FORMAT Native", **session)
    run(http, "SYSTEM FLUSH LOGS")
    assert (
        run(http, "SELECT count() FROM system.query_log WHERE query_kind = 'Set' AND log_comment = ''")
        == "0\n"
    )
    assert run(http, "SELECT count() FROM system.query_log WHERE query LIKE 'DESCRIBE (%'") == "0\n"


def test_an_error_after_the_first_byte_ends_the_body_with_a_frame(http: httpx.Client) -> None:
    sql = "SELECT throwIf(number = 2000000) FROM numbers(3000000) FORMAT TSV"
    answer = http.post("/", content=sql)
    assert answer.status_code == 200
    tag = answer.headers["X-ClickHouse-Exception-Tag"]
    match = re.search(
        rb"\r\n__exception__\r\n"
        + tag.encode()
        + rb"\r\n(.*)\n(\d+) "
        + tag.encode()
        + rb"\r\n__exception__\r\n\Z",
        answer.content,
        re.DOTALL,
    )
    assert match
    assert match.group(1).startswith(b"Code: 395.")
    assert len(match.group(1)) == int(match.group(2))
    assert code(http.post("/", params={"wait_end_of_query": "1"}, content=sql)) == 395


def test_a_large_result_that_has_to_be_complete_is_spooled(http: httpx.Client) -> None:
    sql = "SELECT number, repeat('x', 20) FROM numbers(600000) FORMAT TSV"
    assert http.post("/", params={"wait_end_of_query": "1"}, content=sql).text.count("\n") == 600_000


@pytest.mark.parametrize(
    ("encoding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("lz4", lz4.frame.decompress),
        ("zstd", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
@pytest.mark.parametrize("rows", [10_000, 1_000_000])
def test_results_are_compressed_if_the_client_asks(
    http: httpx.Client, encoding: str, decode: object, rows: int
) -> None:
    assert callable(decode)
    with http.stream(
        "POST",
        "/",
        params={"enable_http_compression": "1"},
        headers={"Accept-Encoding": encoding},
        content=f"SELECT number FROM numbers({rows})",
    ) as answer:
        assert answer.headers["Content-Encoding"] == encoding
        body = b"".join(answer.iter_raw())
    assert decode(body).splitlines()[-1] == str(rows - 1).encode()
    plain = http.post(
        "/", headers={"Accept-Encoding": encoding}, content=f"SELECT number FROM numbers({rows})"
    )
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("lz4", lz4.frame.compress), ("zstd", zstandard.ZstdCompressor().compress)],
)
def test_inserts_may_be_compressed(http: httpx.Client, table: str, encoding: str, encode: object) -> None:
    assert callable(encode)
    data = "".join(f"{n}\tvalue {n}\n" for n in range(200_000)).encode()
    answer = http.post(
        "/",
        params={"query": f"INSERT INTO {table} FORMAT TSV"},
        headers={"Content-Encoding": encoding},
        content=encode(data),
    )
    assert answer.status_code == 200, answer.text
    assert run(http, f"SELECT count(), sum(a) FROM {table}") == "200000\t19999900000\n"
    broken = http.post(
        "/",
        params={"query": f"INSERT INTO {table} FORMAT TSV"},
        headers={"Content-Encoding": encoding},
        content=data,
    )
    assert code(broken) == 271


def test_insert_data_may_hold_anything(http: httpx.Client, table: str) -> None:
    run(http, f"INSERT INTO {table} VALUES (1, 'a;b\n\nc'), (2, '''; DROP')")
    run(http, f"INSERT INTO {table} FORMAT TSV\n3\tx;y\n")
    run(
        http,
        '{"a":4,"b":"\\n\\n;"}\n\n{"a":5,"b":"{x:Int8}"}',
        query=f"INSERT INTO {table} FORMAT JSONEachRow",
    )
    run(http, "6,b\n", query=f"INSERT INTO {table} FORMAT CSV 7,c")
    rows = run(
        http,
        f"SELECT groupArray(a), groupArray(b) FROM (SELECT * FROM {table} ORDER BY a) FORMAT JSONEachRow",
    )
    assert list(json.loads(rows).values())[1] == ["a;b\n\nc", "'; DROP", "x;y", "\n\n;", "{x:Int8}", "b", "c"]


def test_a_bad_insert_leaves_an_error_and_a_usable_connection(http: httpx.Client, table: str) -> None:
    answer = http.post("/", params={"query": f"INSERT INTO {table} FORMAT TSV"}, content=b"not a number\tx\n")
    assert code(answer) == 27
    assert run(http, f"SELECT count() FROM {table}") == "0\n"


def test_an_insert_that_fails_behind_the_parser_is_an_error_not_a_success(
    http: httpx.Client, table: str
) -> None:
    run(http, f"ALTER TABLE {table} ADD CONSTRAINT small CHECK a < 100")
    run(http, f"CREATE TABLE {table}_copy (a Int64) ENGINE = MergeTree ORDER BY a")
    query = f"SELECT a + throwIf(a = 3) AS a FROM {table}"
    run(http, f"CREATE MATERIALIZED VIEW {table}_view TO {table}_copy AS {query}")
    insert = {"query": f"INSERT INTO {table} FORMAT TSV"}
    assert code(http.post("/", params=insert, content=b"100\tx\n")) == 469
    assert code(http.post("/", params=insert, content=b"3\tx\n")) == 395
    assert code(http.post("/", params=insert, content=iter([b"1\tx\n" * 300_000, b"3\tx\n"]))) == 395
    assert run(http, f"SELECT count() FROM {table}_copy WHERE a = 3") == "0\n"


def test_an_insert_finds_its_settings_and_odd_names(http: httpx.Client) -> None:
    run(
        http,
        "CREATE TABLE server_tests.settings (settings Int64, `format` String) ENGINE = MergeTree ORDER BY ()",
    )
    run(http, "INSERT INTO server_tests.settings (settings, `format`) -- SETTINGS\nFORMAT CSV\n1,x\n")
    run(http, "INSERT INTO server_tests.settings (settings) SETTINGS async_insert = 0 FORMAT CSV\n2\n")
    run(http, "", query="INSERT INTO server_tests.settings FORMAT CSV")
    assert run(http, "SELECT sum(settings) FROM server_tests.settings") == "3\n"


def test_a_streamed_insert_goes_through_in_bounded_memory(http: httpx.Client, table: str) -> None:
    def pieces() -> Iterator[bytes]:
        for start in range(0, 1_000_000, 10_000):
            yield "".join(f"{n}\t{'x' * 100}\n" for n in range(start, start + 10_000)).encode()

    answer = http.post("/", params={"query": f"INSERT INTO {table} FORMAT TSV"}, content=pieces())
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.headers["X-ClickHouse-Summary"])["written_rows"] == "1000000"
    assert run(http, f"SELECT count(), uniqExact(a) FROM {table}") == "1000000\t1000000\n"


def test_an_insert_whose_client_disappears_is_given_up(http: httpx.Client, table: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"1\tx\n" * 1000
        raise RuntimeError("the client dies")

    with contextlib.suppress(RuntimeError):
        http.post("/", params={"query": f"INSERT INTO {table} FORMAT TSV"}, content=pieces())
    assert run(http, f"SELECT count() FROM {table}") == "0\n"


def test_queries_of_several_clients_run_at_once(http: httpx.Client) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: run(http, f"SELECT {n} + sleep(1)"), range(8)))
    assert answers == [f"{n}\n" for n in range(8)]
    assert time.monotonic() - started < 4


def test_a_long_url_is_no_trouble(http: httpx.Client) -> None:
    values = ",".join(str(n) for n in range(100_000))
    assert len(values) > 500_000
    connection = HTTPConnection(http.base_url.host, http.base_url.port)  # httpx refuses to send such
    with contextlib.closing(connection):
        login = f"user=bilten&password={quote(PASSWORD, safe='')}"
        path = f"/?{login}&max_query_size=2000000&query=SELECT+length([{values}])"
        connection.request("GET", path)
        assert connection.getresponse().read() == b"100000\n"


def test_a_session_remembers_settings_database_and_temporary_tables(http: httpx.Client) -> None:
    session = {"session_id": str(uuid.uuid4())}
    run(http, "SET max_block_size = 123", **session)
    run(http, "USE server_tests", **session)
    run(http, "CREATE TEMPORARY TABLE mine (a Int8)", **session)
    run(http, "INSERT INTO mine VALUES (1), (2)", **session)
    assert (
        run(http, "SELECT sum(a), getSetting('max_block_size'), currentDatabase() FROM mine", **session)
        == "3\t123\tserver_tests\n"
    )
    # What the URL sets holds for that query alone, and the session's own values come back.
    assert (
        run(
            http,
            "SELECT getSetting('max_block_size'), currentDatabase()",
            max_block_size="7",
            database="system",
            **session,
        )
        == "7\tsystem\n"
    )
    assert (
        run(http, "SELECT getSetting('max_block_size'), currentDatabase()", **session)
        == "123\tserver_tests\n"
    )
    assert code(http.post("/", content="SELECT * FROM mine")) == 60
    other = {"session_id": str(uuid.uuid4())}
    assert run(http, "SELECT currentDatabase()", **other) == "default\n"


def test_a_session_takes_one_request_at_a_time(http: httpx.Client) -> None:
    session = {"session_id": str(uuid.uuid4())}
    thread = threading.Thread(target=lambda: run(http, "SELECT sleep(2)", **session))
    thread.start()
    time.sleep(0.5)
    assert code(http.post("/", params=session, content="SELECT 1")) == 373
    thread.join()
    assert run(http, "SELECT 1", **session) == "1\n"


def test_a_session_that_must_exist_and_does_not_is_an_error(http: httpx.Client) -> None:
    parameters = {"session_id": str(uuid.uuid4()), "session_check": "1"}
    assert code(http.post("/", params=parameters, content="SELECT 1")) == 372


def test_a_query_can_be_killed_by_the_id_its_client_gave(http: httpx.Client) -> None:
    identity = f"victim-{uuid.uuid4()}"
    answers: list[httpx.Response] = []
    thread = threading.Thread(
        target=lambda: answers.append(
            http.post(
                "/", params={"query_id": identity}, content="SELECT count() FROM numbers(100000000000000)"
            )
        )
    )
    thread.start()
    wait_until(lambda: running(http, identity) == 1)
    run(http, f"KILL QUERY WHERE query_id = '{identity}' SYNC")
    thread.join(10)
    assert code(answers[0]) == 394
    assert running(http, identity) == 0


def test_a_query_with_a_comment_of_its_own_can_be_killed_and_has_its_id_alone(http: httpx.Client) -> None:
    identity, comment = f"victim-{uuid.uuid4()}", f"comment-{uuid.uuid4()}"
    parameters = {"query_id": identity, "log_comment": comment}
    sql = "SELECT count() FROM numbers(100000000000000)"
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(http.post, "/", params=parameters, content=sql)
        wait_until(lambda: running(http, comment) == 1)
        assert code(http.post("/", params={"query_id": identity}, content="SELECT 1")) == 216
        run(http, f"KILL QUERY WHERE query_id = '{identity}'")
        assert code(answer.result(10)) == 394
    assert run(http, "SELECT 1", query_id=identity) == "1\n"


def test_a_head_request_for_a_large_result_does_not_compute_it(http: httpx.Client) -> None:
    identity = f"head-{uuid.uuid4()}"
    query = "SELECT number FROM numbers(100000000000)"
    answer = http.head("/", params={"query": query, "query_id": identity})
    assert answer.status_code == 200
    wait_until(lambda: running(http, identity) == 0)


def test_a_query_whose_client_disappears_is_cancelled(http: httpx.Client) -> None:
    identity = f"left-{uuid.uuid4()}"
    with contextlib.suppress(httpx.ReadTimeout):
        http.post(
            "/",
            params={"query_id": identity},
            content="SELECT count() FROM numbers(100000000000000)",
            timeout=0.5,
        )
    wait_until(lambda: running(http, identity) == 0)


def test_a_stream_whose_client_disappears_is_cancelled(http: httpx.Client) -> None:
    identity = f"stream-{uuid.uuid4()}"
    for _ in range(5):
        with http.stream(
            "POST", "/", params={"query_id": identity}, content="SELECT number FROM numbers(100000000000)"
        ) as answer:
            next(answer.iter_raw())
    wait_until(lambda: running(http, identity) == 0)
    assert run(http, "SELECT 1") == "1\n"


def test_the_log_is_json_line_by_line_and_knows_no_traceback(
    http: httpx.Client, warehouse_settings: Settings
) -> None:
    code(http.post("/", content="SELECT * FROM no_such"))
    written = (warehouse_settings.home / "warehouse-server.log").read_text()
    events = [json.loads(line) for line in written.splitlines()]
    assert events[0]["event"] == "warehouse server ready"
    assert any(event["event"] == "query refused" and event["code"] == 60 for event in events)
    assert not any("exception" in event for event in events)


def test_external_tables_come_as_files_of_a_form(http: httpx.Client) -> None:
    answer = http.post(
        "/",
        params={
            "query": "SELECT sum(id), any(d) FROM ids",
            "ids_structure": "id Int64, d String",
            "ids_format": "CSV",
        },
        files={"ids": ("ids.csv", b"1,x\n2,x\n")},
    )
    assert answer.text == "3\tx\n"


def test_native_blocks_carry_zones_for_clients_that_ask(http: httpx.Client) -> None:
    sql = "SELECT toDateTime(0, 'Asia/Tokyo') AS t, 'x' AS s FORMAT Native"
    plain = http.post("/", content=sql).content
    assert plain.startswith(b"\x02\x01\x01t\x08DateTime\x00")
    informed = http.post("/", params={"client_protocol_version": "54405"}, content=sql).content
    assert informed.startswith(b"\x01\x00\x02\xff\xff\xff\xff\x00\x02\x01\x01t\x16DateTime('Asia/Tokyo')\x00")
    flagged = http.post("/", params={"client_protocol_version": "54460"}, content=sql).content
    assert flagged.startswith(
        b"\x01\x00\x02\xff\xff\xff\xff\x00\x02\x01\x01t\x16DateTime('Asia/Tokyo')\x00\x00"
    )
    shown = http.post(
        "/", params={"client_protocol_version": "54460"}, content="SHOW DATABASES FORMAT Native"
    ).content
    assert shown.startswith(b"\x01\x00\x02\xff\xff\xff\xff\x00\x01")


def test_the_zone_of_a_session_is_told(http: httpx.Client) -> None:
    answer = http.post("/", params={"session_timezone": "Asia/Tokyo"}, content="SELECT toDateTime(0)")
    assert answer.headers["X-ClickHouse-Timezone"] == "Asia/Tokyo"
    assert answer.text == "1970-01-01 09:00:00\n"


def test_a_query_too_big_for_the_memory_fails_alone(http: httpx.Client) -> None:
    answer = http.post(
        "/",
        content="SELECT length(groupArray(number)) FROM numbers(1000000000)",
    )
    assert code(answer) == 241
    assert run(http, "SELECT 1") == "1\n"
