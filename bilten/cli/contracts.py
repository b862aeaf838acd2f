"""``bilten contracts``: look at contracts, judge them, compare versions, and write what follows from them."""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from bilten.contracts import Contract, Contracts, load_contracts
from bilten.contracts.differences import compare
from bilten.contracts.documentation import PAGES_FOLDER, contract_pages
from bilten.contracts.linting import Finding, lint
from bilten.contracts.reading import CONTRACTS_FOLDER
from bilten.errors import ContractError
from bilten.settings import PROJECT_ROOT, find_contracts
from ingestion.sources.definition import name_of, other_source
from ingestion.sources.dialects import open_source
from ingestion.sources.inference import as_text, write_drafts
from ingestion.sources.onboarding import make_plan
from warehouse.compile import compile_dataset
from warehouse.compile.staging import STAGING_FOLDER, staging_files
from warehouse.mart_models import GENERATED as MARTS_PAGE
from warehouse.mart_models import GENERATED_LIVE as LIVE_PAGE
from warehouse.mart_models import marts_page

app = typer.Typer(name="contracts", help="What is promised of every dataset.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="A dataset, such as tickets__orders.")]

_INCOMPATIBLE = 2


@app.command("list")
def list_contracts(as_json: Json = False) -> None:
    """Every dataset: kind, owner, version, columns, rules."""
    contracts = load_contracts()
    rows = [
        {
            "name": contract.name,
            "kind": contract.kind,
            "domain": contract.domain,
            "owner": contract.owner,
            "version": contract.version,
            "columns": len(contract.columns),
            "rules": len(contract.rules),
            "personal": any(column.is_personal for column in contract.columns),
        }
        for contract in contracts.values()
    ]
    _print(rows, as_json, title="Contracts")


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """One dataset: its columns and what is promised of them."""
    contract = load_contracts()[name]
    rows = [
        {
            "column": column.name,
            "type": column.source_type,
            "kept as": column.mapping.warehouse if contract.kind == "source" else column.source_type,
            "required": "key" if column.key_position else "yes" if column.required else "",
            "classification": column.classification,
            "description": column.description,
        }
        for column in contract.columns
    ]
    if as_json:
        typer.echo(json.dumps(asdict(contract), default=str, indent=2))
        return
    _print(rows, False, title=f"{contract.name} {contract.version}: {contract.description}")


@app.command("lint")
def lint_contracts(as_json: Json = False) -> None:
    """What is wrong with the contracts; status 1 if anything is an error."""
    findings = lint(load_contracts())
    _print([asdict(finding) for finding in findings], as_json, title="Findings")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)
    if not findings and not as_json:
        Console().print("Nothing is wrong.")


@app.command()
def infer(
    url: Annotated[str, typer.Argument(help="postgresql:// or mariadb://user:password@host:port/database")],
    name: Annotated[str, typer.Option(help="Name of the source; after its database by default.")] = "",
    tables: Annotated[str, typer.Option(help="Schemas, or tables as schema.table, with commas.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Write those that are missing, print none.")] = False,
) -> None:
    """Draft contracts from a live database: types, keys, what is probably personal, ways to the person."""
    source = other_source(name or name_of(url), url)
    chosen = [each.strip() for each in tables.split(",") if each.strip()]
    with open_source(source) as connection:
        plan = make_plan(source, connection, Contracts(), chosen, is_captured=True)
    console = Console(stderr=True, highlight=False)
    for each in plan.obstacles:
        console.print(f"{each.place} ({each.weight}): {each.what}. {each.remedy}", markup=False)
    if write:
        for path in write_drafts(find_contracts(), plan.drafts).values():
            console.print(f"{path} written.", markup=False)
    else:
        typer.echo("---\n".join(as_text(document) for document in plan.drafts.values()), nl=False)


