"""Checks a run against what the shop and the warehouse themselves hold. Shares no code with the services.

What was ordered comes from the loaded orders, what happened from both systems; the store's word is checked, not used.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.floor import HeldOrder, Staff
from demo.ledger_store import Row, StoreLedger
from demo.orders_types import LoadedOrders, LoadOrder

Units = dict[str, int]  # base units by base SKU


@dataclass
class Evidence:
    """Both systems and the store, read once at the end of a run."""

    loaded: LoadedOrders
    shop: Mapping[str, Any]
    staff: Staff
    ledger: StoreLedger
    held: list[HeldOrder] = field(init=False)
    stock: Units = field(init=False)
    orders: dict[str, Row] = field(init=False)
    lines: dict[str, list[Row]] = field(init=False)
    by_name: dict[str, list[HeldOrder]] = field(init=False)

    def __post_init__(self) -> None:
        self.held = self.staff.held_orders()
        self.stock = self.staff.stock()
        self.orders = {row["name"]: row for row in self.ledger.orders()}
        self.lines = _grouped(self.ledger.lines(), lambda row: row["name"])
        names = {row["external_ref"]: row["name"] for row in self.ledger.warehouse_orders()}
        self.by_name = _grouped(self.held, lambda each: names.get(each.external_ref, ""))
        self.factors = {row["sku"]: (row["base_sku"], row["units_per_uom"]) for row in self.loaded.pack_rows}
        self.shop_orders = {order["name"]: order for order in self.shop["orders"]}


def verify(evidence: Evidence) -> dict[str, list[str]]:
    """What is wrong, in words, by kind of harm; all lists empty when every figure agrees."""
    return {
        "lost": list(_lost(evidence)),
        "doubled": list(_doubled(evidence)),
        "altered": list(_altered(evidence)),
        "not_conserved": list(_not_conserved(evidence)),
        "wrong_stock": list(_wrong_stock(evidence)),
        "wrong_status": list(_wrong_status(evidence)),
    }


def _lost(evidence: Evidence) -> Iterable[str]:
    """Orders nobody knows, units that left and were not told, orders that should have gone and did not."""
    for order in evidence.loaded.orders:
        name, row = order["name"], evidence.orders.get(order["name"])
        if name not in evidence.shop_orders:
            yield f"{name} is not in the shop"
        if row is None:
            yield f"{name} is not in the store"
            continue
        held = evidence.by_name.get(name, [])
        left = Counter[str]()
        for each in held:
            left.update(each.shipped)
        told = _told(evidence, name)
        if sum(told.values()) != sum(left.values()) and not _part_packs(evidence, name):
            yield f"{name}: {sum(left.values())} EA left the warehouse, the shop shows {sum(told.values())}"
        expected = evidence.loaded.stays_held.get(name)
        if expected and (row["state"], row["reason"]) != ("held", expected):
            yield f"{name} should be held for {expected}, it is {row['state']} {row['reason']}"
        if not expected and row["state"] == "held":
            yield f"{name} is still held for {row['reason']}"
        if row["state"] == "fulfilled" and sum(left.values()) != sum(_ordered(evidence, order).values()):
            yield f"{name} is called fulfilled, {sum(left.values())} EA of it left"


def _doubled(evidence: Evidence) -> Iterable[str]:
    """References held twice, more asked of the warehouse than was ordered, more fulfilled than there is."""
    for reference, times in Counter(each.external_ref for each in evidence.held).items():
        if times > 1:
            yield f"the warehouse holds {reference} {times} times"
    for each in evidence.by_name.get("", []):
        yield f"the warehouse holds {each.external_ref or 'an order without reference'}, which is none of ours"
    for order in evidence.loaded.orders:
        name = order["name"]
        asked = sum(sum(each.ordered.values()) for each in evidence.by_name.get(name, []))
        wanted = sum(_ordered(evidence, order).values())
        if asked > wanted:
            yield f"{name}: {wanted} EA ordered, {asked} EA asked of the warehouse"
        for line in _shop_lines(evidence, name):
            if line["fulfilled"] > line["current_quantity"]:
                yield f"{name}: the shop shows {line['fulfilled']} of {line['current_quantity']} {line['sku']}"


def _altered(evidence: Evidence) -> Iterable[str]:
    """Orders that the shop or the warehouse holds with other words or quantities than were placed."""
    for order in evidence.loaded.orders:
        name, shop = order["name"], evidence.shop_orders.get(order["name"])
        remedy = evidence.loaded.remedies.get(name)
        note = remedy.note if remedy and remedy.note else order["note"]
        if shop and shop["note"] != note:
            yield f"{name}: the shop's note was changed"
        placed = [(line["sku"], line["quantity"]) for line in order["lines"]]
        if shop and [(line["sku"], line["current_quantity"]) for line in shop["lines"]] != placed:
            yield f"{name}: the shop's lines were changed"
        for each in evidence.by_name.get(name, []):
            if each.po_number != _after("PO:", note):
                yield f"{each.external_ref}: PO number is {each.po_number!r} in the warehouse"
            if each.instructions != _after("Delivery instructions:", note):
                yield f"{each.external_ref}: instructions differ in the warehouse"
        if not _same_lines(evidence, name):
            yield f"{name}: the warehouse's quantities are not those the store released"


def _not_conserved(evidence: Evidence) -> Iterable[str]:
    """Base units: ordered by buyers against the store's laws, and received against shipped and still there."""
    for order in evidence.loaded.orders:
        kept = sum(row["ordered_base"] for row in evidence.lines.get(order["name"], []))
        wanted = sum(units for (name, _), (_, units) in evidence.loaded.base_units.items() if name == order["name"])
        malformed = evidence.loaded.stays_held.get(order["name"])
        if kept != wanted and not malformed:
            yield f"{order['name']}: {wanted} EA ordered, {kept} in the store"
    received = Counter(evidence.loaded.stock.first)
    received.update(evidence.loaded.stock.second)
    gone = Counter[str]()
    for name, held in evidence.by_name.items():
        base = {row["line_id"]: row["base_sku"] for row in evidence.lines.get(name, [])}
        for each in held:
            for line_id, units in each.shipped.items():
                gone[base.get(line_id, "?")] += units
    for sku in received.keys() | gone.keys():
        if evidence.stock.get(sku, 0) != received[sku] - gone[sku]:
            there = evidence.stock.get(sku, 0)
            yield f"{sku}: {received[sku]} received, {gone[sku]} left, {there} in the warehouse"


