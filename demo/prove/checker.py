"""Counts harm from outside: by own SQL on the store, the sandboxes' own control doors, and what the buyers wanted.

It shares no code with services, store or domain, so that it can't share a mistake with them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from demo.prove.checker_sql import BROKEN_LAWS, CLOCKS, HINTS, MOVING, OPEN
from demo.prove.plan import Order, single, units_of
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.floor.client import FloorControl, Held

HARM = (
    "lost", "doubled", "altered", "over_released", "over_shown", "stale_over_new", "not_converged", "stuck",
    "early_fulfilled", "limit_exceeded", "not_conserved", "broke",
)  # fmt: skip
"""`not_conserved`: a law of quantities broke, or a released unit belongs to no warehouse order; `broke`: a run ended
with an error that no rerun mends."""
Row = dict[str, Any]


class Checker:
    """Looks at both ends and the store between the steps, and once more at the end. `harm` holds, by kind, what was
    found in words, each thing once."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        site: str,
        orders: Sequence[Order],
        shop: SandboxControl,
        floor: FloorControl,
    ) -> None:
        self._connection, self._site, self._orders = connection, site, orders
        self._shop, self._floor = shop, floor
        self.harm: dict[str, set[str]] = defaultdict(set)
        self.allowed: set[int] = set()
        """Numbers of the orders that may go by now."""
        self.kept: set[str] = set()
        """Webhooks that the door took."""
        self._lines = {each.number: dict(each.lines) for each in orders}
        self._clocks: dict[str, Any] = {}

    def note(self, kind: str, words: str) -> None:
        """Something that others saw."""
        self.harm[kind].add(words)

    def edited(self, number: int, sku: str, quantity: int) -> None:
        """The order's line is wanted in another quantity from now on."""
        self._lines[number][sku] = quantity

    def wanted(self) -> Counter[str]:
        """Base units by SKU of the single that all orders together want now."""
        units: Counter[str] = Counter()
        for lines in self._lines.values():
            units.update(_singles(lines))
        return units

    def look(self) -> list[Row]:
        """Check what must hold at every instant; answers everything that still moves while work is left."""
        scene = self._scene = _Scene(self._shop, self._floor, self._orders)
        for kind, words in (*self._at_both_ends(scene), *self._in_the_store(scene)):
            self.note(kind, words)
        return [*self._ask(MOVING), {"left": [(each.external_ref, each.left) for each in scene.alive]}]

    def look_at_the_end(self) -> None:
        """What must hold once everything that was wanted could be sent and told, after a last `look`."""
        scene = self._scene
        for order in self._orders:
            for kind, words in (*self._one_order(scene, order), *_texts(scene, order, self._lines[order.number])):
                self.note(kind, words)
        for kind, words in (*self.left_open(), *self._shown(scene), *self._hints()):
            self.note(kind, words)

    def _ask(self, sql: str) -> list[Row]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(sql, {"site": self._site}).fetchall()

    # --- at every instant

    def _at_both_ends(self, scene: _Scene) -> Iterator[tuple[str, str]]:
        for ref, times in Counter(each.external_ref for each in scene.alive).items():
            if times > 1:
                yield "doubled", f"the warehouse holds {ref} more than once"
        asked = scene.asked()
        for line_id, units in asked.items():
            if line_id not in scene.lines:
                yield "doubled", f"the warehouse holds line {line_id}, which is none of the shop's"
                continue
            order, _, wanted = scene.lines[line_id]
            if units > wanted:
                yield (
                    "over_released",
                    f"order {order.number}: more of line {line_id} asked of the warehouse than ordered",
                )
            if order.number not in self.allowed:
                yield "over_released", f"order {order.number} ({order.hold}) went before it was allowed to"
        for sku, units in scene.left().items():
            if units > scene.stock.get(sku, 0):
                yield "over_released", f"{sku}: more promised to orders than is on hand"
        for order in self._orders:
            gone, told = scene.gone(order), scene.told(order)
            for sku in told:
                if told[sku] > gone[sku]:
                    yield "early_fulfilled", f"order {order.number}: the shop shows more {sku} shipped than left"

    def _in_the_store(self, scene: _Scene) -> Iterator[tuple[str, str]]:
        for row in self._ask(BROKEN_LAWS):
            yield "not_conserved", f"line {row['line_id']}: {row['what']}"
        by_cart = {order.cart: order for order in self._orders}
        for row in self._ask("SELECT order_id, state FROM sales_order WHERE site = %(site)s AND state = 'fulfilled'"):
            order = by_cart.get(row["order_id"])
            if order is not None and sum(scene.gone(order).values()) < self._least(order):
                yield "early_fulfilled", f"order {order.number} is called fulfilled before all of it left"
        for row in self._ask(CLOCKS):
            before = self._clocks.get(row["name"])
            if before is not None and row["at"] < before:
                yield "stale_over_new", f"{row['name']} went back"
            self._clocks[row["name"]] = row["at"]

    def _least(self, order: Order) -> int:
        """Base units that the order wanted at any time: more of it may be wanted since we last looked."""
        now = _singles(self._lines[order.number]).total()
        return min(now, order.wanted().total())

    # --- at the end

    def _one_order(self, scene: _Scene, order: Order) -> Iterator[tuple[str, str]]:
        if order.hold == "cancelled":
            return
        asked = scene.asked()
        mine = {line_id: wanted for line_id, (whose, _, wanted) in scene.lines.items() if whose is order}
        if not mine:
            yield "lost", f"order {order.number} is not in the shop"
        for line_id, wanted in mine.items():
            if asked[line_id] < wanted:
                yield (
                    "lost",
                    f"order {order.number}: {asked[line_id]} of {wanted} of line {line_id} reached the warehouse",
                )
        gone, told = scene.gone(order), scene.told(order)
        if told != gone:
            yield "lost", f"order {order.number}: {dict(gone)} left the warehouse, the shop shows {dict(told)}"
        shown = scene.by_cart.get(order.cart, {})
        if shown.get("fulfilment_status") != "FULFILLED":
            yield "stuck", f"order {order.number} is {shown.get('fulfilment_status')} in the shop"
        if shown.get("metafields", {}).get("$app:fulfilment.status", "fulfilled") != "fulfilled":
            yield "stuck", f"order {order.number}: our status in the shop is not fulfilled"

    def left_open(self) -> Iterator[tuple[str, str]]:
        """What stands unfinished in the store."""
        for row in self._ask(OPEN):
            yield "stuck", f"{row['what']} {row['key']} is {row['state']}"

    def _hints(self) -> Iterator[tuple[str, str]]:
        """A webhook that was taken is there; twice only from a sender that says nothing by which to tell."""
        there = {row["subject"]: row for row in self._ask(HINTS)}
        yield from (("lost", f"webhook {event} was taken and is not kept") for event in self.kept - there.keys())
        for event, row in there.items():
            if row["times"] > 1 and row["source"] == "shopify":
                yield "doubled", f"webhook {event} is kept {row['times']} times"

    def _shown(self, scene: _Scene) -> Iterator[tuple[str, str]]:
        """Nothing waits any more, so the shop must show all that is on the shelves."""
        for variant in self._shop.state("variants")["variants"]:
            right = scene.stock.get(single(variant["sku"]), 0) // units_of(variant["sku"])
            if variant["available"] > right:
                yield "over_shown", f"{variant['sku']}: the shop shows {variant['available']}, right is {right}"
            elif variant["available"] < right:
                yield "stale_over_new", f"{variant['sku']}: the shop shows {variant['available']}, right is {right}"


