"""Column lineage of ClickHouse SQL, against answers written by hand.

An answer maps each output column to its origins, written ``table.column`` with a mark for the way: nothing
for identity, ``~`` transformation, ``+`` aggregation, ``?`` condition, ``%`` window, ``^`` sort; ``!``
after it when the value is masked. The key ``*`` holds what decides about all rows: ``=`` join, ``|`` filter,
``#`` group.
"""

from __future__ import annotations

import pytest

from lineage.columns import flow_of
from lineage.flows import Flow
from lineage.names import DatasetName
from tests.lineage.samples import NAMES

COLUMNS = {
    ("ods", "orders"): ("id", "event_id", "total", "status", "email", "tags", "items", "at"),
    ("ods", "items"): ("order_id", "quantity", "price", "at"),
    ("ods", "rates"): ("currency", "rate", "at"),
}
MARKS = {
    "IDENTITY": "",
    "TRANSFORMATION": "~",
    "AGGREGATION": "+",
    "CONDITIONAL": "?",
    "WINDOW": "%",
    "SORT": "^",
    "JOIN": "=",
    "FILTER": "|",
    "GROUP_BY": "#",
}

SHAPES: dict[str, tuple[str, dict[str, str]]] = {
    "plain": ("SELECT id, total AS amount FROM ods.orders", {"id": "orders.id", "amount": "orders.total"}),
    "star": (
        "SELECT * FROM ods.rates",
        {"currency": "rates.currency", "rate": "rates.rate", "at": "rates.at"},
    ),
    "star except": ("SELECT * EXCEPT (rate, at) FROM ods.rates", {"currency": "rates.currency"}),
    "star except, bare": (
        "SELECT * EXCEPT rate FROM ods.rates",
        {"currency": "rates.currency", "at": "rates.at"},
    ),
    "star replace": (
        "SELECT * REPLACE (rate * 2 AS rate) FROM ods.rates",
        {"currency": "rates.currency", "rate": "rates.rate~", "at": "rates.at"},
    ),
    "quoted names": ("SELECT `id` FROM `ods`.`orders`", {"id": "orders.id"}),
    "constant": ("SELECT 1 AS one, now() AS moment FROM ods.orders", {"one": "", "moment": ""}),
    "arithmetic": (
        "SELECT quantity * price AS total FROM ods.items",
        {"total": "items.price~ items.quantity~"},
    ),
    "alias used again": (
        "SELECT quantity * price AS total, total * 2 AS twice FROM ods.items",
        {"total": "items.price~ items.quantity~", "twice": "items.price~ items.quantity~"},
    ),
    "cte chain": (
        "WITH a AS (SELECT id, total FROM ods.orders), b AS (SELECT id AS key, total * 2 AS t FROM a) "
        "SELECT key, t FROM b",
        {"key": "orders.id", "t": "orders.total~"},
    ),
    "import cte with star": (
        "WITH orders AS (SELECT * FROM ods.orders), done AS (SELECT id, status FROM orders) "
        "SELECT * FROM done",
        {"id": "orders.id", "status": "orders.status"},
    ),
    "unused cte decides nothing": (
        "WITH a AS (SELECT rate FROM ods.rates WHERE rate > 1) SELECT id FROM ods.orders",
        {"id": "orders.id"},
    ),
    "subquery in from": (
        "SELECT x.id AS id FROM (SELECT id FROM ods.orders WHERE total > 0) AS x",
        {"id": "orders.id", "*": "orders.total|"},
    ),
    "aggregates": (
        "SELECT status, sum(total) AS s, count() AS n, count(email) AS e, uniqExact(email) AS u, "
        "quantile(0.5)(total) AS m FROM ods.orders GROUP BY status",
        {
            "status": "orders.status",
            "s": "orders.total+",
            "n": "",
            "e": "orders.email+!",
            "u": "orders.email+!",
            "m": "orders.total+",
            "*": "orders.status#",
        },
    ),
    "-If": (
        "SELECT sumIf(total, status = 'paid') AS paid, countIf(status = 'void') AS void FROM ods.orders",
        {"paid": "orders.status? orders.total+", "void": "orders.status?"},
    ),
    "argMax": (
        "SELECT id, argMax(status, at) AS last FROM ods.orders GROUP BY id",
        {"id": "orders.id", "last": "orders.at^ orders.status+", "*": "orders.id#"},
    ),
    "argMaxIf": (
        "SELECT argMaxIf(status, at, total > 0) AS last FROM ods.orders",
        {"last": "orders.at^ orders.status+ orders.total?"},
    ),
    "aggregate of an expression": (
        "SELECT sum(quantity * price) AS gross FROM ods.items",
        {"gross": "items.price+ items.quantity+"},
    ),
    "transformation of an aggregate": (
        "SELECT round(sum(price), 2) AS gross FROM ods.items",
        {"gross": "items.price+"},
    ),
    "aggregate through cte": (
        "WITH g AS (SELECT order_id, sum(price) AS gross FROM ods.items GROUP BY order_id) "
        "SELECT o.id, coalesce(g.gross, 0) AS gross FROM ods.orders AS o LEFT JOIN g ON o.id = g.order_id",
        {"id": "orders.id", "gross": "items.price+", "*": "items.order_id# items.order_id= orders.id="},
    ),
    "if": (
        "SELECT if(status = 'paid', total, 0) AS paid FROM ods.orders",
        {"paid": "orders.status? orders.total~"},
    ),
    "multiIf": (
        "SELECT multiIf(status = 'paid', total, tags = [], 0, toDecimal64(email, 2)) AS x FROM ods.orders",
        {"x": "orders.email~ orders.status? orders.tags? orders.total~"},
    ),
    "case": (
        "SELECT CASE WHEN status = 'a' THEN total ELSE id END AS x, CASE status WHEN 'a' THEN email END AS y "
        "FROM ods.orders",
        {"x": "orders.id~ orders.status? orders.total~", "y": "orders.email~ orders.status?"},
    ),
    "window": (
        "SELECT sum(total) OVER (PARTITION BY status ORDER BY at) AS s, row_number() OVER (ORDER BY at) AS n "
        "FROM ods.orders",
        {"s": "orders.at% orders.status% orders.total+", "n": "orders.at%"},
    ),
    "lag": (
        "SELECT lagInFrame(total) OVER (PARTITION BY status ORDER BY at) AS before FROM ods.orders",
        {"before": "orders.at% orders.status% orders.total~"},
    ),
    "join": (
        "SELECT o.id, i.price FROM ods.orders AS o INNER JOIN ods.items AS i ON o.id = i.order_id",
        {"id": "orders.id", "price": "items.price", "*": "items.order_id= orders.id="},
    ),
    "any left join": (
        "SELECT o.id, i.price FROM ods.orders AS o ANY LEFT JOIN ods.items AS i ON o.id = i.order_id",
        {"id": "orders.id", "price": "items.price", "*": "items.order_id= orders.id="},
    ),
    "asof": (
        "SELECT i.price, r.rate FROM ods.items AS i ASOF LEFT JOIN ods.rates AS r "
        "ON i.order_id = r.currency AND i.at >= r.at",
        {
            "price": "items.price",
            "rate": "rates.rate",
            "*": "items.at= items.order_id= rates.at= rates.currency=",
        },
    ),
    "using": (
        "SELECT i.price, r.rate FROM ods.items AS i LEFT JOIN ods.rates AS r USING (at)",
        {"price": "items.price", "rate": "rates.rate", "*": "items.at= rates.at="},
    ),
    "union": (
        "SELECT id, total FROM ods.orders UNION ALL SELECT order_id, price * 2 FROM ods.items",
        {"id": "items.order_id orders.id", "total": "items.price~ orders.total"},
    ),
    "union in cte": (
        "WITH u AS (SELECT id AS k FROM ods.orders UNION DISTINCT "
        "SELECT order_id FROM ods.items WHERE price > 0) "
        "SELECT k FROM u",
        {"k": "items.order_id orders.id", "*": "items.price|"},
    ),
    "array join": (
        "SELECT id, tag FROM ods.orders ARRAY JOIN tags AS tag",
        {"id": "orders.id", "tag": "orders.tags~"},
    ),
    "left array join of several": (
        "SELECT tag, upper(item) AS i FROM ods.orders LEFT ARRAY JOIN tags AS tag, items AS item",
        {"tag": "orders.tags~", "i": "orders.items~"},
    ),
    "arrayJoin": ("SELECT arrayJoin(tags) AS tag FROM ods.orders", {"tag": "orders.tags~"}),
    "lambda": (
        "SELECT arrayMap(x -> concat(x, status), tags) AS t, "
        "arrayFilter(x -> x != email, tags) AS f FROM ods.orders",
        {"t": "orders.status~ orders.tags~", "f": "orders.email? orders.tags~"},
    ),
    "scalar with": (
        "WITH total * 2 AS twice SELECT id, twice FROM ods.orders",
        {"id": "orders.id", "twice": "orders.total~"},
    ),
    "scalar with of a query": (
        "WITH (SELECT max(rate) FROM ods.rates) AS top SELECT total / top AS share FROM ods.orders",
        {"share": "orders.total~ rates.rate+"},
    ),
    "scalar with beside a table": (
        "WITH 7 AS week, o AS (SELECT id, total FROM ods.orders) SELECT id, total / week AS daily FROM o",
        {"id": "orders.id", "daily": "orders.total~"},
    ),
    "in a query": (
        "SELECT id FROM ods.orders WHERE id IN (SELECT order_id FROM ods.items WHERE price > 0)",
        {"id": "orders.id", "*": "items.order_id| items.price| orders.id|"},
    ),
    "having and order": (
        "SELECT status, max(total) AS m FROM ods.orders GROUP BY status HAVING max(at) > now() "
        "ORDER BY status LIMIT 5",
        {
            "status": "orders.status",
            "m": "orders.total+",
            "*": "orders.at| orders.status# orders.status^",
        },
    ),
    "limit by": (
        "SELECT id FROM ods.orders ORDER BY at DESC LIMIT 1 BY status",
        {"id": "orders.id", "*": "orders.at^ orders.status^"},
    ),
    "prewhere and final": (
        "SELECT id FROM ods.orders FINAL PREWHERE total > 0 WHERE status = 'a'",
        {"id": "orders.id", "*": "orders.status| orders.total|"},
    ),
    "hash": (
        "SELECT cityHash64(email) AS a, lower(hex(SHA256(email))) AS b, "
        "sipHash64(email) AS c FROM ods.orders",
        {"a": "orders.email~!", "b": "orders.email~!", "c": "orders.email~!"},
    ),
    "json": (
        "SELECT JSONExtractString(email, 'city') AS city FROM ods.orders",
        {"city": "orders.email~"},
    ),
    "cast": (
        "SELECT total::Float64 AS a, CAST(total AS String) AS b FROM ods.orders",
        {"a": "orders.total~", "b": "orders.total~"},
    ),
    "tuple element": (
        "WITH t AS (SELECT tuple(id, total) AS pair FROM ods.orders) SELECT pair.2 AS second FROM t",
        {"second": "orders.id~ orders.total~"},
    ),
    "date": (
        "SELECT toDate(toTimeZone(at, 'UTC')) AS day, toStartOfHour(at) AS hour FROM ods.orders",
        {"day": "orders.at~", "hour": "orders.at~"},
    ),
    "generated rows": (
        "SELECT toDate('2024-01-01') + number AS day FROM numbers(366)",
        {"day": ""},
    ),
    "correlated exists": (
        "SELECT id FROM ods.orders AS o WHERE EXISTS (SELECT 1 FROM ods.items AS i WHERE i.order_id = o.id)",
        {"id": "orders.id", "*": "items.order_id| orders.id|"},
    ),
    "filter clause": (
        "SELECT sum(total) FILTER (WHERE status = 'a') AS s FROM ods.orders",
        {"s": "orders.status? orders.total+"},
    ),
    "distinct": ("SELECT DISTINCT status FROM ods.orders", {"status": "orders.status"}),
    "settings at the end": ("SELECT id FROM ods.orders SETTINGS max_threads = 1", {"id": "orders.id"}),
    "nested functions of two tables": (
        "SELECT greatest(o.total, i.price) AS top FROM ods.orders AS o CROSS JOIN ods.items AS i",
        {"top": "items.price~ orders.total~"},
    ),
}

