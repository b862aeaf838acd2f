"""Advice on slow and heavy queries: what the engine says it does for them, what could help, what it gains.

`plans` reads the engine's plan, `candidates` says what might help (both pure), `stand_ins` finds the tables
behind a query, `trial` measures on clones. Nothing is advised that was not measured.
"""