class _Scene:
    """Shop and warehouse as they stand."""

    def __init__(self, shop: SandboxControl, floor: FloorControl, orders: Sequence[Order]) -> None:
        shown = shop.state("orders")["orders"]
        self.by_cart: dict[str, Row] = {each["custom_attributes"].get("sparkCartId", ""): each for each in shown}
        self.lines: dict[str, tuple[Order, str, int]] = {}
        for order in orders:
            for line in self.by_cart.get(order.cart, {"lines": []})["lines"]:
                wanted = 0 if order.hold == "cancelled" else line["current_quantity"] * units_of(line["sku"])
                self.lines[line["id"].rpartition("/")[2]] = (order, single(line["sku"]), wanted)
        self.alive: list[Held] = [each for each in floor.held() if each.state != "cancelled"]
        self.stock = floor.stock()

    def of(self, order: Order) -> list[Held]:
        """The warehouse orders with a line of this order."""
        return [each for each in self.alive if any(self.lines.get(key, (None,))[0] is order for key in each.ordered)]

    def asked(self) -> Counter[str]:
        """Base units that the warehouse was asked for, by line."""
        units: Counter[str] = Counter()
        for each in self.alive:
            units.update(each.ordered)
        return units

    def left(self) -> Counter[str]:
        """Base units that the warehouse has still to send, by SKU."""
        units: Counter[str] = Counter()
        for each in self.alive:
            for key, count in each.left.items():
                units[each.skus[key]] += count
        return units

    def gone(self, order: Order) -> Counter[str]:
        """Base units of an order that left the warehouse, by SKU."""
        units: Counter[str] = Counter()
        for each in self.of(order):
            for key, count in each.shipped.items():
                units[each.skus[key]] += count
        return +units

    def told(self, order: Order) -> Counter[str]:
        """Base units of an order that the shop shows as shipped, by SKU."""
        units: Counter[str] = Counter()
        for line in self.by_cart.get(order.cart, {"lines": []})["lines"]:
            units[single(line["sku"])] += line["fulfilled"] * units_of(line["sku"])
        return +units


def _singles(lines: Mapping[str, int]) -> Counter[str]:
    """Base units by SKU of the single."""
    units: Counter[str] = Counter()
    for sku, quantity in lines.items():
        units[single(sku)] += quantity * units_of(sku)
    return units


def _texts(scene: _Scene, order: Order, lines: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """What the buyer wrote, in the shop and on the warehouse's orders."""
    shown = scene.by_cart.get(order.cart)
    if shown is None:
        return
    if shown["note"] != order.note:
        yield "altered", f"order {order.number}: the shop's note was changed"
    wanted = lines if order.hold != "cancelled" else dict.fromkeys(lines, 0)
    if {line["sku"]: line["current_quantity"] for line in shown["lines"]} != wanted:
        yield "altered", f"order {order.number}: the shop's lines were changed"
    said = dict(line.split(": ", 1) for line in order.note.splitlines())
    for each in scene.of(order):
        if each.po_number != said["PO"]:
            yield "altered", f"{each.external_ref}: PO number is {each.po_number!r} in the warehouse"
        if each.instructions != said["Delivery instructions"]:
            yield "altered", f"{each.external_ref}: instructions are {each.instructions!r} in the warehouse"
        if each.requested_on != said["Requested delivery date"]:
            yield "altered", f"{each.external_ref}: the day asked for is {each.requested_on!r} in the warehouse"
        for key, sku in each.skus.items():
            whose, right, _ = scene.lines.get(key, (order, sku, 0))
            if whose is not order or sku != right:
                yield "altered", f"{each.external_ref}: line {key} is {sku} in the warehouse, {right} was ordered"
