"""``python -m bilten.cli``: how supervised processes call the command line, whatever the search path."""

from bilten.cli import main

main()
