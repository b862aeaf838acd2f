"""Fetching Maven artifacts: with jgo's resolver, or with Maven itself where that is installed."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import requests
from jgo.maven import MavenContext, PythonResolver

from bilten.errors import DownloadFailed

TIMEOUT_SECONDS = 60


@cache
def _context(repository: Path) -> MavenContext:
    return MavenContext(repo_cache=repository, resolver=PythonResolver(), timeout=TIMEOUT_SECONDS)


def fetch(coordinate: str, repository: Path) -> Path:
    """One artifact's file, downloaded unless the local repository has it; its content is not verified.

    Args:
        coordinate: ``group:artifact:version``.
        repository: folder of the local repository.

    Raises:
        DownloadFailed: it cannot be fetched.
    """
    try:
        path = _context(repository).create_dependency(coordinate).artifact.resolve()
    except (RuntimeError, OSError, requests.RequestException) as error:
        raise DownloadFailed(f"The jar {coordinate} could not be fetched.", why=str(error)) from error
    return Path(path)


def resolve(coordinates: tuple[str, ...], repository: Path) -> list[str]:
    """The complete run-time set of some artifacts, themselves included, as ``group:artifact:version``.

    Raises:
        DownloadFailed: a description cannot be fetched.
    """
    context = _context(repository)
    try:
        inputs, transitive = context.resolver.resolve([context.create_dependency(c) for c in coordinates])
    except (RuntimeError, OSError, requests.RequestException) as error:
        raise DownloadFailed("The jars' dependencies could not be resolved.", why=str(error)) from error
    found = [*inputs, *transitive]
    return sorted(f"{each.groupId}:{each.artifactId}:{each.version}" for each in found)


def copy_with_maven(coordinates: list[str], target: Path) -> None:
    """Let Maven copy exactly these files, without their dependencies, into a folder.

    Raises:
        subprocess.CalledProcessError: Maven failed; its output is in ``stdout``.
    """
    project = ElementTree.Element("project")
    for name, value in (
        ("modelVersion", "4.0.0"),
        ("groupId", "bilten"),
        ("artifactId", "jars"),
        ("version", "1"),
    ):
        ElementTree.SubElement(project, name).text = value
    dependencies = ElementTree.SubElement(project, "dependencies")
    for coordinate in coordinates:
        dependency = ElementTree.SubElement(dependencies, "dependency")
        for name, value in zip(("groupId", "artifactId", "version"), coordinate.split(":"), strict=True):
            ElementTree.SubElement(dependency, name).text = value
        exclusion = ElementTree.SubElement(ElementTree.SubElement(dependency, "exclusions"), "exclusion")
        ElementTree.SubElement(exclusion, "groupId").text = "*"
        ElementTree.SubElement(exclusion, "artifactId").text = "*"
    with tempfile.TemporaryDirectory() as folder:
        description = Path(folder) / "pom.xml"
        ElementTree.ElementTree(project).write(description)
        subprocess.run(
            [
                "mvn",
                "-B",
                "-q",
                "-f",
                description,
                "dependency:copy-dependencies",
                f"-DoutputDirectory={target}",
            ],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
