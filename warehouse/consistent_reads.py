"""Statements that read ``ods`` at one cut: in their session, the tables that they name are pinned views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bilten.errors import NoCut
from warehouse.client import Warehouse
from warehouse.compile import names
from warehouse.compile.statements import identifier, literal
from warehouse.cuts import Cut
from warehouse.server.statements import Token, tokens


class ConsistentReads:
    """Pins a session to cuts.

    ``ods.tickets__orders`` and ``tickets__orders`` mean the same then. Other databases are read as they are.

    Args:
        warehouse: a client with a session of its own.
        cuts: the newest cut of each source.
        sources: dataset → source.
    """

    def __init__(self, warehouse: Warehouse, cuts: Mapping[str, Cut], sources: Mapping[str, str]) -> None:
        self._warehouse = warehouse
        self._cuts = cuts
        self._sources = sources
        self._pinned: dict[str, Cut] = {}

    @property
    def pinned(self) -> dict[str, Cut]:
        """The tables that were named so far, and the cut that each is read at."""
        return dict(self._pinned)

    def prepare(self, sql: str) -> str:
        """Pin what a statement reads.

        Args:
            sql: the statement.

        Returns:
            The statement to run in the session instead.

        Raises:
            NoCut: there is no cut yet of a source that it reads.
            WarehouseError: the warehouse refused.
        """
        source = sql.encode("utf-8", "surrogateescape")
        found, at = [], 0
        for start, end, dataset in self._named(source):
            self._pin(dataset)
            found += [source[at:start], identifier(dataset).encode()]
            at = end
        return b"".join([*found, source[at:]]).decode("utf-8", "surrogateescape")

    def _named(self, source: bytes) -> Iterator[tuple[int, int, str]]:
        """Tables by their place: ``ods.<dataset>``, or a dataset's name alone."""
        before: list[Token] = []
        for token in tokens(source):
            name = _name(source, token)
            qualified = len(before) > 1 and before[-1].value == b"."
            if name in self._sources:
                if not qualified:
                    yield token.start, token.end, name
                elif _name(source, before[-2]) == "ods" and (len(before) < 3 or before[-3].value != b"."):
                    yield before[-2].start, token.end, name
            before = [*before[-2:], token]

    def _pin(self, dataset: str) -> None:
        if dataset in self._pinned:
            return
        cut = self._cuts.get(self._sources[dataset])
        if cut is None:
            raise NoCut(
                f"{dataset} cannot be read at a cut: its source {self._sources[dataset]} has none yet."
            )
        self._warehouse.command(
            f"CREATE TEMPORARY VIEW {identifier(dataset)} AS "
            f"SELECT * FROM {names.consistent(dataset)}(cut = {literal(str(cut.version))})"
        )
        self._pinned[dataset] = cut


def _name(source: bytes, token: Token) -> str:
    text = source[token.start : token.end].decode("utf-8", "replace")
    return text.strip('`"') if token.kind in ("word", "quoted") else ""
