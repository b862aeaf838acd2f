"""Rules of the business that no plain constraint can hold, and the clock of ``updated_at``.

Revision: 0003, after 0002.

SQLSTATEs of class TK are ours; `operational.rules` translates them and the constraints' names. Every rule
that looks at other rows locks the one row that all contenders share, so that it also holds when they act
at the same time under READ COMMITTED.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "events.events": (
        "draft>published",
        "draft>cancelled",
        "published>live",
        "published>cancelled",
        "live>completed",
        "live>cancelled",
    ),
    "events.carts": (
        "active>abandoned",
        "active>converted",
        "active>expired",
        "abandoned>active",
        "abandoned>converted",
        "abandoned>expired",
    ),
    "tickets.orders": (
        "pending>confirmed",
        "pending>cancelled",
        "confirmed>cancelled",
        "confirmed>refunded",
        "confirmed>partially_refunded",
        "partially_refunded>refunded",
    ),
    "tickets.tickets": (
        "available>reserved",
        "available>sold",
        "reserved>available",
        "reserved>sold",
        "reserved>cancelled",
        "sold>cancelled",
        "sold>refunded",
    ),
    "tickets.ticket_transfers": (
        "pending>accepted",
        "pending>declined",
        "pending>cancelled",
        "pending>expired",
    ),
    "tickets.refund_requests": (
        "none>requested",
        "requested>approved",
        "requested>denied",
        "approved>processed",
    ),
    "payments.payments": (
        "pending>processing",
        "pending>completed",
        "pending>failed",
        "processing>completed",
        "processing>failed",
        "completed>refunded",
    ),
    "payments.refunds": (
        "pending>processing",
        "pending>completed",
        "pending>failed",
        "processing>completed",
        "processing>failed",
    ),
    "payments.disputes": (
        "open>under_review",
        "open>won",
        "open>lost",
        "under_review>won",
        "under_review>lost",
    ),
    "financial.payouts": (
        "pending>processing",
        "processing>paid",
        "processing>failed",
        "failed>processing",
    ),
}

TOUCH = """
CREATE FUNCTION system.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := greatest(now(), OLD.updated_at);
    END IF;
    RETURN NEW;
END $$
"""

GUARD_STATUS = """
CREATE FUNCTION system.guard_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status || '>' || NEW.status) = ANY (TG_ARGV) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'TK001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            MESSAGE = format('%I.%I %s cannot go from %s to %s',
                             TG_TABLE_SCHEMA, TG_TABLE_NAME, NEW.id, OLD.status, NEW.status);
    END IF;
    RETURN NEW;
END $$
"""

# A window is checked against what others committed, so it needs a lock that later writers wait for. FOR NO
# KEY UPDATE, because foreign keys hold FOR KEY SHARE on the same row and would deadlock with FOR UPDATE.
# REPEATABLE READ would not see what the other one committed while we waited: refused. SERIALIZABLE does.
PRICING_TIERS = """
CREATE FUNCTION tickets.guard_pricing_tiers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    other uuid;
BEGIN
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION 'pricing tiers cannot be written under REPEATABLE READ'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    PERFORM 1 FROM tickets.ticket_types WHERE id = NEW.ticket_type_id FOR NO KEY UPDATE;
    SELECT id INTO other FROM tickets.pricing_tiers
    WHERE ticket_type_id = NEW.ticket_type_id AND kind = NEW.kind AND id <> NEW.id
      AND tstzrange(valid_from, valid_until) && tstzrange(NEW.valid_from, NEW.valid_until)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'TK002', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            MESSAGE = format('%s tier %s would hold at the same time as tier %s', NEW.kind, NEW.id, other);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER pricing_tiers_do_not_overlap
    AFTER INSERT OR UPDATE OF ticket_type_id, kind, valid_from, valid_until ON tickets.pricing_tiers
    FOR EACH ROW EXECUTE FUNCTION tickets.guard_pricing_tiers();
