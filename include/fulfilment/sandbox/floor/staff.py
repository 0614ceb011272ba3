"""The warehouse's staff: they receive, pick, label and ship, close short, take back, hold and cancel.

Stock drops when goods leave the dock and comes back when a shipment is taken back. A pick, its label and its dispatch
are one shipment under one id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..database import Value
from ..errors import Refused
from .book import (
    FloorLine,
    FloorOrder,
    FloorShipment,
    add_product,
    cancel_order,
    find_orders,
    find_shipments,
    touch_products,
)
from .state import FloorState, stored

Units = Mapping[str, int]


@dataclass(frozen=True)
class Box:
    """A parcel to be made: `contents` are units by line key, empty where nobody writes them down."""

    carrier: str
    tracking_number: str
    contents: Units


@dataclass(frozen=True)
class Dispatch:
    """What leaves: `units` by line key (None: all that is left), in these boxes, or in `count` boxes of one carrier.

    `close_rest` closes what is then left of the order for good; a repeat under the same `key` changes nothing.
    """

    units: Units | None = None
    boxes: Sequence[Box] = ()
    count: int = 1
    carrier: str = "DPD"
    close_rest: bool = False
    key: str = ""


def receive(state: FloorState, goods: Units, receipt: str) -> None:
    """Book a delivery in, by SKU; a SKU that is not there becomes a product. A named receipt is booked once."""
    with state.transaction():
        now = stored(state.now())
        if receipt and not state.run("INSERT OR IGNORE INTO receipt VALUES (?, ?)", receipt, now):
            return
        for sku, units in goods.items():
            add_product(state, sku, sku)
            state.run("UPDATE product SET on_hand = on_hand + ? WHERE sku = ?", units, sku)
        touch_products(state, list(goods))


def find_order(state: FloorState, ref: str) -> FloorOrder:
    """Return the one order under this reference; cancelled ones count only where there is no other.

    Raises:
        Refused: there is none, or more than one.
    """
    found = find_orders(state, refs=[ref])
    alive = [order for order in found if order.state != "cancelled"] or found
    if len(alive) != 1:
        raise Refused(f"the warehouse holds {len(alive)} orders under the reference {ref!r}, one is needed")
    return alive[0]


def left(order: FloorOrder) -> dict[str, int]:
    """Return units by line key that are neither shipped nor closed; nothing of a cancelled order."""
    units: Counter[str] = Counter()
    for line in order.lines if order.state != "cancelled" else ():
        units[line.line_key] += line.left
    return {key: count for key, count in units.items() if count}


def pick(state: FloorState, ref: str) -> int:
    """Take everything that is left of an order from the shelves; answers the shipment's id."""
    order = _workable(state, ref)
    open_units = left(order)
    if not open_units:
        raise Refused(f"nothing of order {ref!r} is left to pick")
    shipment = _under_way(state, order) or _new_shipment(state, order)
    _set_lines(state, shipment, _allot(order, open_units))
    _set_state(state, order, shipment, "picked")
    return shipment


def label(state: FloorState, ref: str) -> int:
    """Put a label on what is left of an order, picked or not; nothing leaves. Answers the shipment's id."""
    shipment = pick(state, ref)
    order = find_order(state, ref)
    _set_parcels(state, shipment, order, [Box("DPD", _tracking(shipment, 1), left(order))])
    _set_state(state, order, shipment, "labelled")
    return shipment


def ship(state: FloorState, ref: str, dispatch: Dispatch) -> int:
    """Send goods; answers the shipment's id. What is picked or labelled of the order goes under the id it has.

    Raises:
        Refused: the order is held or cancelled, nothing of it is left, or the goods are not there.
    """
    key = dispatch.key or None
    if key and (done := state.one("SELECT id FROM shipment WHERE key = ?", key)):
        return int(done["id"])
    order = _workable(state, ref)
    wanted = left(order) if dispatch.units is None else dispatch.units
    sent = {line: count for line, count in wanted.items() if count}
    if not sent:
        raise Refused(f"nothing of order {ref!r} is left to ship")
    allotted = _allot(order, sent)
    shipment = _under_way(state, order) or _new_shipment(state, order)
    _set_lines(state, shipment, allotted)
    _set_parcels(state, shipment, order, dispatch.boxes or _plain_boxes(state, shipment, dispatch, sent))
    _take(state, order, allotted, 1)
    state.run("UPDATE shipment SET key = ?, dispatched_at = ? WHERE id = ?", key, stored(state.now()), shipment)
    _set_state(state, order, shipment, "dispatched")
    for line, count in left(find_order(state, ref)).items() if dispatch.close_rest else ():
        close_short(state, ref, line, count)
    return shipment


def close_short(state: FloorState, ref: str, line_key: str, units: int) -> None:
    """Give up so many units of a line: they will not be sent."""
    order = find_order(state, ref)
    open_units = left(order).get(line_key, 0)
    if units > open_units:
        raise Refused(f"order {ref!r}: only {open_units} of line {line_key!r} are left, {units} cannot be closed")
    for line, share in _allot(order, {line_key: units}).items():
        state.run("UPDATE line SET closed = closed + ? WHERE id = ?", share, line)
    _touch(state, order)


def void(state: FloorState, shipment_id: int) -> None:
    """Take a shipment back: nothing of it left after all. Done once; a repeat changes nothing."""
    found = find_shipments(state, ids=[shipment_id])
    if not found:
        raise Refused(f"the warehouse has no shipment {shipment_id}")
    (shipment,) = found
    if shipment.state == "voided":
        return
    (order,) = find_orders(state, ids=[shipment.order_id])
    if shipment.state == "dispatched":
        _take(state, order, dict(shipment.lines), -1)
    _set_state(state, order, shipment.id, "voided")


