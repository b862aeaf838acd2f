"""The payment provider's file of a day: what PostgreSQL says was paid and given back."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bilten.settings import Settings
from operational.database import connect
from operational.settlements import missing_days, write_settlements

pytestmark = pytest.mark.postgresql


def test_the_file_of_a_day_has_its_payments_and_refunds(postgresql: Settings, tmp_path: Path) -> None:
    settings = postgresql.model_copy(update={"files_url": f"file://{tmp_path}"})
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT date(completed_at) AS day FROM payments.refunds WHERE status = 'completed' "
            "GROUP BY day ORDER BY count(*) DESC, day LIMIT 1"
        ).fetchone()
        assert row is not None
        (day,) = row
        paid, refunded = (
            connection.execute(query, {"day": day}).fetchall()
            for query in (
                "SELECT provider_intent, amount, fee FROM payments.payments "
                "WHERE status IN ('completed', 'refunded') AND date(completed_at) = %(day)s",
                "SELECT provider_intent, -refund.amount, 0 FROM payments.refunds AS refund "
                "JOIN payments.payments AS payment ON payment.id = payment_id "
                "WHERE refund.status = 'completed' AND date(refund.completed_at) = %(day)s",
            )
        )
    place = Path(write_settlements(settings, day))
    assert place == tmp_path / "financial" / "settlements" / f"settlements-{day}.csv"
    with place.open(newline="") as file:
        lines = list(csv.DictReader(file))
    found = {
        kind: sorted(
            (line["provider_intent"], Decimal(line["gross"]), Decimal(line["fee"]))
            for line in lines
            if line["kind"] == kind
        )
        for kind in ("payment", "refund")
    }
    assert found == {"payment": sorted(paid), "refund": sorted(refunded)}
    assert refunded
    assert {line["settled_on"] for line in lines} == {day.isoformat()}
    assert all(Decimal(line["net"]) == Decimal(line["gross"]) - Decimal(line["fee"]) for line in lines)
    before = [day - timedelta(days=2), day - timedelta(days=1)]
    assert missing_days(settings, day + timedelta(days=1)) == before
    assert [path.name for path in place.parent.iterdir()] == [place.name], "nothing half written is left"
