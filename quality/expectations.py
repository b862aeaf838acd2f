"""Neutral check → Great Expectations: how a check is evaluated, and what came out of it.

Great Expectations sums its column checks of one table in one query, so those that it knows are given to it
as such. All others (regular expressions, references, a contract's own SQL) are one query each that returns
the number of failing rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

from bilten.errors import QualityError
from quality.checks import Check, Comparison
from warehouse import rules
from warehouse.rules import Breach, Resolve

BATCH = "{batch}"
_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")


class ExpectFailingRows(gxe.UnexpectedRowsExpectation):  # type: ignore[misc]
    """A query's single figure, the number of failing rows, fulfils a comparison."""

    # The parent runs the query twice, for the rows and for their number.
    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    operator: str = "mustBe"
    bound: Any = 0

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002 - the parent's signature
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        rows = metrics["unexpected_rows_query.table"]
        if len(rows) != 1 or len(rows[0]) != 1:
            raise QualityError("The query of a rule must give one number.")
        figure = next(iter(rows[0].values()))
        if figure is None:
            raise QualityError("The query of a rule gave null, which says nothing.")
        holds = Comparison(self.operator, self.bound).holds(float(figure))
        return {"success": holds, "result": {"observed_value": int(figure)}}


def compile_suite(dataset: str, checks: Iterable[Check], resolve: Resolve) -> ExpectationSuite:
    """All checks of one dataset as one suite, to be validated against the table where it stands.

    Args:
        dataset: the dataset.
        checks: its checks.
        resolve: where other datasets stand.

    Returns:
        The suite; each expectation carries its check's identifier in ``meta``.
    """
    expectations = [compile_expectation(check, resolve) for check in checks]
    return ExpectationSuite(name=dataset, expectations=expectations)


def compile_expectation(check: Check, resolve: Resolve) -> gxe.Expectation:
    """One check as an expectation.

    Args:
        check: the check.
        resolve: where other datasets stand.
    """
    common: dict[str, Any] = {
        "meta": {"check_id": check.check_id},
        "description": check.description or None,
        "severity": "critical" if check.severity == "error" else "warning",
    }
    if check.comparison.none_may_fail:
        if check.kind == "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=check.columns[0], **common)
        if check.kind == "unique" and len(check.columns) == 1:
            return gxe.ExpectColumnValuesToBeUnique(column=check.columns[0], **common)
        if check.kind == "unique":
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(check.columns), **common)
        if check.kind == "accepted":
            return gxe.ExpectColumnValuesToBeInSet(
                column=check.columns[0], value_set=list(check.accepted), **common
            )
    # SQLAlchemy takes a colon before a word for a parameter, Great Expectations a brace for one of its own.
    query = counting_query(check, resolve, own=BATCH)
    return ExpectFailingRows(
        unexpected_rows_query=_BIND.sub(r"\\:", query),
        operator=check.comparison.operator,
        bound=check.comparison.value,
        **common,
    )


def breach_of(check: Check, relation: str, resolve: Resolve) -> Breach | None:
    """The rows that break a check, where its kind says which those are.

    Args:
        check: the check.
        relation: where its dataset stands.
        resolve: where other datasets stand.

    Returns:
        The rows; None for a count of all rows and for a contract's own query.
    """
    match check.kind:
        case "not_null":
            return rules.null_breach(relation, check.columns[0])
        case "unique":
            return rules.duplicate_breach(relation, check.columns)
        case "accepted":
            return rules.value_breach(relation, check.columns[0], check.accepted)
        case "pattern":
            return rules.pattern_breach(relation, check.columns[0], check.pattern or "")
        case "reference" if check.reference is not None:
            other = resolve(check.reference.dataset)
            return rules.reference_breach(
                relation, check.columns[0], other, check.reference.column, settling=check.live
            )
    return None


def counting_query(check: Check, resolve: Resolve, own: str | None = None) -> str:
    """A SELECT of the figure that the check's comparison is about.

    Args:
        check: the check.
        resolve: where datasets stand.
        own: stands for the check's own dataset and is left as it is, with every other brace doubled; None
            for the dataset's own place.

    Raises:
        QualityError: nothing can be counted for this check.
    """
    mark = "\x00" if own is not None else resolve(check.dataset)

    def place(dataset: str) -> str:
        return mark if dataset == check.dataset else resolve(dataset)

    breach = breach_of(check, mark, resolve)
    if breach is not None:
        query = breach.counting
    elif check.kind == "row_count":
        query = f"SELECT count() FROM {mark}"
    elif check.query is not None:
        query = rules.resolved(check.query, check.dataset, place)
    else:
        raise QualityError(f"The check {check.check_id} has nothing to count.")
    if own is None:
        return query
    return query.replace("{", "{{").replace("}", "}}").replace(mark, own)


def failing_rows(result: Mapping[str, Any]) -> tuple[int, int | None]:
    """Failing and total rows from an expectation's result; the total is None where it was not counted."""
    failing = result.get("unexpected_count", result.get("observed_value", 0))
    total = result.get("element_count")
    return int(failing or 0), None if total is None else int(total)
