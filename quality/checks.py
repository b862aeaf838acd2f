"""Contract → neutral checks: what must hold, before anybody says how it is evaluated.

Each contract gives the checks of its rules, and those that its columns imply: the key is neither null nor
double, required columns are filled, labels are known, references lead somewhere. Pure: the same contracts
always give the same checks, so that their identifiers can be required of a build before it exists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bilten.contracts import Contract, Contracts, Reference, Rule
from bilten.contracts.model import Severity
from bilten.errors import QualityError, RuleRefused

Kind = Literal["not_null", "unique", "accepted", "pattern", "reference", "row_count", "query"]

_STRINGS = re.compile(r"'(?:[^'\\]|\\.|'')*'|`[^`]*`|\"[^\"]*\"")
_WORD = re.compile(r"[A-Za-z_]\w*")
_REFUSED = (
    (re.compile(r"\bINTO\s+OUTFILE\b", re.IGNORECASE), "INTO OUTFILE"),
    (re.compile(r"\bINSERT\s+INTO\b", re.IGNORECASE), "INSERT INTO"),
    (re.compile(r"\bSETTINGS\s+\w+\s*=", re.IGNORECASE), "SETTINGS"),
    (re.compile(r"\bFORMAT\s+\w+$", re.IGNORECASE), "FORMAT"),
)
_OPERATORS: dict[str, Callable[[float, float, float], bool]] = {
    "mustBe": lambda figure, low, _: figure == low,
    "mustNotBe": lambda figure, low, _: figure != low,
    "mustBeGreaterThan": lambda figure, low, _: figure > low,
    "mustBeGreaterOrEqualTo": lambda figure, low, _: figure >= low,
    "mustBeLessThan": lambda figure, low, _: figure < low,
    "mustBeLessOrEqualTo": lambda figure, low, _: figure <= low,
    "mustBeBetween": lambda figure, low, high: low <= figure <= high,
    "mustNotBeBetween": lambda figure, low, high: not low <= figure <= high,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What must be true of a figure: an operator of the contract standard, and its value."""

    operator: str = "mustBe"
    value: object = 0

    def holds(self, figure: float) -> bool:
        """Whether a figure fulfils it.

        Raises:
            QualityError: the operator is unknown, or its value is no number.
        """
        if self.operator not in _OPERATORS:
            raise QualityError(f"The comparison {self.operator} is unknown.")
        return _OPERATORS[self.operator](figure, *self._bounds())

    def _bounds(self) -> tuple[float, float]:
        values = self.value if isinstance(self.value, list | tuple) else [self.value]
        try:
            numbers = [float(str(value)) for value in values]
        except ValueError as error:
            raise QualityError(f"{self.operator} needs a number, not {self.value!r}.") from error
        return numbers[0], numbers[-1]

    @property
    def none_may_fail(self) -> bool:
        """Whether it says that no row may fail."""
        return self.operator == "mustBe" and self._bounds()[0] == 0


