"""The Merkle tree of RFC 6962: one hash that stands for a list, and short proofs that something is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry; the prefix keeps an entry from passing as an inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree over a list of leaf hashes.

    Args:
        leaves: the hashes of the entries, in their order.
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        # levels[k][i] is the root of the whole subtree of 2**k leaves that begins at leaf i * 2**k.
        self._levels: list[list[bytes]] = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])

    @property
    def root(self) -> bytes:
        """The hash that stands for all entries; of none, the hash of nothing."""
        return self._range(0, self.size) if self.size else hashlib.sha256(b"").digest()

    def proof(self, index: int) -> list[bytes]:
        """The audit path of one entry: the hashes that lead from it to the root, nearest first."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        path: list[bytes] = []
        begin, end = 0, self.size
        while end - begin > 1:
            middle = begin + _split(end - begin)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(begin, middle))
                begin = middle
        return path[::-1]

    def _range(self, begin: int, end: int) -> bytes:
        size = end - begin
        if size & (size - 1) == 0 and begin % size == 0:
            return self._levels[size.bit_length() - 1][begin // size]
        middle = begin + _split(size)
        return node_hash(self._range(begin, middle), self._range(middle, end))


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an entry and its audit path lead to; None when the path has another length.

    Args:
        leaf: hash of the entry.
        index: its place.
        size: number of entries of the tree.
        path: its audit path.
    """
    if not 0 <= index < size:
        return None
    node, last = index, size - 1
    found = leaf
    for sibling in path:
        if last == 0:
            return None
        if node % 2 or node == last:
            found = node_hash(sibling, found)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


def _split(size: int) -> int:
    """The largest power of two smaller than a size."""
    return 1 << ((size - 1).bit_length() - 1)
