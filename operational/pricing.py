"""What a purchase costs, in whole cents.

The identities that everything downstream relies on, to the cent:

- item: ``total = quantity * unit_price - discount``
- order: ``subtotal`` = sum over items of ``quantity * unit_price``; ``discount`` = sum of items' discounts;
  ``tax`` = (subtotal - discount) * rate; ``fee`` = (subtotal - discount) * percentage + fixed * tickets;
  ``total = subtotal - discount + tax + fee``, so also the sum of the items' totals + tax + fee
- payment: ``amount`` = the order's total; its refunds that did not fail never exceed it
- ticket: ``price`` = its item's unit price
- payout: ``amount = gross - refunds - commission`` = sum of its lines
- invoice: ``net = subtotal - discount + fee``, ``total = net + tax`` = the order's total

The functions take whole numbers or arrays of them alike; shares are in basis points (1/10,000) and round
half up, as the services do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Cents = TypeVar("Cents", int, "npt.NDArray[np.int64]")
"""An amount in cents: an ``int`` or an array of them."""


def share(amount: Cents, basis_points: Cents | int) -> Cents:
    """A share of an amount that is not negative, rounded half up.

    Args:
        amount: cents.
        basis_points: hundredths of a per cent.
    """
    return (amount * basis_points + 5_000) // 10_000


def service_fee(net: Cents, tickets: Cents, basis_points: Cents, fixed: Cents) -> Cents:
    """The fee that the buyer pays, in cents.

    Args:
        net: subtotal minus discount, cents.
        tickets: how many tickets.
        basis_points: the plan's share.
        fixed: cents per ticket.
    """
    return share(net, basis_points) + tickets * fixed


def provider_fee(amount: Cents) -> Cents:
    """What the payment provider keeps: 1.7 %."""
    return share(amount, 170)


def money(cents: int) -> str:
    """Cents as the text of a NUMERIC(10,2)."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}{whole}.{part:02d}"