UNRESOLVED: dict[str, tuple[str, str, str]] = {
    "dictionary": (
        "SELECT dictGet('cities', 'name', id) AS city FROM ods.orders",
        "city",
        "dictionary cities",
    ),
    "unknown table": ("SELECT u.name AS name FROM ods.unknown AS u", "name", "not known"),
    "unknown column": ("SELECT o.nothing AS x FROM ods.orders AS o", "x", "no column nothing"),
    "table function": (
        "SELECT p.c AS c FROM postgresql('h', 'd', 't', 'u', 'p') AS p",
        "c",
        "table function",
    ),
    "ambiguous": ("SELECT nobody AS x FROM ods.orders, ods.items", "x", "several tables or to none"),
    "not SQL": ("SELECT FROM WHERE (", "x", "cannot be analysed"),
    "two limits": ("SELECT id AS x FROM ods.orders LIMIT 1 BY id LIMIT 5", "x", "cannot be analysed"),
}


def written(flow: Flow) -> dict[str, str]:
    def one(column: tuple[object, ...]) -> str:
        return " ".join(
            sorted(
                f"{o.dataset.name.removeprefix('ods.')}.{o.field}{MARKS[o.subtype]}{'!' * o.masking}"  # type: ignore[attr-defined]
                for o in column
            )
        )

    answer = {column: one(origins) for column, origins in flow.fields.items()}
    return answer | ({"*": one(flow.everything)} if flow.everything else {})


