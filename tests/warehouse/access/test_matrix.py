"""Role × (table, column) × way in: what a role is not cleared for comes out nowhere."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bilten.contracts import Contract
from tests.warehouse.access.conftest import BUILD, MINE, OTHERS, PASSWORD, SECRET, SOURCES, Access
from warehouse.access.policy import is_hidden
from warehouse.access.roles import BY_NAME, LEVELS, ROLES
from warehouse.readers import all_builds_table, clone_name

pytestmark = pytest.mark.warehouse

TRUTH = "concat('was', 'True')"
"""What a condition on a value says if it holds; it stands so in no statement, which errors repeat."""

SAID = "wasTrue"

WAYS = {
    "direct": "SELECT {column} FROM {place}",
    "star": "SELECT * FROM {place}",
    "count of it": "SELECT count() FROM {place} WHERE toString({column}) LIKE 'Zy%' HAVING "
    "throwIf(count() > 0, {truth})",
    "view": "CREATE VIEW default.mine_{token} AS SELECT {column} FROM {place}",
    "definer view": "CREATE VIEW default.mine_{token} DEFINER = default SQL SECURITY DEFINER AS "
    "SELECT * FROM {place}",
    "materialized view": "CREATE MATERIALIZED VIEW default.mine_{token} ENGINE = Memory POPULATE AS "
    "SELECT * FROM {place}",
    "parametrized view": "SELECT * FROM view(SELECT {column} FROM {place})",
    "join": "SELECT b.{column} FROM (SELECT 1 AS one) AS a CROSS JOIN {place} AS b",
    "subquery": "SELECT (SELECT any(toString({column})) FROM {place})",
    "in": "SELECT {truth} WHERE 1 IN (SELECT toString({column}) LIKE 'Zy%' FROM {place})",
    "with": "WITH found AS (SELECT toString({column}) AS c FROM {place}) SELECT c FROM found",
    "union": "SELECT '' UNION ALL SELECT toString({column}) FROM {place}",
    "function": "SELECT reverse(reverse(toString({column}))) FROM {place}",
    "aggregate": "SELECT groupArray(toString({column})), max(toString({column})) FROM {place}",
    "window": "SELECT any(toString({column})) OVER () FROM {place}",
    "columns matcher": "SELECT COLUMNS('{bare}') FROM {place}",
    "lambda": "SELECT arrayMap(x -> x, groupArray(toString({column}))) FROM {place}",
    "order": "SELECT 1 FROM {place} ORDER BY throwIf(toString({column}) LIKE 'Zy%', {truth})",
    "prewhere": "SELECT 1 FROM {place} PREWHERE throwIf(toString({column}) LIKE 'Zy%', {truth}) = 0",
    "error text": "SELECT toInt32(toString({column})) FROM {place}",
    "error text of an enum": "SELECT CAST(toString({column}), 'Enum8(\\'a\\' = 1)') FROM {place}",
    "merge": "SELECT toString({column}) FROM merge('{database}', '{table}')",
    "remote": "SELECT toString({column}) FROM remote('127.0.0.1', {place})",
    "loop": "SELECT toString({column}) FROM loop({place}) LIMIT 1",
    "index": "SELECT * FROM mergeTreeIndex('{database}', '{table}', with_marks = true)",
    "explain": "EXPLAIN actions = 1, indexes = 1 SELECT toString({column}) FROM {place} WHERE {column} != ''",
    "explain pipeline": "EXPLAIN PIPELINE SELECT toString({column}) FROM {place}",
    "explain estimate": "EXPLAIN ESTIMATE SELECT * FROM {place}",
    "describe": "DESCRIBE (SELECT toString({column}) FROM {place})",
    "describe table": "DESCRIBE TABLE {place}",
    "show create": "SHOW CREATE TABLE {place}",
    "system": "SELECT * FROM system.columns WHERE database = '{database}' AND table = '{table}'",
    "insert select": "INSERT INTO FUNCTION null('c String') SELECT throwIf(toString({column}) LIKE "
    "'Zy%', {truth}) FROM {place}",
    "insert select into landing": "INSERT INTO landing.users__users (value) SELECT toString({column}) FROM "
    "{place}",
    "temporary table": "CREATE TEMPORARY TABLE mine_{token} AS SELECT toString({column}) AS c FROM {place}",
    "table": "CREATE TABLE default.mine_{token} ENGINE = MergeTree ORDER BY () AS SELECT * FROM {place}",
    "clone": "CREATE TABLE default.mine_{token} CLONE AS {place}",
    "alter": "ALTER TABLE {place} MODIFY COMMENT 'mine'",
    "set role": "SET ROLE platform",
    "set default role": "SET DEFAULT ROLE ALL TO default",
    "execute as": "EXECUTE AS bilten SELECT * FROM {place}",
    "several": "SET ROLE ALL; SELECT * FROM {place}",
    "several, hidden by a comment": "SELECT 1 -- ; \n; SET ROLE ALL",
    "comment": "/* SELECT 1 */ SELECT /**/ {column} /* -- */ FROM /* x */ {place} -- ;",
    "comment in set role": "SET/**/ROLE/* x */platform",
    "nested comment": "/* /* */ SET ROLE platform -- */",
    "odd comment": "#! SELECT 1\nSET ROLE ALL",
    "quoted": 'SELECT "{bare}" FROM {place}',
    "settings": "SELECT {column} FROM {place} SETTINGS {setting} = 'bilten:', readonly = 0, "
    "profile = 'default'",
    "backup": "BACKUP TABLE {place} TO Memory('mine')",
    "rename": "RENAME TABLE {place} TO default.mine_{token}",
    "row policy": "ALTER TABLE {place} MODIFY SQL SECURITY DEFINER",
    "grant": "GRANT ALL ON *.* TO default",
}


def places(access: Access, role: str) -> Iterator[tuple[str, str, str]]:
    """Where values stand that the role is not cleared for, as database, table and column."""
    for contract in access.contracts.values():
        for column in contract.columns:
            if column.classification not in {"personal", "sensitive"}:
                continue
            for database, table in homes(contract):
                if not may_see(access, role, contract, database, column.name):
                    yield database, table, column.name


def homes(contract: Contract) -> tuple[tuple[str, str], ...]:
    own = tuple((level, contract.name) for level in LEVELS)
    if contract.kind == "source":
        return (("ods", contract.name), ("ods", f"{contract.name}__state"), *own)
    everywhere = all_builds_table(contract).partition(".")[2]
    return (
        ("marts", contract.name),
        ("builds", clone_name(contract.name, BUILD)),
        ("builds", everywhere),
        ("own", contract.name),
        *own,
    )


def may_see(access: Access, role: str, contract: Contract, database: str, column: str) -> bool:
    """Whether values of a column may reach a role: the contract names it and its level shows them."""
    if role in {"dbt", "loader"}:
        return database == "ods"
    if role not in contract.roles:
        return False
    hidden = is_hidden(contract.by_name[column], BY_NAME[role].level)
    return not hidden and (database in (*LEVELS, "marts", "builds"))


def tables(access: Access, role: str) -> list[tuple[str, str, list[str]]]:
    """The tables with the columns that are closed; the way in doesn't depend on which of them."""
    found: dict[tuple[str, str], list[str]] = {}
    for database, table, column in places(access, role):
        found.setdefault((database, table), []).append(column)
    return [(database, table, columns) for (database, table), columns in found.items()]


