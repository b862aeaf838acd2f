"""``python -m benchmarks [NAME]``: measure everything, or one benchmark."""

from __future__ import annotations

import sys

from rich.console import Console

from benchmarks.harness import measure_all
from bilten.settings import load_settings

if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else ""
    met = measure_all(chosen, load_settings().home / "bench.json", Console(highlight=False))
    sys.exit(0 if met else 1)
