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
            f"if(match({text}, '^-?[0-9]+$'), concat({shown(text)}, ' is out of range for {mapping.bits} bits'), "
            f"concat({shown(text)}, ' is not a whole number'))"
        ),
    )


def float_reader(mapping: TypeMapping, text: str) -> Reader:
    """Finite numbers and the three specials. A Float32 must be the shortest text of that very number."""
    conversion = f"to{mapping.warehouse}OrNull({text})"
    exact = "1"
    if mapping.bits == 32:
        exact = f"toFloat64OrNull(toString({conversion})) = toFloat64OrNull({text})"
    specials = "('NaN', 'Infinity', '-Infinity')"
    return Reader(
        value=(
            f"multiIf({text} IN {specials}, {conversion}, "
            f"match({text}, '^-?[0-9]') AND isFinite({conversion}) AND {exact}, {conversion}, NULL)"
        ),
        refusal=f"concat({shown(text)}, ' is not a number of {mapping.bits} bits')",
    )


def decimal_reader(mapping: TypeMapping, text: str, document: str, path: str) -> Reader:
    """Decimals that fit precision and scale exactly, in plain or exponent form.

    Args:
        mapping: with precision and scale.
        text: SQL of the text, Nullable(String).
        document: SQL of the JSON document the text comes from.
        path: SQL of the field's path in it; empty when it has none of its own.
    """
    precision, scale = mapping.precision or 0, mapping.scale or 0
    width = next(bits for digits, bits in _DECIMAL_WIDTHS if precision <= digits)
    whole_digits = precision - scale

    def conversion(expression: str) -> str:
        return f"toDecimal{width}OrNull({expression}, {scale})"

    from_text = "1"
    if path:
        from_text = f"(length({text}) <= {_DIGITS_OF_A_DOUBLE} OR JSONType({document}, {path}) = 'String')"
    # What the connector sends: every decimal of the scale and no exponent, so that its length bounds its digits.
    longest = precision + (1 if scale else 0)
    usual = f"toDecimalString({conversion(text)}, {scale}) = {text} AND length({text}) <= {longest}"
    if longest > _DIGITS_OF_A_DOUBLE:
        usual = f"{usual} AND {from_text}"
    parts = _parts(text)
    fits = f"length(number.2) <= {whole_digits} AND length(number.3) <= {scale}"
    point = f", '.', rightPad(number.3, {scale}, '0')" if scale else ""
    rewritten = conversion(f"concat(number.1, if(number.2 = '', '0', number.2){point})")
    unusual = f"arrayMap(number -> if({fits} AND {from_text}, {rewritten}, NULL), {parts})[1]"
    return Reader(
        value=f"if(ifNull({usual}, 0), {conversion(text)}, if(isNull({text}), NULL, {unusual}))",
        refusal=(
            f"if(empty({parts}), concat({shown(text)}, ' is not a decimal number'), arrayMap(number -> "
            f"multiIf(length(number.3) > {scale}, concat({shown(text)}, ' has more than {scale} decimals'), "
            f"length(number.2) > {whole_digits}, "
            f"concat({shown(text)}, ' has more than {whole_digits} digits before the point'), "
            f"concat({shown(text)}, ' has more digits than a JSON number carries; it must be sent as text')), "
            f"{parts})[1])"
        ),
    )


def _parts(text: str) -> str:
    """SQL: an array of one (sign, whole digits, decimals) without needless zeros, or of none for no number."""
    groups = f"extractGroups(ifNull({text}, ''), '{_DECIMAL_PATTERN}')"
    moved = "toInt32OrZero(part[4])"
    zeros_before = f"greatest(1 - toInt32(length(part[2])) - {moved}, 0)"
    zeros_after = f"greatest({moved} - toInt32(length(part[3])), 0)"
    digits = f"concat(repeat('0', {zeros_before}), part[2], part[3], repeat('0', {zeros_after}))"
    point = f"(toInt32(length(part[2])) + {moved} + {zeros_before})"
    return (
        f"arrayMap(part -> (part[1], trimLeft(substring({digits}, 1, {point}), '0'), "
        f"trimRight(substring({digits}, {point} + 1), '0')), "
        f"arrayFilter(part -> notEmpty(part), [{groups}]))"
    )