@pytest.mark.parametrize("role", [role.name for role in ROLES])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_to_what_a_role_may_not_see(access: Access, role: str, way: str) -> None:
    leaks = []
    for database, table, hidden in tables(access, role):
        column = hidden[0]
        token = uuid.uuid4().hex
        sql = WAYS[way].format(
            column=f"`{column}`",
            bare=column,
            place=f"{database}.`{table}`",
            database=database,
            table=table,
            token=token,
            truth=TRUTH,
            setting="promql_database",
        )
        answer = access.post(role, sql)
        found = answer.text.replace(sql, "")
        if SAID in found or any(f"{SECRET}-{one}" in found for one in hidden):
            leaks.append((sql, answer.text[:300]))
    assert leaks == []


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_every_single_column_is_closed(access: Access, role: str) -> None:
    for database, table, column in places(access, role):
        answer = access.post(role, f"SELECT toString(`{column}`) FROM {database}.`{table}`")
        assert SECRET not in answer.text
        if answer.status_code == 200:
            assert database in (*LEVELS, "own"), (database, table, column)
            continue
        assert answer.headers["X-ClickHouse-Exception-Code"] in {"497", "60", "47"}, answer.text
        if answer.headers["X-ClickHouse-Exception-Code"] == "497":
            assert f"{role}: Not enough privileges" in answer.text
            assert "SELECT" in answer.text


