"""How tables lie beyond what their contracts ask for: skip indexes and projections, chosen by measuring.

They stand in one reviewed file. Tables of sources get them by the statement that describes the table, so that
`plan`, `apply`, `history` and `drift` treat them as all else; marts get them when a build is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

import yaml

from bilten.errors import LayoutInvalid
from bilten.settings import PROJECT_ROOT
from warehouse.compile.statements import Statement, identifier

LAYOUT_FILE: Final = PROJECT_ROOT / "warehouse" / "layout.yaml"
_HEAD_END: Final = "\n)\nENGINE ="


@dataclass(frozen=True, slots=True)
class Addition:
    """One skip index or projection.

    Attributes:
        table: ``ods.<dataset>__state``, ``raw.<dataset>`` or ``marts.<mart>``.
        kind: which of both.
        name: unique in the table.
        definition: what follows the name in the engine's words; of a projection what stands in brackets.
        reason: why it was chosen.
    """

    table: str
    kind: Literal["index", "projection"]
    name: str
    definition: str
    reason: str

    @property
    def clause(self) -> str:
        """As CREATE TABLE and ALTER TABLE ADD want it."""
        definition = f"({self.definition})" if self.kind == "projection" else self.definition
        return f"{self.kind.upper()} {identifier(self.name)} {definition}"

    def commands(self, table: str) -> tuple[str, ...]:
        """What gives it to a table that has rows; they are worked through in the background.

        Args:
            table: its quoted name.
        """
        add = self.clause.replace(self.kind.upper(), f"{self.kind.upper()} IF NOT EXISTS", 1)
        materialize = f"MATERIALIZE {self.kind.upper()} {identifier(self.name)}"
        return f"ALTER TABLE {table} ADD {add}", f"ALTER TABLE {table} {materialize}"


def load_layout(path: Path = LAYOUT_FILE) -> tuple[Addition, ...]:
    """Read the file.

    Raises:
        LayoutInvalid: it does not hold what it should.
    """
    try:
        found = tuple(Addition(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or ())
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise LayoutInvalid(f"{path.name} cannot be read: {error}.") from error
    names = [(addition.table, addition.name) for addition in found]
    if len(set(names)) < len(names) or any(one.kind not in ("index", "projection") for one in found):
        raise LayoutInvalid(f"{path.name} has a name twice in a table, or what is no index or projection.")
    return found


def add_to_layout(addition: Addition, path: Path = LAYOUT_FILE) -> bool:
    """Write one more into the file, whose comments stay.

    Returns:
        Whether it was not there yet.
    """
    known = load_layout(path)
    if (addition.table, addition.name) in {(one.table, one.name) for one in known}:
        return False
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    entries = yaml.safe_dump([asdict(one) for one in (*known, addition)], sort_keys=False, width=110)
    path.write_text("\n".join([*comments, entries]), encoding="utf-8")
    return True


def with_additions(statements: Iterable[Statement], additions: Sequence[Addition]) -> tuple[Statement, ...]:
    """Statements of tables with what the layout gives them. Pure."""
    found = []
    for statement in statements:
        clauses = [addition.clause for addition in additions if addition.table == statement.name]
        if clauses and statement.kind == "table":
            head, end, rest = statement.sql.partition(_HEAD_END)
            more = "".join(f",\n    {clause}" for clause in clauses)
            found.append(replace(statement, sql=f"{head}{more}{end}{rest}"))
        else:
            found.append(statement)
    return tuple(found)
