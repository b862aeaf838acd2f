"""What the published schema refuses is refused on receipt, too, although it is checked by hand for speed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bilten.errors import EventRefused
from lineage.events import as_dict, completed, declared
from lineage.receipt import receive
from tests.lineage.samples import BEGUN, ENDED, NAMES
from tests.lineage.specification import validator
from tests.lineage.test_events import ARCHIVE, LOAD

CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
EVENTS = [
    (CORE + "RunEvent", as_dict(completed(LOAD, ENDED))),
    (CORE + "RunEvent", as_dict(completed(ARCHIVE, ENDED))),
    (CORE + "JobEvent", as_dict(declared(LOAD, BEGUN))),
]
STRANGE: st.SearchStrategy[Any] = st.sampled_from([None, 7, "", "x", [], {}, [{}], {"x": 1}, True])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in JSON data."""
    found = [path] if path else []
    if isinstance(value, dict):
        found += [each for key, inner in value.items() for each in places(inner, (*path, key))]
    if isinstance(value, list):
        found += [each for index, inner in enumerate(value) for each in places(inner, (*path, index))]
    return found


@given(st.data())
def test_what_the_schema_refuses_is_refused(data: st.DataObject) -> None:
    reference, event = data.draw(st.sampled_from(EVENTS))
    mutated = copy.deepcopy(event)
    path = data.draw(st.sampled_from(places(mutated)))
    holder: Any = mutated
    for step in path[:-1]:
        holder = holder[step]
    if data.draw(st.booleans()) and isinstance(holder, dict):
        del holder[path[-1]]
    else:
        holder[path[-1]] = data.draw(STRANGE)
        # Sides without datasets may be null: producers do so, and nothing is lost.
        assume(path not in {("inputs",), ("outputs",)} or holder[path[-1]] is not None)
    if not validator(reference).is_valid(mutated):
        with pytest.raises(EventRefused):
            receive(NAMES, mutated)


def test_a_run_event_without_its_run_is_no_job_event() -> None:
    event = as_dict(completed(LOAD, ENDED))
    del event["run"]
    with pytest.raises(EventRefused, match="not one of OpenLineage's"):
        receive(NAMES, event)


@pytest.mark.parametrize("strange", [[], {}, None, 7, "SOMETIME"])
def test_an_event_type_is_one_of_the_known_words(strange: object) -> None:
    with pytest.raises(EventRefused):
        receive(NAMES, {**as_dict(completed(LOAD, ENDED)), "eventType": strange})


def test_a_malformed_column_lineage_is_refused_and_stops_nothing() -> None:
    event = as_dict(completed(LOAD, ENDED))
    lineage = {"_producer": "urn:x", "_schemaURL": "urn:y", "fields": "none"}
    event["outputs"][0]["facets"]["columnLineage"] = lineage
    with pytest.raises(EventRefused, match="facet"):
        receive(NAMES, event)


@pytest.mark.parametrize(("reference", "event"), EVENTS)
def test_what_the_schema_accepts_is_accepted(reference: str, event: dict[str, Any]) -> None:
    assert validator(reference).is_valid(event)
    received = receive(NAMES, event)
    assert validator(reference).is_valid(received)
    assert receive(NAMES, received) == received
