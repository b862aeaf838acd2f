"""Reference pages of contracts: one for each dataset, and a list of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import PurePosixPath

from bilten.contracts.model import Column, Contract, Contracts, Rule
from bilten.contracts.unchanged import unchanged_columns

PAGES_FOLDER = PurePosixPath("docs/reference/contracts")
"""Where the pages are kept, from the project's root; nothing else is kept there."""

_NOTE = "<!-- Generated from contracts by `make generate`; change the contract, not this page. -->"


def contract_pages(contracts: Contracts) -> Mapping[PurePosixPath, str]:
    """Every page.

    Args:
        contracts: all contracts.

    Returns:
        Markdown by path from the project's root; the same for the same contracts.
    """
    pages = {PAGES_FOLDER / "README.md": _index(contracts)}
    for contract in contracts.values():
        pages[PAGES_FOLDER / f"{contract.name}.md"] = contract_page(contract, contracts)
    return pages


def contract_page(contract: Contract, contracts: Contracts) -> str:
    """The page of one dataset.

    Args:
        contract: its contract.
        contracts: all contracts, for links to the datasets it references.
    """
    parts = [
        _NOTE,
        f"# {contract.name}",
        contract.description,
        _facts(contract),
        _section("How to use it", contract.usage),
        _section("What it cannot tell", contract.limitations),
        _section("Columns", _columns(contract, contracts)),
        _section("Rules", _rules(contract)),
        _section("The way to a person", _subjects(contract)),
        _section("Not captured", ", ".join(f"`{name}`" for name in contract.excluded_columns)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _index(contracts: Contracts) -> str:
    parts = [
        _NOTE,
        "# Contracts",
        f"{len(contracts.sources())} operational tables, {len(contracts.marts())} marts, "
        f"{len(contracts.live())} live.",
    ]
    titles = {"mart": "Marts", "live": "Live marts", "source": "Tables"}
    ordered = sorted(
        contracts.values(), key=lambda contract: (list(titles).index(contract.kind), contract.domain)
    )
    for (kind, domain), members in groupby(ordered, key=lambda contract: (contract.kind, contract.domain)):
        rows = [
            (f"[{contract.name}]({contract.name}.md)", contract.grain, contract.owner, contract.version)
            for contract in members
        ]
        parts.append(f"## {titles[kind]}: {domain}")
        parts.append(_table(("dataset", "grain", "owner", "version"), rows))
    return "\n\n".join(parts) + "\n"


def _facts(contract: Contract) -> str:
    facts = [
        ("Grain", contract.grain),
        ("Owner", f"{contract.owner} ({contract.domain})"),
        ("Version", contract.version),
        (
            "Source",
            f"`{contract.source_schema}.{contract.source_table}`" if contract.kind == "source" else "",
        ),
        ("Readers", ", ".join(contract.roles)),
        ("Fresh within", _duration(contract.freshness)),
        ("Kept for", _kept(contract)),
    ]
    return "\n".join(f"- {name}: {value}" for name, value in facts if value)


def _columns(contract: Contract, contracts: Contracts) -> str:
    may_be_unchanged = set(unchanged_columns(contract)) if contract.kind == "source" else set()
    rows = []
    for column in contract.columns:
        kept = column.mapping.warehouse if contract.kind == "source" else column.source_type
        notes = [column.description, *_notes(column, contracts)]
        if column in may_be_unchanged:
            notes.append("An update that leaves it alone does not carry it.")
        rows.append(
            (
                f"`{column.name}`",
                f"`{column.source_type}`",
                f"`{kept}`",
                "key" if column.key_position else "yes" if column.required else "no",
                column.classification,
                " ".join(note for note in notes if note),
            )
        )
    return _table(("column", "type", "kept as", "required", "classification", "meaning"), rows)


def _notes(column: Column, contracts: Contracts) -> list[str]:
    notes = []
    if column.labels:
        notes.append("One of " + ", ".join(f"`{label}`" for label in column.labels) + ".")
    if column.references is not None:
        name = column.references.dataset
        link = f"[{name}]({name}.md)" if name in contracts else f"`{name}`"
        notes.append(f"References {link} `{column.references.column}`.")
    if column.infinity == "sentinel":
        notes.append("Infinity is kept as the first or last moment of the type; `_extra` has the text.")
    return notes


def _rules(contract: Contract) -> str:
    rows = [
        (f"`{rule.name}`", rule.severity, rule.dimension or "", f"{rule.description} {_detail(rule)}".strip())
        for rule in contract.rules
    ]
    return _table(("rule", "severity", "dimension", "meaning"), rows) if rows else ""


def _detail(rule: Rule) -> str:
    if rule.query is not None:
        return f"`{' '.join(rule.query.split())}`"
    arguments = ", ".join(f"{name} `{value}`" for name, value in rule.arguments.items())
    return f"({rule.metric}{': ' + arguments if arguments else ''})"


def _subjects(contract: Contract) -> str:
    ways = []
    for way in contract.subjects:
        place = f"`{way.column}`" + (f" at `{way.path}`" if way.path else "")
        target = f" → `{way.references.dataset}.{way.references.column}`" if way.references else ""
        ways.append(f"- {place}{target}")
    return "\n".join(ways)


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}" if text else ""


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(heads), line(tuple("---" for _ in heads)), *(line(row) for row in rows)])


def _kept(contract: Contract) -> str:
    if contract.retention is None:
        return ""
    hot = f", {_duration(contract.hot_retention)} of it hot" if contract.hot_retention else ""
    return _duration(contract.retention) + hot


def _duration(value: timedelta | None) -> str:
    if value is None:
        return ""
    if value < timedelta(seconds=1):
        return f"{value / timedelta(milliseconds=1):.0f} milliseconds"
    seconds = int(value.total_seconds())
    for unit, length in (("year", 365 * 86400), ("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % length == 0:
            count = seconds // length
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} seconds"
