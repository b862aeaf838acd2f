"""The bundle: one file with what was exported, the events behind it, their proofs and the signed checkpoint.

A plain ZIP whose members are stored as they are, always in the same order and with the same dates, so that
the same evidence is the same bytes. The tree's entries are the events, one for each line of ``events.jsonl``,
and then every other file with its name.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lineage.evidence.checkpoint import ORIGIN, Checkpoint, public_pem, sign
from lineage.evidence.merkle import Tree, leaf_hash

FORMAT: Final = "bilten-lineage-evidence/1"
EVENTS: Final = "events.jsonl"
PROOFS: Final = "proofs.json"
CHECKPOINT: Final = "checkpoint"
KEY: Final = "public_key.pem"
README: Final = "README.txt"
UNSIGNED: Final = (CHECKPOINT, KEY, PROOFS)
"""Members that are no entries of the tree: they follow from it, or say who signed it."""

_EXPLANATION: Final = """Evidence of data lineage

Verify it offline:    bilten lineage verify BUNDLE --key public_key.pem

Take the public key from somewhere you trust, not from this file: whoever changes a bundle can put another
key into it. Compare its fingerprint with the one that the platform's operators publish.

events.jsonl     OpenLineage events, one a line, exactly as they are kept
proofs.json      for every entry its place in the tree, its hash, and the audit path to the root (RFC 6962)
checkpoint       number of entries and root, signed with Ed25519 (a signed note)
*.json, *.csv    what was exported, for people and programs
"""


@dataclass(frozen=True)
class Content:
    """What a bundle speaks for.

    Args:
        events: the events, as text, each one line.
        files: what was exported, by file name.
        question: what was asked: dataset, column, moment, period, by whom and when.
    """

    events: Sequence[str]
    files: Mapping[str, bytes]
    question: Mapping[str, Any]


def entries_of(events: Sequence[bytes], files: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """The entries of the tree in their order, by name: the events, then the files."""
    named = [(f"{EVENTS}:{number}", line) for number, line in enumerate(events, start=1)]
    return named + [(name, name.encode() + b"\x00" + files[name]) for name in sorted(files)]


def make_bundle(content: Content, key: Ed25519PrivateKey) -> bytes:
    """The bundle as the bytes of one file; the same content and key give the same bytes."""
    lines = [event.encode() for event in content.events]
    manifest = {"format": FORMAT, "question": dict(content.question), "events": len(lines)}
    files = {
        **content.files,
        "manifest.json": _pretty(manifest),
        README: _EXPLANATION.encode(),
    }
    entries = entries_of(lines, files)
    hashes = [leaf_hash(data) for _, data in entries]
    tree = Tree(hashes)
    members = {
        **files,
        EVENTS: b"".join(line + b"\n" for line in lines),
        PROOFS: proofs(entries, hashes, tree),
        CHECKPOINT: sign(Checkpoint(ORIGIN, tree.size, tree.root), key).encode(),
        KEY: public_pem(key.public_key()),
    }
    return pack(members)


def proofs(entries: Sequence[tuple[str, bytes]], hashes: Sequence[bytes], tree: Tree) -> bytes:
    """The file with the proof of every entry."""
    return _pretty(
        [
            {
                "entry": name,
                "index": index,
                "leaf": hashes[index].hex(),
                "path": [each.hex() for each in tree.proof(index)],
            }
            for index, (name, _) in enumerate(entries)
        ]
    )


def pack(members: Mapping[str, bytes]) -> bytes:
    """Members as one ZIP file, the same bytes for the same members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, members[name])
    return target.getvalue()


def _pretty(data: object) -> bytes:
    return (json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n").encode()