@app.command("compile")
def compile_contracts(
    name: Annotated[
        str | None, typer.Argument(help="Print the warehouse's statements for this dataset instead.")
    ] = None,
) -> None:
    """Write everything that follows from the contracts: dbt's sources, staging and marts, and the pages."""
    contracts = load_contracts()
    if name is not None:
        _print_statements(contracts[name])
        return
    errors = [finding for finding in lint(contracts) if finding.level == "error"]
    if errors:
        raise _refused(errors)
    written = _write_folder(STAGING_FOLDER, staging_files(contracts.sources()))
    written += _write_file(PurePosixPath(MARTS_PAGE), marts_page(contracts.marts()))
    written += _write_file(PurePosixPath(LIVE_PAGE), marts_page(contracts.live()))
    written += _write_folder(PAGES_FOLDER, contract_pages(contracts))
    Console().print(f"{len(contracts)} contracts; {written} files changed.", highlight=False)


@app.command()
def docs() -> None:
    """Write the reference pages of the contracts."""
    contracts = load_contracts()
    written = _write_folder(PAGES_FOLDER, contract_pages(contracts))
    Console().print(f"{len(contracts)} pages below {PAGES_FOLDER}; {written} changed.", highlight=False)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="A folder of contracts, or a git reference.")] = "HEAD",
    after: Annotated[
        str | None, typer.Argument(help="The same; the contracts as they are by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What changed between two versions; status 2 if anything is incompatible."""
    with _version(before) as old, _version(after) as new:
        found = compare(old, new)
    _print([asdict(difference) for difference in found], as_json, title="Differences")
    if any(difference.effect == "incompatible" for difference in found):
        raise typer.Exit(_INCOMPATIBLE)
    if not found and not as_json:
        Console().print("Nothing changed.")


@contextmanager
def _version(place: str | None) -> Iterator[Contracts]:
    """Contracts of a folder, of a git reference, or of the project as it is."""
    if place is None:
        yield load_contracts()
    elif Path(place).is_dir():
        yield load_contracts(Path(place))
    else:
        with tempfile.TemporaryDirectory() as folder:
            _extract(place, Path(folder))
            yield load_contracts(Path(folder) / CONTRACTS_FOLDER.name)


def _extract(reference: str, folder: Path) -> None:
    answer = subprocess.run(
        ["git", "archive", "--format=tar", reference, CONTRACTS_FOLDER.name],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=False,
    )
    if answer.returncode != 0:
        raise ContractError(
            f"{reference} is neither a folder nor a version that git knows.",
            why=answer.stderr.decode(errors="replace").strip(),
            remedy="Name a folder, a branch, a tag or a commit.",
        )
    with tarfile.open(fileobj=BytesIO(answer.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _refused(errors: list[Finding]) -> ContractError:
    first = errors[0]
    return ContractError(
        f"{first.dataset}: {first.place} {first.message} ({len(errors)} errors in all)."
        if len(errors) > 1
        else f"{first.dataset}: {first.place} {first.message}."
    )


def _print_statements(contract: Contract) -> None:
    console = Console()
    for statement in compile_dataset(contract):
        console.print(Syntax(f"{statement.sql};\n", "sql", word_wrap=True, background_color="default"))


def _write_folder(folder: PurePosixPath, files: Mapping[PurePosixPath, str]) -> int:
    """Write a folder's files and delete the others in it; files that are current are not touched."""
    written = 0
    root = PROJECT_ROOT / folder
    if root.is_dir():
        for path in root.iterdir():
            if path.is_file() and folder / path.name not in files:
                path.unlink()
                written += 1
    return written + sum(_write_file(path, text) for path, text in files.items())


def _write_file(path: PurePosixPath, text: str) -> int:
    target = PROJECT_ROOT / path
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return 1


def _print(rows: list[dict[str, Any]], as_json: bool, *, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        return
    table = Table(title=title, title_justify="left", highlight=False)
    for name in rows[0]:
        table.add_column(name)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()), style=_style(row))
    Console().print(table)


def _style(row: Mapping[str, Any]) -> str | None:
    if row.get("level") == "error" or row.get("effect") == "incompatible":
        return "red"
    return None
