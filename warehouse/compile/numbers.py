"""Strict readers of numbers.

The engine's own conversions stop being exact without a word: ``toDecimal64OrNull('1.239', 2)`` is 1.23, a
``Decimal(10, 2)`` column holds 12345678901.22, ``toInt32OrNull('007')`` is 7. Here a conversion counts only
when the value, written back, is the text that came.
"""

from __future__ import annotations

from bilten.types import TypeMapping
from warehouse.compile.readers import Reader, shown

_DECIMAL_WIDTHS = ((9, 32), (18, 64), (38, 128), (76, 256))
# A JSON number reaches the reader through a double, which keeps 15 digits; longer texts must be JSON strings.
_DIGITS_OF_A_DOUBLE = 15
_DECIMAL_PATTERN = r"^(-?)([0-9]+)(?:\\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$"


def integer_reader(mapping: TypeMapping, text: str) -> Reader:
    """Whole numbers in range, in their usual form."""
    conversion = f"to{mapping.warehouse}OrNull({text})"
    return Reader(
        value=f"if(toString({conversion}) = {text}, {conversion}, NULL)",
        refusal=(
            f"if(match({text}, '^-?[0-9]+$'), "
            f"concat({shown(text)}, ' is out of range for {mapping.bits} bits'), "
            f"concat({shown(text)}, ' is not a whole number'))"
        ),
    )


def float_reader(mapping: TypeMapping, text: str) -> Reader:
    """Finite numbers and the specials. A Float32 must be the shortest or the whole text of its number."""
    conversion = f"to{mapping.warehouse}OrNull({text})"
    exact = "1"
    if mapping.bits == 32:
        exact = (
            f"toFloat64OrNull({text}) IN (toFloat64OrNull(toString({conversion})), toFloat64({conversion}))"
        )
    specials = "('NaN', 'Infinity', '-Infinity')"
    return Reader(
        value=(
            f"multiIf({text} IN {specials}, {conversion}, "
            f"match({text}, '^-?[0-9]') AND isFinite({conversion}) AND {exact}, {conversion}, NULL)"
        ),
        refusal=f"concat({shown(text)}, ' is not a number of {mapping.bits} bits')",
    )


def decimal_reader(mapping: TypeMapping, text: str, is_string: str) -> Reader:
    """Decimals that fit precision and scale exactly, in plain or exponent form.

    Args:
        mapping: with precision and scale.
        text: SQL of the text, Nullable(String).
        is_string: SQL that says whether the text was a JSON string.
    """
    precision, scale = mapping.precision or 0, mapping.scale or 0
    width = next(bits for digits, bits in _DECIMAL_WIDTHS if precision <= digits)
    whole_digits = precision - scale
    exact = f"(length({text}) <= {_DIGITS_OF_A_DOUBLE} OR {is_string})"
    fits = f"notEmpty(number.2) AND length(number.3) <= {whole_digits} AND length(number.4) <= {scale}"
    point = f", '.', rightPad(number.4, {scale}, '0')" if scale else ""
    plain = f"concat(number.1, if(number.3 = '', '0', number.3){point})"
    parts = _parts(text)
    too_fine = f"concat({shown(text)}, ' has more than {scale} decimals')"
    too_large = f"concat({shown(text)}, ' has more than {whole_digits} digits before the point')"
    inexact = f"concat({shown(text)}, ' has more digits than a JSON number carries; it must be sent as text')"
    return Reader(
        value=(
            f"arrayMap(number -> if({fits} AND {exact}, toDecimal{width}OrNull({plain}, {scale}), NULL), "
            f"[{parts}])[1]"
        ),
        refusal=(
            f"arrayMap(number -> multiIf(empty(number.2), concat({shown(text)}, ' is not a decimal number'), "
            f"length(number.4) > {scale}, {too_fine}, length(number.3) > {whole_digits}, {too_large}, "
            f"{inexact}), [{parts}])[1]"
        ),
    )


def _parts(text: str) -> str:
    """SQL: (sign, digits as they came, whole digits, decimals), the last two without needless zeros.

    No digits came where the text is no number.
    """
    exponent = "toInt32OrZero(part[4])"
    before = f"greatest(1 - toInt32(length(part[2])) - {exponent}, 0)"
    after = f"greatest({exponent} - toInt32(length(part[3])), 0)"
    # Digits with enough zeros on both sides for the point to fall among them, and where it falls.
    padded = f"(part[1], part[2], concat(repeat('0', {before}), part[2], part[3], repeat('0', {after})), "
    padded += f"toInt32(length(part[2])) + {exponent} + {before})"
    split = (
        "(pad.1, pad.2, trimLeft(substring(pad.3, 1, pad.4), '0'), "
        "trimRight(substring(pad.3, pad.4 + 1), '0'))"
    )
    groups = f"extractGroups(ifNull({text}, ''), '{_DECIMAL_PATTERN}')"
    return f"arrayMap(pad -> {split}, arrayMap(part -> {padded}, [{groups}]))[1]"