def _wrong_stock(evidence: Evidence) -> Iterable[str]:
    """What the shop shows against what the warehouse holds and buyers still wait for."""
    waiting = Counter[str]()
    for order in evidence.loaded.orders:
        waiting.update(_ordered(evidence, order))
    for name, held in evidence.by_name.items():
        base = {row["line_id"]: row["base_sku"] for row in evidence.lines.get(name, [])}
        for each in held:
            for line_id, units in each.shipped.items():
                waiting[base[line_id]] -= units
            for line_id, units in each.closed.items():
                waiting[base[line_id]] -= units
    for variant in evidence.shop["variants"]:
        if variant["sku"] not in evidence.factors:
            continue
        base_sku, units = evidence.factors[variant["sku"]]
        if base_sku not in evidence.stock:
            continue
        right = max(0, (evidence.stock[base_sku] - waiting[base_sku]) // units)
        if variant["available"] != right:
            yield f"{variant['sku']}: the shop shows {variant['available']}, right is {right}"


def _wrong_status(evidence: Evidence) -> Iterable[str]:
    """Fulfilled in the shop exactly when nothing of the order is left."""
    for name, row in evidence.orders.items():
        shop = evidence.shop_orders.get(name)
        if shop is not None and (row["state"] == "fulfilled") != (shop["fulfilment_status"] == "FULFILLED"):
            yield f"{name}: {row['state']} here, {shop['fulfilment_status']} in the shop"


def _ordered(evidence: Evidence, order: LoadOrder) -> Units:
    """Base units by base SKU of every line whose SKU has a factor, whether or not the order may go."""
    units = Counter[str]()
    for line in order["lines"]:
        if line["sku"] in evidence.factors:
            base_sku, factor = evidence.factors[line["sku"]]
            units[base_sku] += line["quantity"] * factor
    return units


def _told(evidence: Evidence, name: str) -> Counter[str]:
    """Base units that the shop shows as fulfilled."""
    units = Counter[str]()
    for line in _shop_lines(evidence, name):
        if line["fulfilled"]:
            base_sku, factor = evidence.factors[line["sku"]]
            units[base_sku] += line["fulfilled"] * factor
    return units


def _shop_lines(evidence: Evidence, name: str) -> list[dict[str, Any]]:
    """The order's lines as the shop has them; none of an order that it has lost."""
    lines: list[dict[str, Any]] = evidence.shop_orders.get(name, {"lines": []})["lines"]
    return lines


def _part_packs(evidence: Evidence, name: str) -> bool:
    """Whether loose units of a pack left, which the shop cannot show."""
    return any(row["shipped_base"] % (row["units_per_uom"] or 1) for row in evidence.lines.get(name, []))


def _same_lines(evidence: Evidence, name: str) -> bool:
    asked, left = Counter[str](), Counter[str]()
    for each in evidence.by_name.get(name, []):
        asked.update(each.ordered)
        left.update(each.shipped)
    rows = evidence.lines.get(name, [])
    released = {row["line_id"]: row["released_base"] for row in rows if row["released_base"]}
    shipped = {row["line_id"]: row["shipped_base"] for row in rows if row["shipped_base"]}
    return released == dict(+asked) and shipped == dict(+left)


def _after(label: str, note: str) -> str:
    """What stands after a label on a line of its own."""
    return next((line.removeprefix(label).strip() for line in note.splitlines() if line.startswith(label)), "")


def _grouped(rows: Iterable[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)
