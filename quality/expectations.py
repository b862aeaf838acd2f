"""Neutral check → Great Expectations: how a check is evaluated, and what came out of it.

Great Expectations sums its column checks of one table in one query, so those that it knows are given to it
as such. All others (regular expressions, references, a contract's own SQL) are one query each that returns
the number of failing rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

from bilten.errors import QualityError
from quality.breaches import counting_query
from quality.checks import Check, Comparison
from warehouse.rules import Resolve

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
