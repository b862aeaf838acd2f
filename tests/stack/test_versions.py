"""Every version is told, and is the one that is locked."""

from __future__ import annotations

import re

from bilten.settings import PROJECT_ROOT
from stack.versions import PACKAGES, versions


def test_every_component_has_a_version_as_locked() -> None:
    told = {one.component: one.version for one in versions()}
    assert all(re.match(r"\d+\.\d+", version) for version in told.values()), told
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock, re.MULTILINE))
    assert {name: told[name] for name in PACKAGES} == {name: locked[name] for name in PACKAGES}
    assert told["Kafka"] == told["Kafka Connect"]
    assert told["bilten"].startswith("0.")
