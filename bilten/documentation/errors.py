"""The error tree as a reference page."""

from __future__ import annotations

from collections.abc import Iterator

from bilten.errors import BiltenError


def reference() -> str:
    """Every error: when it comes, why, and what to do next."""
    lines = [
        "# Errors",
        "",
        "Every error says what happened, why, and what to do next. The cause and the next action below are",
        "the class's own; a message may know them more precisely. Errors marked *retryable* may pass if the",
        "same call is simply made again; all others are final. This page is written by `make generate`.",
        "",
    ]
    lines.extend(
        f"{'  ' * depth}- [`{error.code}`](#{error.code}) {error.__name__}" for depth, error in tree()
    )
    for _, error in tree():
        summary = (error.__doc__ or "").strip().splitlines()[0]
        retryable = ", *retryable*" if error.retryable else ""
        lines += [
            "",
            f"## {error.code}",
            "",
            f"`{error.__name__}`{retryable}. {summary}",
            "",
            f"- Why: {error.cause}",
            f"- Next: {error.action}",
        ]
    return "\n".join(lines) + "\n"


def tree(root: type[BiltenError] = BiltenError, depth: int = 0) -> Iterator[tuple[int, type[BiltenError]]]:
    """Every class of the tree with its depth, parents first, in the order they are written."""
    yield depth, root
    for child in root.__subclasses__():
        # Tests and other modules may derive their own; the page is about the platform's tree.
        if child.__module__ == BiltenError.__module__:
            yield from tree(child, depth + 1)
