"""The JDBC driver with its defaults (its own compression among them), as Metabase and DBeaver use it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bilten.settings import Settings
from warehouse.client import Warehouse

pytestmark = pytest.mark.warehouse

JARS = (
    "com.clickhouse:clickhouse-jdbc:0.9.4:jar:all",
    "org.slf4j:slf4j-api:2.0.16",
    "org.slf4j:slf4j-nop:2.0.16",
)
JAVA = """
import java.sql.*;
import java.util.Properties;

public class Probe {
    public static void main(String[] given) throws Exception {
        Class.forName("com.clickhouse.jdbc.Driver");
        Properties login = new Properties();
        login.put("user", given[1]);
        login.put("password", given[2]);
        String url = "jdbc:clickhouse:" + given[0] + "/" + given[3];
        try (Connection connection = DriverManager.getConnection(url, login)) {
            DatabaseMetaData facts = connection.getMetaData();
            int schemas = 0, columns = 0, types = 0;
            try (ResultSet rows = facts.getSchemas()) { while (rows.next()) schemas++; }
            try (ResultSet rows = facts.getTypeInfo()) { while (rows.next()) types++; }
            String kind = "";
            try (ResultSet rows = facts.getTables(null, given[3], "%", new String[] {"TABLE"})) {
                while (rows.next())
                    kind += rows.getString("TABLE_NAME") + ":" + rows.getString("TABLE_TYPE") + ";";
            }
            try (ResultSet rows = facts.getColumns(null, given[3], "t", "%")) {
                while (rows.next()) columns++;
            }
            facts.getPrimaryKeys(null, given[3], "t").close();
            facts.getCatalogs().close();
            facts.getTableTypes().close();
            facts.getIndexInfo(null, given[3], "t", false, true).close();
            facts.getImportedKeys(null, given[3], "t").close();
            facts.getFunctions(null, null, "%").close();
            String product = facts.getDatabaseProductName();
            String sql = "INSERT INTO t (n, s, at) VALUES (?, ?, ?)";
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                for (int n = 0; n < 3; n++) {
                    insert.setLong(1, 8000 + n);
                    insert.setString(2, "it's é");
                    insert.setTimestamp(3, new Timestamp(0));
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            long total = 0;
            sql = "SELECT n, s, at FROM t WHERE s = ?";
            try (PreparedStatement query = connection.prepareStatement(sql)) {
                query.setString(1, "it's é");
                try (ResultSet rows = query.executeQuery()) { while (rows.next()) total += rows.getLong(1); }
            }
            int read = 0;
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT number FROM numbers(300000)")) {
                while (rows.next()) read++;
            }
            int code = 0;
            try (Statement statement = connection.createStatement()) {
                statement.executeQuery("SELECT * FROM missing");
            } catch (SQLException error) { code = error.getMessage().contains("UNKNOWN_TABLE") ? 60 : -1; }
            System.out.println(String.join("|", product, "" + (schemas > 3), "" + (types > 10), kind,
                "" + columns, "" + total, "" + read, "" + code));
        }
    }
}
"""


@pytest.fixture
def database(warehouse: Warehouse) -> Iterator[str]:
    warehouse.command("CREATE DATABASE jdbc")
    warehouse.command(
        "CREATE TABLE jdbc.t (n Int64, s String, at DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY n"
    )
    yield "jdbc"
    warehouse.command("DROP DATABASE jdbc")


def test_metadata_batches_and_results(warehouse_settings: Settings, database: str, tmp_path: Path) -> None:
    for program in ("java", "javac", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on this machine")
    for jar in JARS:
        fetched = subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={jar}", f"-DoutputDirectory={tmp_path}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if fetched.returncode != 0:
            pytest.skip(f"the driver cannot be fetched: {fetched.stdout[-200:]}")
    (tmp_path / "Probe.java").write_text(JAVA)
    address = f"http://{warehouse_settings.host}:{warehouse_settings.warehouse_port}"
    login = (warehouse_settings.warehouse_user, warehouse_settings.warehouse_password.get_secret_value())
    finished = subprocess.run(
        ["java", "-cp", f"{tmp_path}/*", "Probe.java", address, *login, database],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == "ClickHouse|true|true|t:TABLE;|3|24003|300000|60"
