"""Types as CQL spells them, taken apart; a user-defined one is spelled out, ``udt<street:text,zip:int>``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

UNFROZEN = "unfrozen_udt"
"""What a user-defined type is called whose fields may be written one by one."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type and what it is made of.

    Attributes:
        name: such as ``int``, ``list`` or ``udt``.
        parts: types of its elements, or of keys and values, or of its fields.
        fields: names of its fields.
        is_frozen: whether its values are written as a whole only.
    """

    name: str
    parts: tuple[Type, ...] = ()
    fields: tuple[str, ...] = ()
    is_frozen: bool = False


def parse(text: str, types: Mapping[str, Mapping[str, str]] | None = None) -> Type:
    """Take a type apart.

    Args:
        text: the type.
        types: user-defined types of its keyspace: fields and their types by name.
    """
    name, _, rest = text.replace(" ", "").partition("<")
    inner = list(_split(rest.removesuffix(">"))) if rest else []
    if name == "frozen":
        (frozen,) = inner
        found = parse(frozen, types)
        return Type(found.name, found.parts, found.fields, is_frozen=True)
    if name in {"udt", UNFROZEN}:
        named = [each.partition(":") for each in inner]
        parts = tuple(parse(kind, types) for _, _, kind in named)
        return Type("udt", parts, tuple(field for field, _, _ in named), is_frozen=name == "udt")
    if types is not None and name in types:
        parts = tuple(parse(kind, types) for kind in types[name].values())
        return Type("udt", parts, tuple(types[name]))
    # A tuple is always written as a whole.
    parts = () if name == "vector" else tuple(parse(each, types) for each in inner)
    return Type(name, parts, is_frozen=name == "tuple")


def spelled(kind: Type) -> str:
    """The one spelling of a type, as contracts have it."""
    if kind.name == "udt":
        fields = zip(kind.fields, kind.parts, strict=True)
        text = f"udt<{','.join(f'{name}:{spelled(part)}' for name, part in fields)}>"
        return text if kind.is_frozen else text.replace("udt", UNFROZEN, 1)
    if not kind.parts:
        return kind.name
    text = f"{kind.name}<{','.join(spelled(part) for part in kind.parts)}>"
    return f"frozen<{text}>" if kind.is_frozen and kind.name != "tuple" else text


def _split(text: str) -> Iterator[str]:
    depth, begun = 0, 0
    for place, character in enumerate(text):
        depth += (character == "<") - (character == ">")
        if character == "," and depth == 0:
            yield text[begun:place]
            begun = place + 1
    yield text[begun:]
