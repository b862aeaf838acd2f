"""Receiving events from anyone: checked, freed of secrets, and under our names.

Pure: an event goes in as JSON data and comes out as the event that is kept, or is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bilten.errors import EventRefused, LineageError
from lineage.names import Canonical, Names

Json = Any
Event = dict[str, Json]

MASK = "********"
EVENT_TYPES = frozenset({"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"})

_SECRET = re.compile(
    r"passw(or)?d|passphrase|secret|credential|api[._-]?key|access[._-]?key|private[._-]?key|(^|[._-])token($|[._-])"
    r"|jaas|authorization|basic\.auth",
    re.IGNORECASE,
)
_PAIR = re.compile(r"^\s*([\w.\-]+)\s*[=:]\s*\S")
_USER_IN_URL = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*@")
_PASSWORD_IN_URL = re.compile(r"([?&;](?:password|sslpassword|secret|token)=)[^&;\s\"']*", re.IGNORECASE)


def receive(names: Names, data: Json) -> Event:
    """The event as it is kept.

    Secrets in facets are masked (Debezium's configuration facet can carry them), names of datasets become
    ours, and the names they were reported under become symlinks. Receiving the result again changes nothing.

    Args:
        names: how datasets are named here.
        data: a run, job or dataset event.

    Raises:
        EventRefused: it is not an OpenLineage event.
    """
    event = _checked(data)
    clean: Event = {key: _clean(value) for key, value in event.items()}
    try:
        for side in ("inputs", "outputs"):
            if side in clean:
                clean[side] = [_renamed(names, dataset) for dataset in clean[side]]
        if "dataset" in clean:
            clean["dataset"] = _renamed(names, clean["dataset"])
    except LineageError as error:
        raise EventRefused(
            f"The event names a dataset that cannot be one. {error.what}", why=error.why
        ) from error
    except (AttributeError, KeyError, TypeError) as error:
        raise EventRefused(
            "A facet that names datasets has not the form that its schema says.", why=str(error)
        ) from error
    return clean


def without_secrets(data: Json) -> Json:
    """Any JSON data with passwords, tokens and the like masked; doing it again changes nothing."""
    return _clean(data)


def _checked(data: Json) -> Event:
    _need(isinstance(data, dict), "It is not a JSON object.")
    event: Event = data
    for key in ("eventTime", "producer", "schemaURL"):
        _need(isinstance(event.get(key), str) and event[key] != "", f"`{key}` is missing or not a text.")
    _need(_is_time(event["eventTime"]), "`eventTime` is not a date and time with a zone.")
    kinds = [key for key in ("run", "dataset") if key in event]
    _need(len(kinds) < 2, "It has both a run and a dataset.")
    if "dataset" in event:
        _named(event["dataset"], "dataset")
        return event
    _named(event.get("job"), "job")
    if "run" in event:
        run = event["run"]
        _need(isinstance(run, dict) and _is_uuid(run.get("runId")), "`run.runId` is not a UUID.")
        kind = event.get("eventType", "OTHER")
        _need(isinstance(kind, str) and kind in EVENT_TYPES, f"`eventType` is none of {sorted(EVENT_TYPES)}.")
        _facets(run, "run")
    else:
        _need("eventType" not in event, "It has an `eventType`, which only runs have, and no `run`.")
    for side in ("inputs", "outputs"):
        found = event.get(side)
        if found is None:
            # Some producers write what they do not know as null.
            event = {key: value for key, value in event.items() if key != side}
            continue
        _need(isinstance(found, list), f"`{side}` is not a list.")
        for position, dataset in enumerate(found):
            _named(dataset, f"{side}[{position}]")
    return event


def _named(value: Json, where: str) -> None:
    _need(isinstance(value, dict), f"`{where}` is missing or not an object.")
    for key in ("namespace", "name"):
        _need(
            isinstance(value.get(key), str) and value[key].strip() != "",
            f"`{where}.{key}` is missing or empty.",
        )
    _facets(value, where)


def _facets(value: Mapping[str, Json], where: str) -> None:
    for group in ("facets", "inputFacets", "outputFacets"):
        if group not in value:
            continue
        facets = value[group]
        _need(isinstance(facets, dict), f"`{where}.{group}` is not an object.")
        for key, facet in facets.items():
            _need(isinstance(facet, dict), f"`{where}.{group}.{key}` is not an object.")
            for told in ("_producer", "_schemaURL"):
                _need(isinstance(facet.get(told), str), f"`{where}.{group}.{key}.{told}` is missing.")


def _need(condition: bool, reason: str) -> None:
    if not condition:
        raise EventRefused("The event is not one of OpenLineage's.", why=reason)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_uuid(text: Json) -> bool:
    try:
        UUID(text)
    except (ValueError, AttributeError, TypeError):
        return False
    return True


def _clean(value: Json, secret: bool = False) -> Json:
    """The value without secrets; ``secret`` says that what it is called is one."""
    if isinstance(value, dict):
        called = value.get("key") or value.get("name")
        holds = isinstance(called, str) and bool(_SECRET.search(called))
        return {
            key: _clean(each, bool(_SECRET.search(key)) or (holds and key == "value"))
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_clean(each, secret) for each in value]
    if isinstance(value, str):
        return MASK if secret else _clean_text(value)
    return value


def _clean_text(text: str) -> str:
    pair = _PAIR.match(text)
    if pair and _SECRET.search(pair[1]):
        return f"{pair[1]}={MASK}"
    return _PASSWORD_IN_URL.sub(rf"\1{MASK}", _USER_IN_URL.sub("", text))


def _renamed(names: Names, dataset: Event) -> Event:
    found = names.received(dataset["namespace"], dataset["name"])
    result = {**dataset, "namespace": found.name.namespace, "name": found.name.name}
    facets = dict(dataset.get("facets") or {})
    if "columnLineage" in facets:
        facets["columnLineage"] = _renamed_columns(names, facets["columnLineage"])
    if "lineage" in facets:
        facets["lineage"] = _renamed_sources(names, facets["lineage"])
    if found.reported is not None:
        facets["symlinks"] = _with_symlink(facets.get("symlinks"), found)
    if found.build is not None and "version" not in facets:
        facets["version"] = {
            "_producer": "urn:bilten:data-platform",
            "_schemaURL": "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json"
            "#/$defs/DatasetVersionDatasetFacet",
            "datasetVersion": found.build,
        }
    if facets:
        result["facets"] = facets
    return result


def _renamed_columns(names: Names, facet: Event) -> Event:
    fields = {
        column: {
            **each,
            "inputFields": [_renamed_reference(names, one) for one in each.get("inputFields") or []],
        }
        for column, each in (facet.get("fields") or {}).items()
    }
    result = {**facet, "fields": fields}
    if facet.get("dataset"):
        result["dataset"] = [_renamed_reference(names, one) for one in facet["dataset"]]
    return result


def _renamed_sources(names: Names, facet: Event) -> Event:
    def one(entry: Event) -> Event:
        return _renamed_reference(names, entry) if entry.get("type") == "DATASET" else entry

    result = dict(facet)
    if "inputs" in facet:
        result["inputs"] = [one(entry) for entry in facet["inputs"] or []]
    if "fields" in facet:
        result["fields"] = {
            column: {**each, "inputs": [one(entry) for entry in each.get("inputs") or []]}
            for column, each in (facet["fields"] or {}).items()
        }
    return result


def _renamed_reference(names: Names, reference: Event) -> Event:
    found = names.received(str(reference.get("namespace", "")), str(reference.get("name", "")))
    return {**reference, "namespace": found.name.namespace, "name": found.name.name}


def _with_symlink(facet: Event | None, found: Canonical) -> Event:
    assert found.reported is not None
    base = facet or {
        "_producer": "urn:bilten:data-platform",
        "_schemaURL": "https://openlineage.io/spec/facets/1-0-1/SymlinksDatasetFacet.json#/$defs/SymlinksDatasetFacet",
    }
    known = list(base.get("identifiers") or [])
    reported = {"namespace": found.reported.namespace, "name": found.reported.name}
    if not any({key: each.get(key) for key in reported} == reported for each in known):
        known.append({**reported, "type": "TOPIC" if found.name.store == "kafka" else "TABLE"})
    return {**base, "identifiers": known}
