"""Orders, decisions and shipments for the store's tests, and the short way to bring an order into a state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from include.fulfilment.domain.order import Address, PaymentMethod, PaymentState, SalesLine, SalesOrder, Variant
from include.fulfilment.domain.quantity import LineQuantities, Proof
from include.fulfilment.domain.release import OrderDecision, Outcome
from include.fulfilment.domain.release_case import RuleResult
from include.fulfilment.domain.shipment import Parcel, Shipment, ShipmentLine
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.ports import StockLevel, StockSnapshot
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store_port import LineUpdate, OrderUpdate, Proven, TakenOrder

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CODE = "main"


def line(line_id: str = "1", sku: str = "MUG", quantity: int = 40, **changes: Any) -> SalesLine:
    return replace(SalesLine(line_id, sku, f"Title of {sku}", quantity, Decimal("2.50"), 0), **changes)


def order(number: int = 1042, *lines: SalesLine, **changes: Any) -> SalesOrder:
    """Order #number, on account, of one line of 40 MUG unless told otherwise."""
    made = SalesOrder(
        order_id=f"cart:{number}",
        platform_id=f"gid://shopify/Order/{number}",
        name=f"#{number}",
        is_draft=False,
        is_b2b=True,
        placed_at=NOW + number * timedelta(seconds=1),
        updated_at=NOW,
        payment_method=PaymentMethod.ACCOUNT,
        payment_state=PaymentState.PENDING,
        payment_word="paymentOnAccount",
        currency="GBP",
        total_gross=Decimal("120.00"),
        shipping_net=Decimal("0"),
        account_id="account-1",
        account_name="Nook & Cranny Ltd",
        po_number="PO-1",
        po_required=False,
        instructions="Ring twice",
        requested_on=None,
        shipping_method="Standard",
        ship_to=Address(name="A Buyer", address1="1 Mill Lane", city="Leeds", country_code="GB"),
        cancelled_at=None,
        held_in_shop=False,
        fulfilled_in_shop=False,
        lines=lines or (line(),),
    )
    return replace(made, **changes)


def proof(quantity: int, units: int = 1, base_sku: str = "MUG") -> Proof:
    return Proof(quantity, "EA" if units == 1 else "CASE", units, base_sku, "packs.csv row 2", "v1")


def decision(order_id: str, outcome: Outcome = Outcome.RELEASE, code: str = "") -> OrderDecision:
    return OrderDecision(order_id, outcome, code, (RuleResult("credit", not code, {"after": "120.00"}, code),))


def warehouse_order(number: int, units: int, part: int = 1, revision: int = 1, line_id: str = "1") -> WarehouseOrder:
    return WarehouseOrder(
        external_ref=f"B2B{number}" + (f"-{part}" if part > 1 else ""),
        order_id=f"cart:{number}",
        order_name=f"#{number}",
        revision=revision,
        part=part,
        po_number="PO-1",
        instructions="Ring twice",
        requested_on=NOW.date(),
        shipping_service="std",
        ship_to=Address(name="A Buyer"),
        lines=(WarehouseOrderLine(line_id, "MUG", units, "Mug", "40 × EA = 40 EA"),),
    )


def update(number: int, quantities: LineQuantities, state: str, reason: str = "", **changes: Any) -> OrderUpdate:
    """What a decision makes of line 1 of order #number."""
    proven = Proven(proof(quantities.ordered)) if quantities.ordered else Proven(None, "pack_unknown")
    lines = (LineUpdate("1", quantities, proven),)
    return replace(OrderUpdate(f"cart:{number}", lines, state, reason, ""), **changes)


def record(store: PostgresStore, *orders: SalesOrder, now: datetime = NOW) -> dict[str, int]:
    with store.transaction() as rows:
        return rows.orders.record(orders, now)


def save(store: PostgresStore, *updates: OrderUpdate, now: datetime = NOW) -> None:
    with store.transaction() as rows:
        rows.orders.save(updates, "policy-1", now)


def release(
    store: PostgresStore, number: int = 1042, units: int = 40, ordered: int = 40, acknowledged: bool = True
) -> None:
    """Record an order of `ordered` units and release `units` of them to the warehouse."""
    record(store, order(number, line(quantity=ordered)))
    quantities = LineQuantities.placed(ordered).allocate(units)
    state = update(number, quantities, "in_warehouse", "awaiting_stock" if ordered > units else "")
    save(store, replace(state, warehouse_orders={CODE: warehouse_order(number, units)}))
    if acknowledged:
        with store.transaction() as rows:
            rows.orders.acknowledge(CODE, [TakenOrder(f"B2B{number}", f"W{number}")], NOW)


def shipment(
    shipment_id: str = "S1", number: int = 1042, units: int = 12, dispatched_at: datetime | None = NOW, **changes: Any
) -> Shipment:
    """A shipment of `units` of line 1 of order #number in one parcel."""
    lines = (ShipmentLine(f"B2B{number}", "1", "MUG", units),)
    parcel = Parcel(f"{shipment_id}-P1", "DPD", f"{shipment_id}-T1", "https://track.example/1", lines)
    return replace(Shipment(shipment_id, "WH", dispatched_at, None, False, lines, (parcel,)), **changes)


def snapshot(as_of: datetime = NOW, **on_hand: int) -> StockSnapshot:
    return StockSnapshot(as_of, tuple(StockLevel(sku, "A1", units) for sku, units in on_hand.items()))


def variant(sku: str = "MUG", available: int | None = 0, item: str = "", **changes: Any) -> Variant:
    made = Variant(f"v-{sku}", item or f"i-{sku}", "loc-1", sku, f"Title of {sku}", None, available)
    return replace(made, **changes)
