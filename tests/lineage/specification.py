"""Validation of events against OpenLineage's published schemas and the platform's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from lineage.facets import SCHEMAS

SPECIFICATION = Path(__file__).parent / "spec"


@cache
def registry() -> Registry[Any]:
    found = {}
    for path in [
        SPECIFICATION / "OpenLineage.json",
        *SPECIFICATION.glob("facets/*.json"),
        *SCHEMAS.glob("*.json"),
    ]:
        document = json.loads(path.read_text())
        found[document["$id"]] = Resource.from_contents(document)
    return Registry().with_resources(found.items())


def facets_of(event: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every facet of the event, with its key."""
    holders = [event.get("run", {}), event["job"], *event.get("inputs", []), *event.get("outputs", [])]
    for holder in holders:
        for group in ("facets", "inputFacets", "outputFacets"):
            yield from holder.get(group, {}).items()


@cache
def validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference}, registry=registry(), format_checker=FormatChecker())


def check(reference: str, value: object) -> None:
    validator(reference).validate(value)


def validate(event: Mapping[str, Any]) -> int:
    """Validate the event, and each facet against the very version of the schema that it names.

    Returns:
        How many facets were validated.
    """
    check(event["schemaURL"], event)
    count = 0
    for key, facet in facets_of(event):
        document = registry().get_or_retrieve(facet["_schemaURL"].partition("#")[0]).value.contents
        # The document's own properties say which key the facet belongs under.
        assert key in document["properties"], f"{key} is not where {facet['_schemaURL']} belongs"
        check(facet["_schemaURL"], facet)
        count += 1
    return count
