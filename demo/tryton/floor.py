"""The warehouse's staff: they receive goods, pick, pack and ship, through Tryton's own interface as the floor login.

Every step first looks at what is already done, so that a day's work that was cut off anywhere can simply be done again
with the same plan. Many shipments go through each call: the server's cost is per line, not per call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from demo.floor import OpenShipment, Plan
from demo.tryton.rpc import Press, Rpc, TrytonFault, chunks
from demo.tryton.setup import SUPPLIER

_SHIPMENT = "stock.shipment.out"
_OPEN = ("draft", "waiting", "assigned", "picked", "packed")
_RECEIPT_LINES = 250
_SHIPMENTS_PER_CALL = 20


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a shipment: `quantity` base units of one line of an order. `order` is Tryton's id of the order."""

    id: int
    shipment: int
    line_id: str
    sku: str
    quantity: int
    order: int
    external_ref: str


class Floor:
    """The staff of one warehouse, logged in."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        (site,) = rpc.search("stock.location", [["type", "=", "warehouse"]], ["storage_location"])
        (origin,) = rpc.search("stock.location", [["type", "=", "supplier"]], ["id"])
        (supplier,) = rpc.search("party.party", [["name", "=", SUPPLIER]], ["id"])
        (parcel,) = rpc.search("stock.package.type", [["name", "=", "Parcel"]], ["id"])
        (company,) = rpc.search("company.company", [], ["currency"])
        self._warehouse, self._storage = site["id"], site["storage_location"]
        self._origin, self._supplier, self._parcel = origin["id"], supplier["id"], parcel["id"]
        self._company, self._currency = company["id"], company["currency"]
        self._carriers = {each["party."]["name"]: each["id"] for each in rpc.search("carrier", [], ["party.name"])}

    def receive(self, receipt: str, goods: Mapping[str, int]) -> None:
        """Book a delivery in, in base units per SKU, about 12 ms a SKU. A receipt of the same name is booked once.

        Raises:
            TrytonFault: a SKU is no product here; nothing is booked then.
        """
        products = self._products(goods)
        lines = [(products[sku], quantity) for sku, quantity in sorted(goods.items()) if quantity]
        for number, batch in enumerate(chunks(lines, _RECEIPT_LINES), start=1):
            self._receive(f"{receipt}/{number}", batch)

    def stock(self) -> dict[str, int]:
        """Base units in the whole warehouse by SKU: all that has not left the dock."""
        goods = [["type", "=", "goods"]]
        found = self._rpc.search("product.product", goods, ["code", "quantity"], locations=[self._warehouse])
        return {product["code"]: int(product["quantity"]) for product in found}

    def catch_up(self) -> int:
        """Let Tryton go on with orders whose follow-up was lost when its server died; answers how many there were.

        Tryton makes shipments in a task of its own after the order is stored, and does not look for lost tasks later.
        """
        unsent = [["state", "=", "processing"], ["shipment_state", "!=", "sent"]]
        unfinished = ["OR", ["state", "=", "confirmed"], unsent]
        moving = {each.external_ref for each in self.open_shipments()}
        sales = self._rpc.search("sale.sale", unfinished, ["description"])
        lost = [sale["id"] for sale in sales if sale["description"] not in moving]
        if lost:
            self._rpc.call("model.sale.sale.process", lost)
        return len(lost)

    def open_shipments(self, refs: Collection[str] | None = None) -> list[OpenShipment]:
        """Shipments that wait or are under way, oldest first, of all orders or of those named."""
        shipments = self._rpc.search(_SHIPMENT, [["state", "in", list(_OPEN)]], ["number", "state"])
        moves = self._moves([["shipment.state", "in", list(_OPEN), _SHIPMENT]])
        found = [_open(each, moves[each["id"]]) for each in shipments if moves[each["id"]]]
        return [each for each in found if refs is None or each.external_ref in refs]

    def ship(self, plans: Mapping[int, Plan]) -> None:
        """Pick, pack and send the shipments as planned; one that stock does not cover stays waiting.

        Raises:
            TrytonFault: Tryton refused a step.
        """
        for batch in chunks(sorted(plans), _SHIPMENTS_PER_CALL):
            self._ship({each: plans[each] for each in batch})
        closing = [each for each, plan in plans.items() if plan.close_rest]
        if closing:
            self._close_rest(closing)

    def _ship(self, plans: Mapping[int, Plan]) -> None:
        self._count(self._in_state(plans, "waiting"), plans)
        self._press("assign_try", self._in_state(plans, "waiting"))
        self._wrap(self._in_state(plans, "assigned"), plans)
        self._press("pack", self._in_state(plans, "assigned"))
        self._press("do", self._in_state(plans, "packed"))

    def _count(self, waiting: Sequence[int], plans: Mapping[int, Plan]) -> None:
        """Write down what the picker will take, and the carrier, before stock is assigned."""
        changes: list[Any] = []
        for shipment, moves in self._moves_of(waiting).items():
            wanted = plans[shipment].quantities
            for move in moves if wanted is not None else ():
                take = min((wanted or {}).get(move.line_id, 0), move.quantity)
                if take != move.quantity:
                    changes += [[move.id], {"quantity": take}]
        if changes:
            self._rpc.call("model.stock.move.write", *changes)
        for carrier in {plans[each].carrier for each in waiting}:
            theirs = [each for each in waiting if plans[each].carrier == carrier]
            self._rpc.write(_SHIPMENT, theirs, {"carrier": self._carrier(carrier)})

    def _wrap(self, assigned: Sequence[int], plans: Mapping[int, Plan]) -> None:
        """Put the lines into parcels, dealt out in turn. Tracking numbers follow from the shipment's number."""
        shipments = [f"{_SHIPMENT},{each}" for each in assigned]
        packages = self._rpc.search("stock.package", [["shipment", "in", shipments]], ["shipment"])
        wrapped = {each["shipment"] for each in packages}
        parcels: list[dict[str, Any]] = []
        for shipment, moves in self._moves_of(assigned).items():
            goods = [move for move in moves if move.quantity]
            count = min(plans[shipment].parcels, len(goods))
            if f"{_SHIPMENT},{shipment}" not in wrapped:
                parcels += [self._package(shipment, turn + 1, goods[turn::count]) for turn in range(count)]
        if parcels:
            self._rpc.create("stock.package", parcels)

    def _package(self, shipment: int, number: int, goods: Sequence[Move]) -> dict[str, Any]:
        return {
            "type": self._parcel,
            "company": self._company,
            "shipment": f"{_SHIPMENT},{shipment}",
            "shipping_reference": f"TRK{shipment:08d}{number:02d}",
            "moves": [["add", [move.id for move in goods]]],
        }

    def _close_rest(self, shipments: Sequence[int]) -> None:
        """Cancel what is left of these shipments' orders and tell Tryton that no replacement will come."""
        moves = [move for found in self._moves_of(shipments).values() for move in found]
        self._press("cancel", [each.id for each in self.open_shipments({move.external_ref for move in moves})])
        stuck = [["id", "in", sorted({move.order for move in moves})], ["shipment_state", "=", "exception"]]
        for sale in self._rpc.search("sale.sale", stuck, ["id"]):
            self._settle(sale["id"])

    def _settle(self, sale: int) -> None:
        def steps(press: Press) -> None:
            moves = press("ask", {})["view"]["defaults"]["domain_moves"]
            press("handle", {"ask": {"domain_moves": moves, "ignore_moves": moves, "recreate_moves": []}})

        chosen = {"active_id": sale, "active_ids": [sale], "active_model": "sale.sale"}
        self._rpc.wizard("sale.handle.shipment.exception", steps, **chosen)

    def _receive(self, reference: str, lines: Sequence[tuple[int, int]]) -> None:
        found = self._rpc.search("stock.shipment.in", [["reference", "=", reference]], ["state"])
        if not found:
            (made,) = self._rpc.create("stock.shipment.in", [self._delivery(reference, lines)])
            found = [{"id": made, "state": "draft"}]
        drafts = [each["id"] for each in found if each["state"] == "draft"]
        if drafts:  # with one storage zone, receiving is all there is to do
            self._rpc.call("model.stock.shipment.in.receive", drafts)

    def _delivery(self, reference: str, lines: Sequence[tuple[int, int]]) -> dict[str, Any]:
        (unit,) = self._rpc.search("product.uom", [["symbol", "=", "u"]], ["id"])
        shared = {
            "unit": unit["id"],
            "from_location": self._origin,
            "to_location": self._storage,
            "company": self._company,
            "unit_price": Decimal(0),
            "currency": self._currency,
        }
        return {
            "reference": reference,
            "company": self._company,
            "supplier": self._supplier,
            "warehouse": self._warehouse,
            "warehouse_input": self._storage,
            "warehouse_storage": self._storage,
            "incoming_moves": [["create", [{"product": each, "quantity": count, **shared} for each, count in lines]]],
        }

    def _products(self, skus: Collection[str]) -> dict[str, int]:
        known = {each["code"]: each["id"] for each in self._rpc.search("product.product", [], ["code"])}
        unknown = sorted(set(skus) - set(known))
        if unknown:
            more = f" and {len(unknown) - 1} more" if unknown[1:] else ""
            raise TrytonFault(f"No product here for SKU {unknown[0]!r}{more}: load products first.")
        return known

    def _carrier(self, name: str) -> int:
        if name not in self._carriers:
            raise TrytonFault(f"Carrier {name!r} is not known here; known: {', '.join(sorted(self._carriers))}.")
        return int(self._carriers[name])

    def _in_state(self, shipments: Collection[int], state: str) -> list[int]:
        domain = [["id", "in", sorted(shipments)], ["state", "=", state]]
        return [each["id"] for each in self._rpc.search(_SHIPMENT, domain, ["id"])]

    def _press(self, button: str, shipments: Sequence[int]) -> None:
        if shipments:
            self._rpc.call(f"model.{_SHIPMENT}.{button}", list(shipments))

    def _moves_of(self, shipments: Sequence[int]) -> dict[int, list[Move]]:
        return self._moves([["shipment", "in", [f"{_SHIPMENT},{each}" for each in shipments]]])

    def _moves(self, domain: Sequence[Any]) -> dict[int, list[Move]]:
        """Lines of shipments by shipment, joined with the order lines they serve."""
        fields = ["shipment", "origin", "quantity", "product.code"]
        found = self._rpc.search("stock.move", [*domain, ["origin.id", ">", 0, "sale.line"]], fields)
        ids = sorted({_id(each["origin"]) for each in found})
        lines = {}
        for batch in chunks(ids, 500):
            for line in self._rpc.search("sale.line", [["id", "in", list(batch)]], ["note", "sale.description"]):
                lines[line["id"]] = line
        moves: dict[int, list[Move]] = defaultdict(list)
        for each in found:
            move = _move(each, lines[_id(each["origin"])])
            moves[move.shipment].append(move)
        return moves


def _id(reference: str) -> int:
    return int(reference.rpartition(",")[2])


def _move(found: Mapping[str, Any], line: Mapping[str, Any]) -> Move:
    return Move(
        id=found["id"],
        shipment=_id(found["shipment"]),
        line_id=line["note"] or "",
        sku=found["product."]["code"],
        quantity=int(found["quantity"]),
        order=line["sale."]["id"],
        external_ref=line["sale."]["description"] or "",
    )


def _open(shipment: Mapping[str, Any], moves: Sequence[Move]) -> OpenShipment:
    lines: dict[str, int] = defaultdict(int)
    for move in moves:
        lines[move.line_id] += move.quantity
    return OpenShipment(shipment["id"], shipment["number"] or "", shipment["state"], moves[0].external_ref, dict(lines))