def name(database: str, table: str) -> DatasetName:
    return NAMES.warehouse(database, table)


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    sql, answer = SHAPES[shape]
    flow = flow_of(sql, COLUMNS, name)
    assert written(flow) == answer
    assert flow.unresolved == ()
    assert flow.resolved == len(flow.fields)


@pytest.mark.parametrize("shape", UNRESOLVED)
def test_what_cannot_be_resolved_is_told_with_its_reason(shape: str) -> None:
    sql, column, reason = UNRESOLVED[shape]
    flow = flow_of(sql, COLUMNS, name, declared=[column])
    assert column in flow.fields
    assert [each.column for each in flow.unresolved] == [column]
    assert reason in flow.unresolved[0].reason
    assert flow.resolved == 0


def test_a_column_with_an_unresolved_part_keeps_the_part_that_is_known() -> None:
    flow = flow_of("SELECT concat(email, dictGet('c', 'n', id)) AS x FROM ods.orders", COLUMNS, name)
    assert written(flow) == {"x": "orders.email~ orders.id~"}
    assert [each.column for each in flow.unresolved] == ["x"]


def test_a_declared_column_that_the_query_lacks_is_unresolved() -> None:
    flow = flow_of("SELECT id FROM ods.orders", COLUMNS, name, declared=["id", "total"])
    assert flow.fields["total"] == ()
    assert [(each.column, each.reason) for each in flow.unresolved] == [
        ("total", "The query has no such column.")
    ]


def test_an_unresolved_column_is_told_wherever_it_is_used_again() -> None:
    sql = "WITH a AS (SELECT dictGet('c', 'n', id) AS x FROM ods.orders) SELECT x, upper(x) AS y FROM a"
    assert sorted(each.column for each in flow_of(sql, COLUMNS, name).unresolved) == ["x", "y"]


def test_a_star_over_an_unknown_table_is_told_and_declared_columns_stay() -> None:
    flow = flow_of("SELECT * FROM ods.unknown", COLUMNS, name, declared=["x"])
    assert flow.fields == {"x": ()}
    assert {each.column for each in flow.unresolved} == {"", "x"}


def test_one_unknown_column_leaves_the_others_resolved() -> None:
    flow = flow_of("SELECT o.id AS id, o.nothing AS x FROM ods.orders AS o", COLUMNS, name)
    assert written(flow) == {"id": "orders.id", "x": "orders.nothing"}
    assert flow.resolved == 1