"""

# Once per statement, not per ticket: an order of eight tickets updates its ticket type once. The CHECK
# sold <= capacity then decides, under the row's own lock. The rows are locked in the order of their keys,
# so that two orders of the same types never wait for each other.
SOLD = """
CREATE FUNCTION tickets.count_sold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        FOR change IN
            SELECT ticket_type_id, count(*)::int AS delta FROM new_rows
            WHERE status IN ('reserved', 'sold') GROUP BY 1 ORDER BY 1
        LOOP
            UPDATE tickets.ticket_types SET sold = sold + change.delta WHERE id = change.ticket_type_id;
        END LOOP;
    ELSIF TG_OP = 'DELETE' THEN
        FOR change IN
            SELECT ticket_type_id, count(*)::int AS delta FROM old_rows
            WHERE status IN ('reserved', 'sold') GROUP BY 1 ORDER BY 1
        LOOP
            UPDATE tickets.ticket_types SET sold = sold - change.delta WHERE id = change.ticket_type_id;
        END LOOP;
    ELSE
        FOR change IN
            SELECT ticket_type_id, sum(delta)::int AS delta FROM (
                SELECT ticket_type_id, 1 AS delta FROM new_rows WHERE status IN ('reserved', 'sold')
                UNION ALL
                SELECT ticket_type_id, -1 FROM old_rows WHERE status IN ('reserved', 'sold')
            ) AS moves GROUP BY 1 HAVING sum(delta) <> 0 ORDER BY 1
        LOOP
            UPDATE tickets.ticket_types SET sold = sold + change.delta WHERE id = change.ticket_type_id;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tickets_count_inserted AFTER INSERT ON tickets.tickets
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tickets.count_sold();
CREATE TRIGGER tickets_count_updated AFTER UPDATE ON tickets.tickets
    REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION tickets.count_sold();
CREATE TRIGGER tickets_count_deleted AFTER DELETE ON tickets.tickets
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tickets.count_sold();
"""

ORDERS = """
CREATE FUNCTION tickets.guard_new_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state events.event_status;
    code tickets.discount_codes;
BEGIN
    SELECT status INTO state FROM events.events WHERE id = NEW.event_id;
    IF state NOT IN ('published', 'live') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'TK003', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            MESSAGE = format('event %s is %s, so nothing can be ordered', NEW.event_id, state);
    END IF;
    IF NEW.discount_code_id IS NOT NULL THEN
        UPDATE tickets.discount_codes SET uses = uses + 1 WHERE id = NEW.discount_code_id
        RETURNING * INTO code;
        IF NOT code.is_active OR NEW.placed_at < code.valid_from OR NEW.placed_at >= code.valid_until THEN
            RAISE EXCEPTION USING
                ERRCODE = 'TK004', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
                MESSAGE = format('discount code %s is not valid now', code.id);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_are_on_sale BEFORE INSERT ON tickets.orders
    FOR EACH ROW EXECUTE FUNCTION tickets.guard_new_order();
