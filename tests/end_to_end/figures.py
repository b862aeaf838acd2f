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

SALES_BY_CHANNEL = """
SELECT
    (placed_at AT TIME ZONE 'UTC')::date, channel::text, currency, count(*), sum(subtotal), sum(total)
FROM tickets.orders WHERE status IN ('confirmed', 'partially_refunded', 'refunded')
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
MART_SALES_BY_CHANNEL = """
SELECT sales_on, channel, currency, orders, gross_amount, total_amount
FROM marts.sales_by_channel ORDER BY sales_on, toString(channel), currency
"""

FUNNEL = """
WITH looks AS (
    SELECT (viewed_at AT TIME ZONE time_zone)::date AS day, count(*) AS views
    FROM events.page_views JOIN events.events ON events.id = event_id GROUP BY 1
), carts AS (
    SELECT
        (carts.created_at AT TIME ZONE time_zone)::date AS day, count(*) AS opened,
        count(orders.id) AS converted,
        count(*) FILTER (WHERE orders.status IN ('confirmed', 'partially_refunded', 'refunded')) AS paid
    FROM events.carts JOIN events.events ON events.id = carts.event_id
    LEFT JOIN tickets.orders ON orders.id = converted_order_id GROUP BY 1
), orders AS (
    SELECT
        (placed_at AT TIME ZONE time_zone)::date AS day, count(*) AS placed,
        count(*) FILTER (WHERE orders.status IN ('confirmed', 'partially_refunded', 'refunded')) AS paid
    FROM tickets.orders JOIN events.events ON events.id = event_id GROUP BY 1
)
SELECT
    day, coalesce(views, 0), coalesce(opened, 0), coalesce(converted, 0), coalesce(carts.paid, 0),
    coalesce(placed, 0), coalesce(orders.paid, 0)
FROM looks FULL JOIN carts USING (day) FULL JOIN orders USING (day)
WHERE day >= (SELECT min(day) FROM looks) ORDER BY day
"""
MART_FUNNEL = """
SELECT
    funnel_on_local AS day, sum(page_views), sum(carts), sum(carts_converted), sum(carts_paid), sum(orders),
    sum(orders_paid)
FROM marts.funnel_by_day GROUP BY day ORDER BY day
"""

COHORTS = """
WITH sales AS (
    SELECT buyer_id, date_trunc('month', placed_at AT TIME ZONE 'UTC')::date AS month FROM tickets.orders
    WHERE status IN ('confirmed', 'partially_refunded', 'refunded') AND buyer_id IS NOT NULL
), cohorts AS (
    SELECT buyer_id, min(month) AS cohort FROM sales GROUP BY buyer_id
)
SELECT cohort, month, count(DISTINCT buyer_id), count(*)
FROM sales JOIN cohorts USING (buyer_id) GROUP BY 1, 2 ORDER BY 1, 2
"""
MART_COHORTS = """
SELECT cohort_month, month, active_customers, orders FROM marts.customer_cohorts
WHERE orders > 0 ORDER BY cohort_month, month
"""

PAYOUTS_DUE = """
WITH sales AS (
    SELECT
        organizer_id, event_id, orders.currency,
        date_trunc('month', confirmed_at AT TIME ZONE 'UTC')::date AS month,
        sum(subtotal - discount) AS sales
    FROM tickets.orders JOIN events.events ON events.id = event_id
    WHERE orders.status IN ('confirmed', 'partially_refunded', 'refunded') AND confirmed_at IS NOT NULL
    GROUP BY 1, 2, 3, 4
), given_back AS (
    SELECT
        orders.event_id, orders.currency, orders.subtotal - orders.discount AS net, orders.total,
        date_trunc('month', completed_at AT TIME ZONE 'UTC')::date AS month, refunds.amount,
        sum(refunds.amount) OVER (PARTITION BY order_id ORDER BY refunds.id::text) AS so_far
    FROM payments.refunds JOIN tickets.orders ON orders.id = order_id WHERE refunds.status = 'completed'
), borne AS (
    SELECT
        organizer_id, given_back.currency, month,
        sum(trunc(net * so_far / total, 2) - trunc(net * (so_far - amount) / total, 2)) AS refunds
    FROM given_back JOIN events.events ON events.id = event_id GROUP BY 1, 2, 3
), due AS (
    SELECT
        organizer_id, currency, month, sum(sales) AS sales,
        sum(round(sales * commission_rate, 2)) AS commission
    FROM sales JOIN users.organizers ON organizers.id = organizer_id GROUP BY 1, 2, 3
)
SELECT
    organizer_id::text, month, currency, coalesce(sales, 0), coalesce(refunds, 0), coalesce(commission, 0),
    coalesce((
        SELECT sum(amount) FROM financial.payouts
        WHERE payouts.organizer_id = coalesce(due.organizer_id, borne.organizer_id)
          AND payouts.currency = coalesce(due.currency, borne.currency)
          AND period_start = coalesce(due.month, borne.month) AND status = 'paid'
    ), 0)
FROM due FULL JOIN borne USING (organizer_id, currency, month) ORDER BY 1, 2, 3
"""
MART_PAYOUTS_DUE = """
SELECT
    toString(organizer_id) AS organizer, period_start, currency, sales_amount, refunded_amount,
    commission_amount, paid_out_amount
FROM marts.payouts_due ORDER BY organizer, period_start, currency
"""

DOORS = """
SELECT
    date_trunc('minute', checked_in_at), gate, count(*)
FROM tickets.check_ins GROUP BY 1, 2 ORDER BY 1, 2
"""
MART_DOORS = """
SELECT minute_at AS minute, gate, sum(admitted) FROM marts.door_flow
GROUP BY minute, gate ORDER BY minute, gate
"""

PAIRS = {
    "sales_by_day": (SALES_BY_DAY, MART_SALES_BY_DAY),
    "tickets": (TICKETS, MART_TICKETS),
    "payments": (PAYMENTS, MART_PAYMENTS),
    "refunds": (REFUNDS, MART_REFUNDS),
    "sales_by_channel": (SALES_BY_CHANNEL, MART_SALES_BY_CHANNEL),
    "funnel_by_day": (FUNNEL, MART_FUNNEL),
    "customer_cohorts": (COHORTS, MART_COHORTS),
    "payouts_due": (PAYOUTS_DUE, MART_PAYOUTS_DUE),
    "door_flow": (DOORS, MART_DOORS),
}