READERS = ("analyst", "marketing", "organizer", "engineer", "support")


@pytest.mark.parametrize("role", READERS)
def test_a_session_keeps_its_role(access: Access, role: str) -> None:
    session = {"session_id": uuid.uuid4().hex}
    access.run(role, "SET max_block_size = 100", **session)
    for sql in ("SET ROLE platform", "SET ROLE DEFAULT", "SET ROLE ALL", "SET ROLE ALL EXCEPT analyst"):
        refused = access.post(role, sql, **session)
        assert refused.headers["X-ClickHouse-Exception-Code"] == "497", refused.text
        assert access.run(role, "SELECT currentRoles()", **session) == f"['{role}']\n"
    assert access.run(role, "SELECT getSetting('max_block_size')", **session) == "100\n"
    assert SECRET not in access.post(role, "SELECT * FROM ods.users__users", **session).text
    # Another user's session of the same name is another session.
    other = "auditor"
    assert access.run(other, "SELECT currentRoles(), getSetting('max_block_size') = 100", **session) == (
        f"['{other}']\t0\n"
    )


@pytest.mark.parametrize("role", READERS)
def test_a_request_names_only_roles_that_its_user_has(access: Access, role: str) -> None:
    assert access.run(role, "SELECT currentRoles()", role=role) == f"['{role}']\n"
    for wanted in ("platform", "auditor", "external_data", "x`, `platform"):
        refused = access.post(role, "SELECT 1", role=wanted)
        assert refused.headers["X-ClickHouse-Exception-Code"] == "512", refused.text


@pytest.mark.parametrize("role", READERS)
def test_parameters_are_values_and_names_never_rights(access: Access, role: str) -> None:
    for sql in (
        "SELECT {c:Identifier} FROM {t:Identifier}",
        "SELECT toString({c:Identifier}) FROM ods.{u:Identifier}",
        "SELECT {x:String}",
    ):
        answer = access.post(
            role,
            sql,
            param_c="email",
            param_t="ods.users__users",
            param_u="users__users",
            param_x="'; SET ROLE platform; SELECT * FROM ods.users__users; --",
        )
        assert SECRET not in answer.text