"""

REFUNDS = """
CREATE FUNCTION payments.guard_new_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid payments.payments;
BEGIN
    SELECT * INTO paid FROM payments.payments WHERE id = NEW.payment_id;
    IF paid.id IS NOT NULL AND (
        paid.status NOT IN ('completed', 'refunded') OR paid.currency <> NEW.currency
        OR paid.order_id <> NEW.order_id
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'TK005', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            MESSAGE = format('payment %s (%s, %s) cannot be refunded in %s',
                             paid.id, paid.status, paid.currency, NEW.currency);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_are_possible BEFORE INSERT OR UPDATE OF payment_id, order_id, currency
    ON payments.refunds FOR EACH ROW EXECUTE FUNCTION payments.guard_new_refund();

CREATE FUNCTION payments.count_refunded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') AND OLD.status <> 'failed' THEN
        UPDATE payments.payments SET refunded_amount = refunded_amount - OLD.amount WHERE id = OLD.payment_id;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') AND NEW.status <> 'failed' THEN
        UPDATE payments.payments SET refunded_amount = refunded_amount + NEW.amount WHERE id = NEW.payment_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refunds_count_written AFTER INSERT OR DELETE ON payments.refunds
    FOR EACH ROW EXECUTE FUNCTION payments.count_refunded();
CREATE TRIGGER refunds_count_changed AFTER UPDATE ON payments.refunds
    FOR EACH ROW WHEN (
        OLD.amount <> NEW.amount OR OLD.payment_id <> NEW.payment_id
        OR (OLD.status = 'failed') <> (NEW.status = 'failed')
    ) EXECUTE FUNCTION payments.count_refunded();
"""

ADMISSION = """
CREATE FUNCTION tickets.guard_check_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state tickets.ticket_status;
BEGIN
    SELECT status INTO state FROM tickets.tickets WHERE id = NEW.ticket_id FOR SHARE;
    IF state <> 'sold' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'TK006', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            MESSAGE = format('ticket %s is %s and does not admit', NEW.ticket_id, state);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_ins_are_admitted BEFORE INSERT ON tickets.check_ins
    FOR EACH ROW EXECUTE FUNCTION tickets.guard_check_in();

CREATE FUNCTION tickets.guard_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state tickets.ticket_status;
    allowed boolean;
BEGIN
    SELECT t.status, coalesce(c.transferable, true) INTO state, allowed
    FROM tickets.tickets AS t
    LEFT JOIN tickets.ticket_configurations AS c ON c.ticket_type_id = t.ticket_type_id
    WHERE t.id = NEW.ticket_id FOR SHARE OF t;
    IF state <> 'sold' OR NOT allowed THEN
        RAISE EXCEPTION USING
            ERRCODE = 'TK007', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            MESSAGE = format('ticket %s (%s) cannot be passed on', NEW.ticket_id, state);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ticket_transfers_are_allowed BEFORE INSERT ON tickets.ticket_transfers
    FOR EACH ROW EXECUTE FUNCTION tickets.guard_transfer();
"""

# Bounded text stays in the row: it then is in every change event, also of an update that did not touch it.
# The largest table's bounded columns sum up to 4 kB in UTF-8, well within a page.
STORAGE = """
DO $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT c.oid::regclass AS name, string_agg(format('ALTER COLUMN %I SET STORAGE PLAIN', attname), ', ')
            AS changes
        FROM pg_attribute
        JOIN pg_class AS c ON c.oid = attrelid
        JOIN pg_namespace AS n ON n.oid = relnamespace
        WHERE relkind = 'r' AND atttypid IN ('varchar'::regtype, 'bpchar'::regtype)
          AND NOT attisdropped AND attnum > 0
          AND nspname IN ('users', 'authentication', 'events', 'tickets', 'payments', 'financial', 'branding',
                          'system')
        GROUP BY c.oid
    LOOP
        EXECUTE format('ALTER TABLE %s %s', place.name, place.changes);
    END LOOP;
END $$
"""

TOUCH_ALL = """
DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN
        SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
        WHERE relkind = 'r' AND nspname IN ('users', 'authentication', 'events', 'tickets', 'payments',
                                            'financial', 'branding', 'system')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER touch BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION system.touch()', place);
    END LOOP;
END $$
"""

# Rows of these tables change often, in columns without an index: room in the page keeps updates in it.
ROOM = {"tickets.ticket_types": 50, "tickets.orders": 90, "payments.payments": 90, "events.carts": 80}


def upgrade() -> None:
    op.execute(TOUCH)
    op.execute(TOUCH_ALL)
    op.execute(GUARD_STATUS)
    for table, allowed in TRANSITIONS.items():
        name = table.rpartition(".")[2]
        arguments = ", ".join(f"'{pair}'" for pair in allowed)
        op.execute(
            f"CREATE TRIGGER {name}_status BEFORE UPDATE OF status ON {table} FOR EACH ROW "
            "WHEN (OLD.status IS DISTINCT FROM NEW.status) "
            f"EXECUTE FUNCTION system.guard_status({arguments})"
        )
    for rule in (PRICING_TIERS, SOLD, ORDERS, REFUNDS, ADMISSION, STORAGE):
        op.execute(rule)
    for table, percentage in ROOM.items():
        op.execute(f"ALTER TABLE {table} SET (fillfactor = {percentage})")


def downgrade() -> None:
    for table in ROOM:
        op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
    for function in (
        "system.touch",
        "system.guard_status",
        "tickets.guard_pricing_tiers",
        "tickets.count_sold",
        "tickets.guard_new_order",
        "tickets.guard_check_in",
        "tickets.guard_transfer",
        "payments.guard_new_refund",
        "payments.count_refunded",
    ):
        op.execute(f"DROP FUNCTION {function}() CASCADE")
