"""The checkpoint: root and size of a tree, signed with Ed25519 in the form of a signed note.

The text is what transparency logs use: origin, size, root in Base64, an empty line, and a line of a dash, the
signer's name, and the signature behind four bytes that name the key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from bilten.errors import EvidenceInvalid, LineageError

ORIGIN = "bilten.lineage"
_ED25519 = b"\x01"


@dataclass(frozen=True)
class Checkpoint:
    """What was signed: how many entries, and the hash that stands for them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The lines that the signature is over."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The installation's key; made, readable to its owner only, when there is none yet.

    Raises:
        LineageError: the file cannot be read or written, or holds no such key.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = Ed25519PrivateKey.generate().private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
            # Exclusive, so that two processes that start at once do not sign with different keys.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(fresh)
                file.flush()
                os.fsync(file.fileno())
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileExistsError:
        return signing_key(path)
    except (OSError, ValueError) as error:
        raise LineageError(
            f"The signing key {path.name} cannot be used: {error}.",
            why="The file is damaged or belongs to somebody else.",
            remedy="Restore it from a backup; deleting it makes a new key, which others must learn to trust.",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise LineageError(f"The signing key {path.name} is not an Ed25519 key.")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as others keep it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public(pem: bytes) -> Ed25519PublicKey:
    """Read a public key, in exactly the form in which it is written.

    Raises:
        EvidenceInvalid: it is no Ed25519 key, or has bytes that do not belong to it.
    """
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EvidenceInvalid("The public key cannot be read.", entry="public_key.pem") from error
    if not isinstance(key, Ed25519PublicKey) or public_pem(key) != pem:
        raise EvidenceInvalid(
            "The public key is not an Ed25519 key as it is written here.", entry="public_key.pem"
        )
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """How people compare a key: SHA-256 of its bytes, in Base64."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note."""
    signature = _key_id(checkpoint.origin, key.public_key()) + key.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n\u2014 {checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def open_checkpoint(note: bytes, key: Ed25519PublicKey) -> Checkpoint:
    """Read a signed note and verify its signature.

    Raises:
        EvidenceInvalid: it has another form, another key signed it, or it was changed.
    """
    try:
        text, _, signatures = note.decode().partition("\n\n")
        origin, size, root = text.split("\n")
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        dash, name, encoded = signatures.rstrip("\n").split(" ")
        signature = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise EvidenceInvalid("The checkpoint cannot be read.", entry="checkpoint") from error
    # Written again it must be the same: otherwise bytes that no signature covers could be changed.
    again = f"{checkpoint.text}\n\u2014 {origin} {base64.b64encode(signature).decode()}\n".encode()
    if dash != "\u2014" or name != origin or again != note:
        raise EvidenceInvalid("The checkpoint has another form than it is written in.", entry="checkpoint")
    if signature[:4] != _key_id(origin, key):
        raise EvidenceInvalid("Another key signed the checkpoint.", entry="checkpoint")
    try:
        key.verify(signature[4:], checkpoint.text.encode())
    except InvalidSignature as error:
        raise EvidenceInvalid("The checkpoint's signature is not valid.", entry="checkpoint") from error
    return checkpoint


def _key_id(origin: str, key: Ed25519PublicKey) -> bytes:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + raw).digest()[:4]