def hold(state: FloorState, ref: str, on: bool) -> None:
    """Put an order aside, or go on with it."""
    order = find_order(state, ref)
    if order.state == "cancelled":
        raise Refused(f"order {ref!r} is cancelled")
    state.run("UPDATE warehouse_order SET state = ? WHERE id = ?", "held" if on else "open", order.id)
    _touch(state, order)


def cancel(state: FloorState, ref: str) -> None:
    """Cancel an order of which nothing has left."""
    if not cancel_order(state, find_order(state, ref).id):
        raise Refused(f"something of order {ref!r} has left; close its lines short instead")


def _workable(state: FloorState, ref: str) -> FloorOrder:
    order = find_order(state, ref)
    if order.state != "open":
        raise Refused(f"order {ref!r} is {order.state}")
    return order


def _keys(order: FloorOrder) -> dict[str, list[FloorLine]]:
    keys: dict[str, list[FloorLine]] = {}
    for line in order.lines:
        keys.setdefault(line.line_key, []).append(line)
    return keys


def _allot(order: FloorOrder, units: Units) -> dict[int, int]:
    """Units by line id. Where lines share a key the first ones are filled up first, and the last takes what is over."""
    shares: dict[int, int] = {}
    keys = _keys(order)
    for key, wanted in units.items():
        if key not in keys:
            raise Refused(f"order {order.external_ref!r} has no line {key!r}; there are {', '.join(keys)}")
        lines, rest = keys[key], wanted
        for line in lines:
            share = rest if line is lines[-1] else min(rest, line.left)
            rest -= share
            if share:
                shares[line.id] = share
    return shares


def _under_way(state: FloorState, order: FloorOrder) -> int | None:
    """The shipment that is picked or labelled and has not left."""
    mine: list[FloorShipment] = find_shipments(state, order_ids=[order.id])
    return next((each.id for each in reversed(mine) if each.state in ("picked", "labelled")), None)


def _new_shipment(state: FloorState, order: FloorOrder) -> int:
    shipment, now = state.next_id("shipment"), stored(state.now())
    state.insert("shipment", id=shipment, order_id=order.id, state="picked", created_at=now, updated_at=now)
    return shipment


def _set_lines(state: FloorState, shipment: int, allotted: Mapping[int, int]) -> None:
    state.run("DELETE FROM shipment_line WHERE shipment_id = ?", shipment)
    rows: list[tuple[Value, ...]] = [(shipment, line, units) for line, units in allotted.items()]
    state.many("INSERT INTO shipment_line VALUES (?, ?, ?)", rows)


def _plain_boxes(state: FloorState, shipment: int, dispatch: Dispatch, sent: Units) -> list[Box]:
    """The labelled box, or so many of one carrier; everything is in the first, as far as anybody knows."""
    row = state.one("SELECT * FROM parcel WHERE shipment_id = ? ORDER BY id", shipment)
    if row and dispatch.count == 1:
        return [Box(row["carrier"], row["tracking_number"], sent)]
    numbers = range(1, dispatch.count + 1)
    return [Box(dispatch.carrier, _tracking(shipment, each), sent if each == 1 else {}) for each in numbers]


def _tracking(shipment: int, box: int) -> str:
    return f"T{shipment}{box:02d}"


def _set_parcels(state: FloorState, shipment: int, order: FloorOrder, boxes: Sequence[Box]) -> None:
    old = "SELECT id FROM parcel WHERE shipment_id = ?"
    state.run(f"DELETE FROM parcel_line WHERE parcel_id IN ({old})", shipment)  # noqa: S608
    state.run("DELETE FROM parcel WHERE shipment_id = ?", shipment)
    for box in boxes:
        parcel, labels = state.next_id("parcel"), {"carrier": box.carrier, "tracking_number": box.tracking_number}
        state.insert("parcel", id=parcel, shipment_id=shipment, **labels)
        for line, units in _allot(order, box.contents).items():
            state.insert("parcel_line", parcel_id=parcel, line_id=line, units=units)


def _take(state: FloorState, order: FloorOrder, allotted: Mapping[int, int], sign: int) -> None:
    """Move goods from the shelves to the customer, or back."""
    by_id = {line.id: line for line in order.lines}
    for line_id, units in allotted.items():
        sku = by_id[line_id].sku
        row = state.one("SELECT on_hand FROM product WHERE sku = ?", sku)
        there = row["on_hand"] if row else 0
        if there < sign * units:
            raise Refused(f"order {order.external_ref!r}: {units} of {sku!r} cannot leave, only {there} are on hand")
        state.run("UPDATE product SET on_hand = on_hand - ? WHERE sku = ?", sign * units, sku)
        state.run("UPDATE line SET shipped = shipped + ? WHERE id = ?", sign * units, line_id)


def _set_state(state: FloorState, order: FloorOrder, shipment: int, word: str) -> None:
    state.run("UPDATE shipment SET state = ?, updated_at = ? WHERE id = ?", word, stored(state.now()), shipment)
    _touch(state, order)


def _touch(state: FloorState, order: FloorOrder) -> None:
    state.run("UPDATE warehouse_order SET updated_at = ? WHERE id = ?", stored(state.now()), order.id)
    touch_products(state, [line.sku for line in order.lines])
