"""The real loader, which waits for an answer of the warehouse for so many seconds only, not for minutes.

``python -m faults.impatient_loader SECONDS``
"""

from __future__ import annotations

import sys

from bilten import cli
from warehouse import client

if __name__ == "__main__":
    client.ANSWER_SECONDS = int(sys.argv[1])  # type: ignore[misc]
    sys.argv[1:] = ["load"]
    cli.main()
