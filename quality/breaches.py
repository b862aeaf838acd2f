"""Neutral check → the rows that break it. Pure, and without the weight of Great Expectations."""

from __future__ import annotations

from bilten.errors import QualityError
from quality.checks import Check
from warehouse import rules
from warehouse.rules import Breach, Resolve


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


def failing_condition(check: Check, resolve: Resolve) -> str | None:
    """What is true of the rows of its dataset that break a check.

    Args:
        check: the check.
        resolve: where datasets stand.

    Returns:
        SQL over one row, so that many can be counted in one pass; None where more than rows are counted.
    """
    breach = breach_of(check, resolve(check.dataset), resolve)
    if breach is not None:
        return breach.condition
    predicate = rules.row_predicate(check.query) if check.query is not None else None
    return f"NOT ({predicate})" if predicate else None


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
