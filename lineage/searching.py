"""One box that finds anything: datasets, columns, jobs, owners, tags, contracts, personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lineage.graph import Column
from lineage.names import DatasetName, JobName
from lineage.snapshot import PERSONAL, Snapshot, label_of, layer_of, layer_rank

Kind = Literal["dataset", "column", "job", "run", "owner", "tag", "contract", "personal"]
_PERSONAL_WORDS = frozenset({"pii", "personal", "sensitive", "gdpr"})


@dataclass(frozen=True)
class Found:
    """One thing that was found.

    Attributes:
        kind: what it is.
        text: how it is shown.
        score: how well it fits; larger is better.
        dataset: where to go.
        column: the column in question, empty for the whole dataset.
        job: the job, where it is one.
        note: why it was found, or what it is.
    """

    kind: Kind
    text: str
    score: int
    dataset: DatasetName | None = None
    column: str = ""
    job: JobName | None = None
    note: str = ""


def search(snapshot: Snapshot, jobs: Iterable[JobName], text: str, limit: int = 50) -> list[Found]:
    """What people may mean by some words, best first.

    Every word must occur. ``owner:``, ``tag:``, ``contract:``, ``column:``, ``job:`` and ``pii:`` before the
    words look only there; ``pii`` alone lists every personal column.

    Args:
        snapshot: where to look.
        jobs: the jobs that are known.
        text: the words.
        limit: how many at most.
    """
    only, separator, rest = text.strip().lower().partition(":")
    scopes = {"owner", "tag", "contract", "column", "job", "dataset", "pii"}
    if separator and only in scopes:
        words = rest.split()
    else:
        only, words = "", text.lower().split()
    if not words and not only:
        return []
    found = [
        each
        for each in _everything(snapshot, jobs, words, only)
        if not only or each.kind == {"pii": "personal"}.get(only, only)
    ]
    found.sort(key=lambda each: (-each.score, layer_order(each.dataset), len(each.text), each.text))
    return found[:limit]


def layer_order(dataset: DatasetName | None) -> int:
    """Marts first: what people look for is usually at the end of the line."""
    return -layer_rank(layer_of(dataset)) if dataset is not None else 0


def _everything(snapshot: Snapshot, jobs: Iterable[JobName], words: list[str], only: str) -> Iterator[Found]:
    personal = only == "pii" or bool(words and set(words) <= _PERSONAL_WORDS)
    for dataset in snapshot.datasets:
        label = label_of(dataset)
        if (score := _score(label, words)) or (score := _score(dataset.node, words) // 4):
            yield Found("dataset", label, score + 20, dataset, note=layer_of(dataset))
        owner = snapshot.owner(dataset)
        if owner and (score := _score(owner, words)):
            yield Found("owner", label, score, dataset, note=f"owner {owner}")
        contract = str(snapshot.facets.get(dataset, {}).get("bilten_contract", {}).get("id", ""))
        if contract and (score := _score(contract, words)):
            yield Found("contract", label, score - 10, dataset, note=f"contract {contract}")
        for tag in snapshot.tags(dataset):
            if score := _score(tag, words):
                yield Found("tag", label, score, dataset, note=f"tag {tag}")
        for each in snapshot.fields(dataset):
            name = str(each["name"])
            kind = snapshot.classification(Column(dataset, name))
            if score := max(_score(name, words), _score(f"{label}.{name}", words) // 2):
                yield Found("column", f"{label}.{name}", score, dataset, name, note=kind or "")
            if kind in PERSONAL and (personal or only == "pii"):
                wanted = [] if set(words) <= _PERSONAL_WORDS else words
                if score := _score(f"{label}.{name}", wanted):
                    yield Found("personal", f"{label}.{name}", score, dataset, name, note=kind or "")
    for job in jobs:
        if score := _score(job.name, words):
            yield Found("job", job.name, score - 5, job=job, note=job.namespace)


def _score(text: str, words: list[str]) -> int:
    """0 when a word does not occur; whole names before beginnings before the rest."""
    lowered = text.lower()
    total = 0
    for word in words:
        place = lowered.find(word)
        if place < 0:
            return 0
        parts = lowered.replace(".", " ").replace("/", " ").replace("__", " ")
        if word in (lowered, *parts.split()):
            total += 100
        else:
            total += 60 if place == 0 or not lowered[place - 1].isalnum() else 30
    return total // max(1, len(words)) if words else 1
