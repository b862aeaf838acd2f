"""The figures of the marts, once more, computed in PostgreSQL by SQL of its own."""

from __future__ import annotations

SALES_BY_DAY = """
WITH rates AS (
    SELECT base_currency AS currency, valid_on, rate
    FROM financial.exchange_rates WHERE quote_currency = 'EUR' AND base_currency <> 'EUR'
    UNION ALL SELECT 'EUR', DATE '1900-01-01', 1
), refunded AS (
    SELECT order_id, sum(amount) AS amount FROM payments.refunds WHERE status = 'completed' GROUP BY order_id
), bought AS (
    SELECT order_id, sum(quantity) AS tickets FROM tickets.order_items GROUP BY order_id
), sales AS (
    SELECT
        (orders.placed_at AT TIME ZONE 'UTC')::date AS sales_on,
        orders.*,
        coalesce(bought.tickets, 0) AS tickets,
        coalesce(refunded.amount, 0) AS refunded,
        (
            SELECT rate FROM rates
            WHERE rates.currency = orders.currency
              AND rates.valid_on <= (orders.placed_at AT TIME ZONE 'UTC')::date
            ORDER BY valid_on DESC LIMIT 1
        ) AS rate
    FROM tickets.orders
    LEFT JOIN bought ON bought.order_id = orders.id
    LEFT JOIN refunded ON refunded.order_id = orders.id
    WHERE orders.status IN ('confirmed', 'partially_refunded', 'refunded')
)
SELECT
    sales_on, currency, count(*), sum(tickets)::bigint,
    sum(subtotal), sum(discount), sum(subtotal - discount), sum(tax), sum(fee), sum(total),
    sum(refunded), sum(total - refunded),
    coalesce(sum(round(total * rate, 2)), 0), coalesce(sum(round(tax * rate, 2)), 0)
FROM sales GROUP BY sales_on, currency ORDER BY sales_on, currency
"""

MART_SALES_BY_DAY = """
SELECT
    sales_on, currency, orders, tickets,
    gross_amount, discount_amount, sales_amount, tax_amount, fee_amount, total_amount,
    refunded_amount, net_amount, total_amount_eur, tax_amount_eur
FROM marts.sales_by_day ORDER BY sales_on, currency
"""

TICKETS = "SELECT status::text, count(*) FROM tickets.tickets GROUP BY 1 ORDER BY 1"
MART_TICKETS = "SELECT status, count() FROM marts.tickets GROUP BY status ORDER BY status"

PAYMENTS = """
SELECT status::text, currency, count(*), sum(amount) FROM payments.payments
GROUP BY 1, 2 ORDER BY 1, 2
"""
MART_PAYMENTS = """
SELECT status, currency, count(), sum(amount) FROM marts.payments
GROUP BY status, currency ORDER BY status, currency
"""

REFUNDS = """
SELECT status::text, currency, count(*), sum(amount) FROM payments.refunds
GROUP BY 1, 2 ORDER BY 1, 2
"""
MART_REFUNDS = """
SELECT status, currency, count(), sum(amount) FROM marts.refunds
GROUP BY status, currency ORDER BY status, currency
"""

PAIRS = {
    "sales_by_day": (SALES_BY_DAY, MART_SALES_BY_DAY),
    "tickets": (TICKETS, MART_TICKETS),
    "payments": (PAYMENTS, MART_PAYMENTS),
    "refunds": (REFUNDS, MART_REFUNDS),
}
