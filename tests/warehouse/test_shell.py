from __future__ import annotations

import io
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bilten.settings import PROJECT_ROOT, Settings
from tests.settings import environment
from warehouse.client import Warehouse
from warehouse.server.statements import is_complete, split
from warehouse.shell import Shell


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("", []),
        (" ; -- nothing\n;", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT ';'; SELECT 2;\n", ["SELECT ';'", "SELECT 2"]),
        ("INSERT INTO t VALUES (1, ';'); SELECT 2", ["INSERT INTO t VALUES (1, ';')", "SELECT 2"]),
        (
            "TRUNCATE t; INSERT INTO t FORMAT CSV\n1;2\n'\n",
            ["TRUNCATE t", "INSERT INTO t FORMAT CSV\n1;2\n'"],
        ),
    ],
)
def test_a_script_is_split_at_its_semicolons(script: str, statements: list[str]) -> None:
    assert [one.decode() for one in split(script.encode())] == statements


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("SELECT 1", False),
        ("SELECT 1;", True),
        ("SELECT ';", False),
        ("SELECT 1; -- done", True),
        ("", False),
    ],
)
def test_a_statement_ends_with_its_semicolon(text: str, complete: bool) -> None:
    assert is_complete(text.encode()) is complete


@pytest.fixture
def screen(warehouse_settings: Settings) -> Iterator[tuple[Shell, io.StringIO]]:
    output = io.StringIO()
    with Warehouse(warehouse_settings, session_id=str(uuid.uuid4())) as client:
        yield Shell(client, Console(file=output, width=100)), output


def typed(shell: Shell, *lines: str) -> None:
    waiting = list(lines)

    def read(_prompt: str) -> str:
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    shell.interact(read)


@pytest.mark.warehouse
def test_a_dialogue_of_several_lines_keeps_its_session(screen: tuple[Shell, io.StringIO]) -> None:
    shell, output = screen
    typed(
        shell,
        "CREATE TEMPORARY TABLE mine (a Int8, b Nullable(String));",
        "INSERT INTO mine",
        "VALUES (1, NULL),",
        "(2, 'two');",
        "",
        "SELECT * FROM mine",
        "ORDER BY a;",
    )
    text = output.getvalue()
    assert "NULL" in text
    assert "two" in text
    assert "2 rows" in text


@pytest.mark.warehouse
def test_an_error_does_not_end_the_dialogue(screen: tuple[Shell, io.StringIO]) -> None:
    shell, output = screen
    typed(
        shell,
        "SELEC 1;",
        "SELECT 'still ' || 'here';",
        "\\d system",
        "\\h",
        "\\q",
        "SELECT 'never ' || 'run';",
    )
    text = output.getvalue()
    assert "SYNTAX_ERROR" in text
    assert "Expected one of" not in text
    assert "still here" in text
    assert "query_log" in text or "one" in text
    assert "leave" in text
    assert "never run" not in text


def bilten(settings: Settings, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bilten.cli", *arguments],
        cwd=settings.home,
        env={**environment(settings), "PYTHONPATH": str(PROJECT_ROOT), "HOME": str(settings.home)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.warehouse
def test_the_command_writes_what_pipes_can_read(warehouse_settings: Settings, tmp_path: Path) -> None:
    plain = bilten(warehouse_settings, "sql", "SELECT number, 'x' FROM numbers(2)")
    assert (plain.returncode, plain.stdout) == (0, "0\tx\n1\tx\n"), plain.stderr
    rows = bilten(warehouse_settings, "sql", "SELECT 1 AS a, NULL AS b", "--json").stdout
    assert json.loads(rows) == {"a": 1, "b": None}
    assert bilten(warehouse_settings, "sql", "SELECT 1 AS a", "--format", "CSVWithNames").stdout == '"a"\n1\n'
    script = "USE system; SELECT currentDatabase();\nSELECT 1 FORMAT JSONCompactEachRow;"
    assert bilten(warehouse_settings, "sql", stdin=script).stdout == "system\n[1]\n"


@pytest.mark.warehouse
def test_the_command_explains_its_failure(warehouse_settings: Settings) -> None:
    failed = bilten(warehouse_settings, "sql", "SELECT * FROM no_such_table")
    assert failed.returncode == 1
    assert "no_such_table" in failed.stderr
    assert "Traceback" not in failed.stderr
