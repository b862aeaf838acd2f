"""Lineage: where every dataset, column and figure came from.

Names (``names``), events (``events``), column lineage (``columns``), a durable outbox (``outbox``,
``emitter``, ``delivery``), the store in the warehouse (``store``), the graph (``graph``) and the service
(``server``). Builders take frozen values and know no other package: whoever ran something describes it to
them.
"""
