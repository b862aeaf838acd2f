"""The rules of the business, as the database tells of their violation.

Migration ``0003_rules`` gives each rule that PostgreSQL has no constraint for a SQLSTATE of its own (class
``TK``); the others are told apart by the name of their constraint, which the models' naming makes stable.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bilten import errors

ILLEGAL_TRANSITION = "TK001"
OVERLAPPING_TIERS = "TK002"
EVENT_NOT_ON_SALE = "TK003"
CODE_NOT_VALID = "TK004"
REFUND_NOT_POSSIBLE = "TK005"
TICKET_NOT_ADMITTED = "TK006"
TICKET_NOT_TRANSFERABLE = "TK007"

_BY_STATE: dict[str, type[errors.BusinessRuleViolated]] = {
    ILLEGAL_TRANSITION: errors.IllegalStatusTransition,
    OVERLAPPING_TIERS: errors.OverlappingSalesWindow,
    EVENT_NOT_ON_SALE: errors.EventNotOnSale,
    CODE_NOT_VALID: errors.DiscountCodeRefused,
    REFUND_NOT_POSSIBLE: errors.RefundNotPossible,
    TICKET_NOT_ADMITTED: errors.TicketNotAdmitted,
    TICKET_NOT_TRANSFERABLE: errors.TicketNotTransferable,
}

_BY_CONSTRAINT: dict[str, type[errors.BusinessRuleViolated]] = {
    "ticket_types_sold_within_capacity": errors.Oversold,
    "payments_refunded_within_amount": errors.RefundExceedsPayment,
    "discount_codes_uses_within_maximum": errors.DiscountCodeRefused,
    "check_ins_ticket_id_key": errors.TicketNotAdmitted,
}

_GONE = ("08", "57P")
"""SQLSTATEs of a lost connection, and of a server that is told to stop, crashed or still starting."""

_BY_KIND: tuple[tuple[type[psycopg.Error], type[errors.BusinessRuleViolated]], ...] = (
    (psycopg.errors.UniqueViolation, errors.AlreadyExists),
    (psycopg.errors.ForeignKeyViolation, errors.ReferenceBroken),
    (psycopg.errors.IntegrityError, errors.BusinessRuleViolated),
)


def translate(error: psycopg.Error) -> errors.OperationalError:
    """The clear form of what the database said.

    Args:
        error: the driver's error.

    Returns:
        A `BusinessRuleViolated` (or one of its kinds) when a rule was broken; `OperationalUnavailable` when
        the connection was lost; `OperationalConflict` after a deadlock; else a plain `OperationalError`. Its
        details name SQLSTATE, constraint and table, never values: the driver's detail line holds them, and
        they may be personal.
    """
    diagnostics = error.diag
    state, constraint = error.sqlstate, diagnostics.constraint_name
    details = {
        "sqlstate": state,
        "constraint": constraint,
        "table": _table(diagnostics.schema_name, diagnostics.table_name),
    }
    what = (diagnostics.message_primary or str(error)).rstrip(".") + "."
    kind = _BY_STATE.get(state or "") or _BY_CONSTRAINT.get(constraint or "")
    if kind is None:
        kind = next((rule for general, rule in _BY_KIND if isinstance(error, general)), None)
    if kind is not None:
        return kind(what, **details)
    if isinstance(error, psycopg.OperationalError) and (state is None or state.startswith(_GONE)):
        return errors.OperationalUnavailable(what)
    if isinstance(error, (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)):
        return errors.OperationalConflict(what, **details)
    return errors.OperationalError(what, **details)


@contextmanager
def business_rules() -> Iterator[None]:
    """Raise the clear form of every error of the database inside the block.

    Works for statements made with psycopg as well as for those made through SQLAlchemy.

    Raises:
        BusinessRuleViolated: a rule was broken; the transaction is to be rolled back.
        OperationalError: anything else went wrong.
    """
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from error
    except Exception as error:
        # SQLAlchemy keeps the driver's error in ``orig``. It is not imported for that: the simulator, which
        # runs for weeks, would carry it without ever using it.
        original = getattr(error, "orig", None)
        if isinstance(original, psycopg.Error):
            raise translate(original) from error
        raise


def _table(schema: str | None, table: str | None) -> str | None:
    return f"{schema}.{table}" if schema and table else table
