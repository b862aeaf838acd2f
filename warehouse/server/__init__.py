"""ClickHouse's HTTP protocol in front of the embedded engine, as a process of its own.

``python -m warehouse.server`` starts it. The decisions are in pure modules (`statements`, `parameters`,
`formats`, `native`, `encodings`, `failures`); `engine` and `execution` talk to the engine and block, so they
run in threads; `handler` and `application` speak HTTP.
"""