NONE_MAY_FAIL = Comparison()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold of one dataset.

    Attributes:
        check_id: ``dataset.name``, unique over all datasets.
        dataset: the dataset it is about.
        name: the rule's name.
        kind: what it looks at.
        severity: ``error`` blocks publication, ``warning`` is shown.
        description: one sentence for people.
        columns: the columns it is about; none for a query.
        comparison: what the number of failing rows must be; of all rows for ``row_count``.
        accepted: known values, for ``accepted``.
        pattern: regular expression (RE2), for ``pattern``.
        reference: where values come from, for ``reference``.
        query: SQL that counts failing rows, for ``query``.
        live: whether rows change while it is evaluated.
    """

    check_id: str
    dataset: str
    name: str
    kind: Kind
    severity: Severity
    description: str
    columns: tuple[str, ...] = ()
    comparison: Comparison = NONE_MAY_FAIL
    accepted: tuple[str, ...] = ()
    pattern: str | None = None
    reference: Reference | None = None
    query: str | None = None
    live: bool = False


def compile_checks(contracts: Contracts) -> tuple[Check, ...]:
    """Every check of every contract.

    Args:
        contracts: all contracts; a reference to a dataset without one is refused. Live marts have no checks:
            they are read before anybody could judge them.

    Returns:
        The checks, by dataset, implied ones first.

    Raises:
        QualityError: a rule cannot be compiled, or two have one name.
        RuleRefused: a rule's query is more than a single SELECT.
    """
    judged = [contract for contract in contracts.values() if contract.kind != "live"]
    checks = [check for contract in judged for check in compile_contract(contract, contracts)]
    seen: set[str] = set()
    for check in checks:
        if check.check_id in seen:
            raise QualityError(f"There are two checks named {check.check_id}.")
        seen.add(check.check_id)
    return tuple(checks)


def compile_contract(contract: Contract, contracts: Contracts) -> tuple[Check, ...]:
    """The checks of one contract; a rule that says the same as an implied check replaces it."""
    rules = [_ruled(contract, rule, contracts) for rule in contract.rules]
    said = {(check.kind, check.columns) for check in rules if check.kind in {"not_null", "unique"}}
    implied = [check for check in _implied(contract, contracts) if (check.kind, check.columns) not in said]
    return (*implied, *rules)


def _implied(contract: Contract, contracts: Contracts) -> Iterator[Check]:
    key = tuple(column.name for column in contract.key)
    if key:
        words = " and ".join(key)
        yield _check(contract, f"{'_and_'.join(key)}_is_the_key", "unique", f"{words} identifies a row.", key)
    for column in contract.columns:
        name = column.name
        if column.required:
            yield _check(contract, f"{name}_is_filled", "not_null", f"{name} has a value.", (name,))
        if column.unique and (name,) != key:
            yield _check(contract, f"{name}_is_unique", "unique", f"No two rows share one {name}.", (name,))
        if column.labels:
            yield Check(
                check_id=f"{contract.name}.{name}_is_a_known_label",
                dataset=contract.name,
                name=f"{name}_is_a_known_label",
                kind="accepted",
                # A source may gain a label at any time, and the stream goes on; a mart has promised its own.
                severity="warning" if contract.kind == "source" else "error",
                description=f"{name} is one of the labels that the contract lists.",
                columns=(name,),
                accepted=column.labels,
                live=contract.kind == "source",
            )
        if column.references is not None and column.references.dataset in contracts:
            yield Check(
                check_id=f"{contract.name}.{name}_leads_to_{column.references.dataset}",
                dataset=contract.name,
                name=f"{name}_leads_to_{column.references.dataset}",
                kind="reference",
                severity="error",
                description=f"{name} leads to a row of {column.references.dataset}.",
                columns=(name,),
                reference=column.references,
                live=contract.kind == "source",
            )


def _check(contract: Contract, name: str, kind: Kind, description: str, columns: tuple[str, ...]) -> Check:
    return Check(
        check_id=f"{contract.name}.{name}",
        dataset=contract.name,
        name=name,
        kind=kind,
        severity="error",
        description=description,
        columns=columns,
        live=contract.kind == "source",
    )


def _ruled(contract: Contract, rule: Rule, contracts: Contracts) -> Check:
    kind, columns = _kind_of(contract, rule)
    accepted: tuple[str, ...] = ()
    pattern = None
    if rule.metric == "invalidValues":
        if "pattern" in rule.arguments:
            pattern = str(rule.arguments["pattern"])
        else:
            accepted = _texts(contract, rule, "validValues")
    if rule.query is not None:
        guard(f"{contract.name}.{rule.name}", rule.query, contracts)
    return Check(
        check_id=f"{contract.name}.{rule.name}",
        dataset=contract.name,
        name=rule.name,
        kind=kind,
        severity=rule.severity,
        description=rule.description,
        columns=columns,
        comparison=Comparison(*rule.must_be),
        accepted=accepted,
        pattern=pattern,
        query=rule.query,
        live=contract.kind == "source",
    )


def _kind_of(contract: Contract, rule: Rule) -> tuple[Kind, tuple[str, ...]]:
    own = (rule.column,) if rule.column else ()
    match rule.metric:
        case None:
            return "query", own
        case "rowCount":
            return "row_count", ()
        case "nullValues" | "missingValues" if own:
            return "not_null", own
        case "duplicateValues":
            columns = own or _texts(contract, rule, "properties")
            return "unique", columns
        case "invalidValues" if own:
            return ("pattern" if "pattern" in rule.arguments else "accepted"), own
    raise QualityError(
        f"The rule {contract.name}.{rule.name} cannot be compiled.",
        why=f"The metric {rule.metric} is unknown, or the rule names no column.",
        remedy="Use a metric of the standard on a column, or a query.",
    )


def _texts(contract: Contract, rule: Rule, argument: str) -> tuple[str, ...]:
    values = rule.arguments.get(argument)
    if not isinstance(values, list | tuple) or not values:
        raise QualityError(
            f"The rule {contract.name}.{rule.name} cannot be compiled.",
            why=f"Its arguments lack {argument}.",
            remedy=f"Give {argument} as a list.",
        )
    return tuple(str(value) for value in values)


def guard(name: str, query: str, contracts: Iterable[str]) -> None:
    """Refuse a rule's query unless it is, by its shape, one SELECT over datasets with a contract.

    The engine's own parser has the last word before it runs (`warehouse.rules.refuse_unless_reading`); this
    needs no engine, so that a contract that could never run is refused where it is written.

    Args:
        name: the rule, for messages.
        query: its query; datasets stand in braces.
        contracts: names that datasets may have.

    Raises:
        RuleRefused: it is anything else.
    """
    bare = _STRINGS.sub("''", query).strip().rstrip(";").strip()
    # Quoted texts have become '' pairs: whatever is left of these marks stands outside of them.
    if any(mark in bare.replace("''", "") for mark in (";", "--", "/*", "#", "'", "`", '"')):
        raise RuleRefused(f"The rule {name} holds several statements, a comment, or an open quote.")
    words = _WORD.findall(bare)
    if not words or words[0].upper() not in {"SELECT", "WITH"}:
        raise RuleRefused(f"The rule {name} is not a SELECT.")
    refused = [said for pattern, said in _REFUSED if pattern.search(bare)]
    if refused:
        raise RuleRefused(f"The rule {name} uses {', '.join(refused)}.")
    known = {"table", *contracts}
    named = re.findall(r"\{(\w*)\}", bare)
    unknown = sorted(set(named) - known)
    if unknown or not named:
        raise RuleRefused(
            f"The rule {name} names no dataset."
            if not named
            else f"The rule {name} names {', '.join(unknown)}.",
            remedy="Write datasets in braces: {table} is the rule's own, {schema__table} another.",
        )
    declared = {word.lower() for word in re.findall(r"\b(\w+)\s+AS\s*\(", bare, re.IGNORECASE)}
    sources = re.findall(r"\b(?:FROM|JOIN)\s+([^\s{(]+)", bare, re.IGNORECASE)
    foreign = sorted(source for source in sources if source.lower() not in declared)
    if foreign:
        raise RuleRefused(f"The rule {name} reads from {', '.join(foreign)}, which has no contract.")
