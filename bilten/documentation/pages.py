"""Which generated page lies where."""

from __future__ import annotations

from pathlib import Path

from bilten.documentation import errors, settings
from bilten.settings import PROJECT_ROOT


def pages() -> dict[str, str]:
    """Every generated page: path below the checkout → text."""
    return {
        ".env.example": settings.example(),
        "docs/reference/settings.md": settings.reference(),
        "docs/errors.md": errors.reference(),
    }


def write(root: Path = PROJECT_ROOT) -> None:
    """Write every page below a folder, where it differs from what is there."""
    for name, text in pages().items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
