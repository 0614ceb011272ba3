"""The data team's views: their columns are a contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.domain.stock import Availability
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import NOW, release, variant

Ask = Callable[..., list[dict[str, Any]]]


def test_order_status_says_where_every_unit_is(store: PostgresStore, ask: Ask) -> None:
    release(store, units=25)

    (row,) = ask("SELECT * FROM order_status WHERE site = %(site)s")

    units = (
        "ordered",
        "held",
        "released",
        "backordered",
        "cancelled",
        "outstanding",
        "shipped",
        "short",
        "over_shipped",
    )
    assert [row[name] for name in units] == [40, 0, 25, 15, 0, 25, 0, 0, 0]
    assert (row["name"], row["state"], row["reason"]) == ("#1042", "in_warehouse", "awaiting_stock")
    assert "ship_to" not in row


def test_the_other_views_answer(store: PostgresStore, ask: Ask) -> None:
    post = FulfilmentPost("cart:1", "S1", "DPD", "WH", ("T1",), (), (("1", 12),))
    with store.transaction() as rows:
        rows.stock.record_variants([variant("MUG", 9)], NOW)
        rows.stock.want({"MUG": Availability("MUG", "MUG", 50, 45, 0, 1, 5)}, NOW)
        rows.log.reconcile_tickets("stock", [ExceptionTicket("variant_unmapped", "MUG")], NOW)
        rows.outbox.put("fulfilment", [(post.key, post.order_id, post.to_json())], NOW)

    (stock,) = ask("SELECT shown, wanted, figure_base, demand_base FROM stock_availability WHERE site = %(site)s")
    assert stock == {"shown": 9, "wanted": 5, "figure_base": 50, "demand_base": 45}
    assert ask("SELECT code, subject FROM open_exception WHERE site = %(site)s") == [
        {"code": "variant_unmapped", "subject": "MUG"}
    ]
    assert ask("SELECT shipment_id, carrier, tracking_numbers, state FROM shipment_post WHERE site = %(site)s") == [
        {"shipment_id": "S1", "carrier": "DPD", "tracking_numbers": ["T1"], "state": "queued"}
    ]