@pytest.mark.parametrize("role", READERS)
def test_what_comes_with_a_request_runs_as_nobody(access: Access, role: str) -> None:
    headers = {"X-ClickHouse-User": role, "X-ClickHouse-Key": PASSWORD}

    def bring(structure: str, form: str = "TSV", data: bytes = b"1\n", query: str = "SELECT * FROM x") -> str:
        return access.client.post(
            "/",
            params={"query": query, "x_structure": structure, "x_format": form},
            files={"x": ("x", data)},
            headers=headers,
        ).text

    assert bring("a Int8") == "1\n"
    for structure in (
        "a Int8, b String DEFAULT (SELECT any(email) FROM ods.users__users)",
        "a Int8, b String DEFAULT toString((SELECT groupArray(email) FROM ods.users__users))",
        "a Int8, b String ALIAS (SELECT any(email) FROM ods.users__users)",
        "a Int8) ENGINE = Memory; SET ROLE platform; SELECT (1",
        "a Int8) AS SELECT email FROM ods.users__users --",
        "a Int8) ENGINE = Merge('ods', '^users__users$') --",
        "email String) ENGINE = File(TSV, 'x') --",
    ):
        assert SECRET not in bring(structure)
        assert SECRET not in bring(structure, query="SELECT b FROM x")
    assert "UNKNOWN_FORMAT" in bring("a Int8", form="TSV; SET ROLE platform")
    assert SECRET not in bring("email String", query="SELECT * FROM x JOIN ods.users__users USING (email)")
    assert "UNKNOWN_FORMAT" in access.post(role, "SELECT 1", default_format="JSON; SET ROLE platform").text


CLOSED = (
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM file('secret', 'LineAsString', 'a String')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/k', 'CSV', 'a String')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a String')",
    "SELECT * FROM sqlite('/x', 't')",
    "SELECT * FROM executable('x', TSV, 'a String')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM remoteSecure('127.0.0.1', system.one)",
    "SELECT * FROM icebergLocal('/x')",
    "SELECT * FROM deltaLake('http://127.0.0.1:1/')",
    "SELECT * FROM hdfs('hdfs://127.0.0.1:1/', 'CSV', 'a String')",
    "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')",
    "SELECT * FROM azureBlobStorage('x', 'y', 'z', 'CSV', 'a String')",
    "SELECT * FROM python(open)",
    "SELECT * FROM Python(__builtins__)",
    "INSERT INTO FUNCTION file('x.csv', 'CSV', 'a Int8') SELECT 1",
    "INSERT INTO FUNCTION url('http://127.0.0.1:1/', 'CSV', 'a Int8') SELECT 1",
    "SELECT 1 INTO OUTFILE 'x'",
    "SELECT 1 INTO/**/OUTFILE 'x'",
    "SELECT 1 INTO -- x\n OUTFILE 'x' TRUNCATE",
    "INSERT INTO landing.users__users FROM INFILE '/etc/passwd' FORMAT LineAsString",
    "CREATE FUNCTION mine AS (x) -> x",
    "CREATE NAMED COLLECTION mine AS a = 1",
    "CREATE DICTIONARY default.d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '/etc/passwd' format 'TSV')) "
    "LAYOUT(FLAT()) LIFETIME(0)",
    "CREATE TABLE default.f (a String) ENGINE = File(TSV, '/etc/passwd')",
    "CREATE TABLE default.f (a String) ENGINE = URL('http://127.0.0.1:1/', TSV)",
    "CREATE USER x",
    "CREATE ROLE x",
    "SYSTEM FLUSH LOGS",
    "SYSTEM STOP MERGES ods.users__users__state",
    "SYSTEM RELOAD USERS",
    "DROP DATABASE ods",
    "TRUNCATE TABLE ods.users__users__state",
    "ATTACH TABLE default.x FROM '/etc' (a String) ENGINE = File(TSV)",
    "SELECT addressToSymbol(1)",
    "SELECT catboostEvaluate('/x', 1)",
)


@pytest.mark.parametrize("role", [role.name for role in ROLES])
@pytest.mark.parametrize("sql", CLOSED)
def test_the_machine_and_other_servers_are_closed(access: Access, role: str, sql: str) -> None:
    answer = access.post(role, sql)
    assert answer.status_code >= 400, answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("role", [role.name for role in ROLES if not role.sees_queries])
