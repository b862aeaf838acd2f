"""Neutral check → Great Expectations: how a check is evaluated, and what came out of it.

Great Expectations counts what it can of one table in one query. Checks of columns that it knows are given to
it as such. All others that say of each row whether it breaks them (regular expressions, references, most of
a contract's own SQL) are sums of its kind, so that they are counted in the same pass. What counts something
else is a query of its own that returns the number of failing rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite
from great_expectations.compatibility.sqlalchemy import sqlalchemy
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from bilten.errors import QualityError
from quality.breaches import counting_query, failing_condition
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


class FailingRows(TableMetricProvider):  # type: ignore[misc]
    """How many rows meet a condition: one sum of the query that counts everything about a table."""

    metric_name = "table.failing_rows"
    value_keys = ("condition",)

    @metric_partial(  # type: ignore[untyped-decorator]
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,  # noqa: N805 - Great Expectations calls it on the class
        execution_engine: Any,  # noqa: ARG002 - the parent's signature
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],  # noqa: ARG002
        runtime_configuration: dict[str, Any],  # noqa: ARG002
    ) -> Any:
        condition = sqlalchemy.literal_column(metric_value_kwargs["condition"])
        return sqlalchemy.func.countIf(condition), metric_domain_kwargs, {}


class ExpectRowsToHold(BatchExpectation):  # type: ignore[misc]
    """The number of rows that meet a condition fulfils a comparison."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.failing_rows",)
    success_keys: ClassVar[tuple[str, ...]] = ("condition", "operator", "bound")

    condition: str
    operator: str = "mustBe"
    bound: Any = 0

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002 - the parent's signature
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        figure = metrics["table.failing_rows"]
        holds = Comparison(self.operator, self.bound).holds(float(figure))
        return {"success": holds, "result": {"observed_value": int(figure)}}


def compile_suite(
    dataset: str, checks: Iterable[Check], resolve: Resolve, *, in_one_pass: bool = True
) -> ExpectationSuite:
    """All checks of one dataset as one suite, to be validated against the table where it stands.

    Args:
        dataset: the dataset.
        checks: its checks.
        resolve: where other datasets stand.
        in_one_pass: whether rows are looked at once for all checks; one that cannot be evaluated then leaves
            the others without a result, too.

    Returns:
        The suite; each expectation carries its check's identifier in ``meta``.
    """
    expectations = [compile_expectation(check, resolve, in_one_pass=in_one_pass) for check in checks]
    return ExpectationSuite(name=dataset, expectations=expectations)


def compile_expectation(check: Check, resolve: Resolve, *, in_one_pass: bool = True) -> gxe.Expectation:
    """One check as an expectation.

    Args:
        check: the check.
        resolve: where other datasets stand.
        in_one_pass: see `compile_suite`.
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
    condition = failing_condition(check, resolve) if in_one_pass else None
    if condition is not None:
        return ExpectRowsToHold(
            condition=condition, operator=check.comparison.operator, bound=check.comparison.value, **common
        )
    # SQLAlchemy takes a colon before a word for a parameter, Great Expectations a brace for one of its own.
    query = counting_query(check, resolve, own=BATCH)
    return ExpectFailingRows(
        unexpected_rows_query=_BIND.sub(r"\\:", query),
        operator=check.comparison.operator,
        bound=check.comparison.value,
        **common,
    )
