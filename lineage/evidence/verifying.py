"""Verifying a bundle, offline: every byte of it is covered, and what was changed is named."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import dataclass
from typing import Any, Final

from bilten.errors import EvidenceInvalid
from lineage.evidence.bundle import CHECKPOINT, EVENTS, KEY, PROOFS, UNSIGNED, entries_of, pack, proofs
from lineage.evidence.checkpoint import Checkpoint, fingerprint, open_checkpoint, read_public
from lineage.evidence.merkle import Tree, leaf_hash, root_of

_LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")


@dataclass(frozen=True)
class Verified:
    """What a bundle that verified says.

    Attributes:
        checkpoint: what was signed.
        fingerprint: of the key that signed it.
        events: number of events.
        files: names of the files that it speaks for.
        question: what was exported.
    """

    checkpoint: Checkpoint
    fingerprint: str
    events: int
    files: tuple[str, ...]
    question: dict[str, Any]


def verify(data: bytes, trusted: bytes | None = None) -> Verified:
    """Verify a bundle.

    Args:
        data: the bytes of the file.
        trusted: the public key to trust, in PEM; without it, the one in the bundle, which proves only that
            nothing was changed since its owner signed.

    Returns:
        What was verified.

    Raises:
        EvidenceInvalid: something was changed; ``entry`` in its details names it.
    """
    members = _unpacked(data)
    for name in (*UNSIGNED, EVENTS, "manifest.json"):
        if name not in members:
            raise EvidenceInvalid(f"The bundle has no {name}.", entry=name)
    own = read_public(members[KEY])
    key = own if trusted is None else read_public(trusted)
    if trusted is not None and trusted != members[KEY]:
        raise EvidenceInvalid("Another key than the trusted one is in the bundle.", entry=KEY)
    checkpoint = open_checkpoint(members[CHECKPOINT], key)
    lines = members[EVENTS].split(b"\n")
    files = {name: content for name, content in members.items() if name not in (*UNSIGNED, EVENTS)}
    entries = entries_of(lines[:-1], files)
    hashes = [leaf_hash(content) for _, content in entries]
    tree = Tree(hashes)
    if tree.root != checkpoint.root or tree.size != checkpoint.size or lines[-1] != b"":
        _blame(entries, hashes, checkpoint, members[PROOFS])
    if proofs(entries, hashes, tree) != members[PROOFS]:
        raise EvidenceInvalid("The proofs are not those of the entries.", entry=PROOFS)
    # What the ZIP format itself keeps (dates, attributes, order) is covered too: packed again it is the same.
    if pack(members) != data:
        raise EvidenceInvalid("The container of the bundle was changed.", entry="container")
    manifest = json.loads(members["manifest.json"])
    return Verified(checkpoint, fingerprint(key), len(lines) - 1, tuple(sorted(files)), manifest["question"])


def _blame(
    entries: list[tuple[str, bytes]], hashes: list[bytes], checkpoint: Checkpoint, kept: bytes
) -> None:
    """Find out by the proofs which entry is not what was signed.

    Raises:
        EvidenceInvalid: always; it names the first such entry.
    """
    try:
        known = {str(each["entry"]): each for each in json.loads(kept)}
        for (name, _), leaf in zip(entries, hashes, strict=True):
            proof = known.get(name)
            if proof is None:
                raise EvidenceInvalid(f"{name} was added, or its proof was removed.", entry=name)
            path = [bytes.fromhex(each) for each in proof["path"]]
            if root_of(leaf, int(proof["index"]), checkpoint.size, path) != checkpoint.root:
                raise EvidenceInvalid(f"{name} is not what was signed.", entry=name)
        missing = sorted(known.keys() - {name for name, _ in entries})
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceInvalid(
            "The proofs cannot be read, and the entries do not fit.", entry=PROOFS
        ) from error
    name = missing[0] if missing else EVENTS
    raise EvidenceInvalid(f"{name} was removed or cut.", entry=name)


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The members of the ZIP file as they are, also of one whose checksums no longer fit."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {}
            for entry in archive.infolist():
                header = _LOCAL_HEADER.unpack_from(data, entry.header_offset)
                begin = entry.header_offset + _LOCAL_HEADER.size + header[-2] + header[-1]
                if begin + entry.file_size > len(data) or entry.filename in found:
                    raise EvidenceInvalid(f"{entry.filename} is cut or twice.", entry=entry.filename)
                found[entry.filename] = data[begin : begin + entry.file_size]
            return found
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OverflowError) as error:
        raise EvidenceInvalid("The file is not a bundle.", why=f"{error}.", entry="container") from error