def test_nobody_sees_what_others_run(access: Access, role: str) -> None:
    told = f"told-{uuid.uuid4().hex}"
    access.run("bilten", f"SELECT '{told}'", password=access.platform_password)
    access.run("bilten", "SYSTEM FLUSH LOGS", password=access.platform_password)
    for table in ("query_log", "processes", "errors", "query_cache", "user_processes", "settings_changes"):
        assert told not in access.post(role, f"SELECT * FROM system.{table} WHERE 1").text.replace(role, "")
    assert access.run(role, "SELECT count() FROM system.query_log") == "0\n"
    knowing = access.run("engineer", f"SELECT count() > 0 FROM system.query_log WHERE query LIKE '%{told}%'")
    assert knowing == "1\n"


def test_one_kills_ones_own_queries_only(access: Access) -> None:
    with ThreadPoolExecutor(1) as pool:
        victim = pool.submit(access.post, "auditor", "SELECT sum(sleepEachRow(0.1)) FROM numbers(20)")
        time.sleep(0.7)
        seen = "SELECT count() FROM system.processes WHERE query LIKE '%EachRow(0.1)%'"
        assert access.run("engineer", seen) == "2\n"
        assert access.run("analyst", "KILL QUERY WHERE 1 SYNC").count("auditor") == 0
        assert "sleepEachRow(0.1)" not in access.run("analyst", "SELECT query FROM system.processes")
        assert victim.result().status_code == 200


def test_an_organizer_sees_its_own_rows(access: Access) -> None:
    for mart in access.contracts.marts():
        if "organizer" not in mart.roles:
            continue
        assert access.run("organizer", f"SELECT DISTINCT organizer_id FROM own.`{mart.name}`") == f"{MINE}\n"
        assert access.run("organizer", f"SELECT count() FROM own.`{mart.name}`") == "1\n"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT throwIf(organizer_id = '{others}', 'leak') FROM own.orders",
        "SELECT count() FROM own.orders WHERE throwIf(organizer_id = '{others}', 'leak') = 0",
        "SELECT count() FROM own.orders PREWHERE throwIf(organizer_id = '{others}', 'leak') = 0",
        "SELECT count() FROM own.orders WHERE toUInt8(order_number) = 1 AND organizer_id = '{others}'",
        "SELECT * FROM own.orders WHERE organizer_id = '{others}'",
        "SELECT * FROM own.orders SETTINGS promql_database = 'x:{others}'",
        "SELECT * FROM (SELECT * FROM own.orders SETTINGS promql_database = 'x:{others}')",
        "SELECT groupArray(organizer_id) FROM own.orders SETTINGS extremes = 1",
        "SELECT a.organizer_id FROM own.orders AS a FULL JOIN own.orders AS b USING (order_id)",
        "SELECT * FROM own.orders LIMIT 10 OFFSET 1",
    ],
)
def test_no_organizer_sees_anothers_rows(access: Access, sql: str) -> None:
    text = sql.format(others=OTHERS)
    answer = access.post("organizer", text).text.replace(text, "")
    assert str(OTHERS) not in answer
    assert "leak" not in answer
    for change in (f"SET promql_database = 'x:{OTHERS}'", "SET promql_database = DEFAULT"):
        session = {"session_id": uuid.uuid4().hex}
        refused = access.post("organizer", change, **session)
        assert refused.headers["X-ClickHouse-Exception-Code"] == "452", refused.text
    refused = access.post("organizer", "SELECT 1", promql_database=f"x:{OTHERS}")
    assert refused.headers["X-ClickHouse-Exception-Code"] == "452", refused.text


def test_the_sources_are_what_they_should_be(access: Access) -> None:
    """Else the matrix would look for what isn't there."""
    password = access.settings.warehouse_password.get_secret_value()
    for name in SOURCES:
        assert access.run("bilten", f"SELECT count() FROM ods.`{name}`", password=password) == "1\n"
    assert SECRET in access.run("bilten", "SELECT * FROM ods.users__users", password=password)
    assert SECRET in access.run("auditor", "SELECT * FROM sensitive.authentication__credentials")
    assert SECRET in access.run("support", "SELECT * FROM personal.users__users")
