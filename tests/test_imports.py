"""The house has floors: imports point down, and each library has one owner."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "bilten",
    "warehouse",
    "operational",
    "ingestion",
    "archives",
    "quality",
    "lineage",
    "orchestration",
    "stack",
)
EVERYTHING = frozenset((*PACKAGES, "bilten.cli"))
MAY_IMPORT: dict[str, frozenset[str]] = {
    "bilten": frozenset(),
    "warehouse": frozenset({"bilten"}),
    "operational": frozenset({"bilten"}),
    "ingestion": frozenset({"bilten", "warehouse"}),
    "archives": frozenset({"bilten", "warehouse"}),
    "quality": frozenset({"bilten", "warehouse"}),
    "lineage": frozenset({"bilten", "warehouse"}),
    "orchestration": EVERYTHING - {"stack", "bilten.cli"},
    "stack": EVERYTHING - {"bilten.cli"},
    "bilten.cli": EVERYTHING,
}
OWNERS: dict[str, frozenset[str]] = {
    "chdb": frozenset({"warehouse"}),
    "clickhouse_connect": frozenset({"warehouse"}),
    "sqlalchemy": frozenset({"operational", "quality"}),
    "alembic": frozenset({"operational"}),
    "kafka": frozenset({"ingestion"}),
    "psycopg": frozenset({"operational", "ingestion"}),
    "pymysql": frozenset({"ingestion"}),
    "cassandra": frozenset({"ingestion"}),
    "pyiceberg": frozenset({"archives"}),
    "duckdb": frozenset({"archives"}),
    "great_expectations": frozenset({"quality"}),
    "openlineage": frozenset({"lineage"}),
    "sqlglot": frozenset({"lineage"}),
    "dagster": frozenset({"orchestration"}),
    "dagster_dbt": frozenset({"orchestration"}),
    "supervisor": frozenset({"stack"}),
    "typer": frozenset({"bilten.cli"}),
    "pydantic_settings": frozenset({"bilten"}),
}


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            yield ("bilten.cli" if parts[:2] == ("bilten", "cli") else package), path


def imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield node.lineno, node.module


def floor(module: str) -> str | None:
    top = module.split(".", maxsplit=1)[0]
    if module == "bilten.cli" or module.startswith("bilten.cli."):
        return "bilten.cli"
    return top if top in PACKAGES else None


@pytest.mark.parametrize("package", [*PACKAGES, "bilten.cli"])
def test_a_package_imports_only_what_the_table_allows(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for owner, path in modules()
        if owner == package
        for line, name in imported(path)
        if (target := floor(name)) not in (None, package) and target not in MAY_IMPORT[package]
    ]
    assert wrong == []


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_has_one_home(library: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for owner, path in modules()
        if owner not in OWNERS[library]
        for line, name in imported(path)
        if name.split(".")[0] == library
    ]
    assert wrong == []
