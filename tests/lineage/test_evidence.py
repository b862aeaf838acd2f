"""Evidence: the tree of RFC 6962, the signed checkpoint, and a bundle of which no byte can be changed."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bilten.errors import EvidenceInvalid
from lineage.evidence.bundle import Content, make_bundle, pack
from lineage.evidence.checkpoint import public_pem, signing_key
from lineage.evidence.merkle import Tree, leaf_hash, node_hash, root_of
from lineage.evidence.verifying import verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
EVENTS = [json.dumps({"run": number, "name": f"job {number}"}) for number in range(11)]
CONTENT = Content(EVENTS, {"graph.json": b'{"nodes": []}\n', "edges.csv": b"source,target\n"}, {"node": "x"})
BUNDLE = make_bundle(CONTENT, KEY)
PUBLIC = public_pem(KEY.public_key())


def naive_root(leaves: list[bytes]) -> bytes:
    """The definition in section 2.1 of the RFC, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_root_is_the_one_that_the_rfc_defines(entries: list[bytes]) -> None:
    leaves = [leaf_hash(each) for each in entries]
    assert Tree(leaves).root == naive_root(leaves)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_a_proof_leads_to_the_root_from_its_own_entry_and_place_only(
    entries: list[bytes], data: st.DataObject
) -> None:
    leaves = [leaf_hash(each) for each in entries]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = tree.proof(index)
    assert root_of(leaves[index], index, tree.size, path) == tree.root
    assert root_of(leaf_hash(b"something else"), index, tree.size, path) != tree.root
    assert root_of(leaves[index], index, tree.size, [*path, leaves[0]]) is None


def test_known_trees_of_certificate_transparency() -> None:
    entries = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
    assert Tree([leaf_hash(each) for each in entries[:1]]).root.hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert Tree([leaf_hash(each) for each in entries]).root.hex() == (
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
    )


def test_a_bundle_verifies_with_the_public_key_alone() -> None:
    found = verify(BUNDLE, PUBLIC)
    assert found.events == len(EVENTS)
    assert found.question == {"node": "x"}
    assert {"graph.json", "edges.csv", "manifest.json"} <= set(found.files)
    assert make_bundle(CONTENT, KEY) == BUNDLE


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(BUNDLE) - 1), st.integers(1, 255))
def test_changing_any_byte_fails_and_names_the_entry(place: int, change: int) -> None:
    changed = bytearray(BUNDLE)
    changed[place] ^= change
    with pytest.raises(EvidenceInvalid) as caught:
        verify(bytes(changed), PUBLIC)
    assert caught.value.details["entry"]


def test_every_single_byte_of_a_small_bundle() -> None:
    small = make_bundle(Content(['{"a":1}'], {}, {}), KEY)
    for place in range(len(small)):
        changed = bytearray(small)
        changed[place] ^= 1 << random.Random(place).randrange(8)
        with pytest.raises(EvidenceInvalid):
            verify(bytes(changed), PUBLIC)


def repacked(name: str, change: bytes, by: bytes) -> bytes:
    """The bundle as somebody would forge it: a member changed, the container in order."""
    with zipfile.ZipFile(io.BytesIO(BUNDLE)) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    assert change in members[name]
    members[name] = members[name].replace(change, by)
    return pack(members)


@pytest.mark.parametrize(
    ("name", "change", "by", "entry"),
    [
        ("events.jsonl", b"job 7", b"job X", "events.jsonl:8"),
        ("events.jsonl", EVENTS[10].encode() + b"\n", b"", "events.jsonl:11"),
        ("graph.json", b"[]", b"{}", "graph.json"),
        ("edges.csv", b"target", b"tarGet", "edges.csv"),
        ("manifest.json", b'"x"', b'"y"', "manifest.json"),
        ("checkpoint", b"bilten.lineage\n", b"bilten.Lineage\n", "checkpoint"),
        ("proofs.json", b'"index": 3', b'"index": 4', "proofs.json"),
        ("public_key.pem", b"PUBLIC KEY-----\n", b"PUBLIC KEY-----\n\n", "public_key.pem"),
    ],
)
def test_a_forgery_is_named(name: str, change: bytes, by: bytes, entry: str) -> None:
    with pytest.raises(EvidenceInvalid) as caught:
        verify(repacked(name, change, by), PUBLIC)
    assert caught.value.details["entry"] == entry


def test_a_bundle_that_another_key_signed_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    forged = make_bundle(CONTENT, other)
    assert verify(forged).fingerprint != verify(BUNDLE).fingerprint
    with pytest.raises(EvidenceInvalid, match="key"):
        verify(forged, PUBLIC)


def test_the_signing_key_is_made_once_and_is_its_owners_alone(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "lineage" / "signing-key.pem"
    first = signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_pem(signing_key(path).public_key()) == public_pem(first.public_key())
