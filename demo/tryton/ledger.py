"""What the warehouse itself holds of every order: the figures that the demo's own account is checked against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from demo.floor import HeldOrder
from demo.tryton.rpc import Rpc


def held_orders(rpc: Rpc) -> list[HeldOrder]:
    """Every order, oldest first, cancelled ones included."""
    sales = rpc.search("sale.sale", [], ["description", "reference", "comment", "state"])
    lines = _by(rpc.search("sale.line", [], ["sale", "note", "quantity", "moves_ignored"]), "sale")
    fields = ["origin", "quantity", "shipment", "state", "package"]
    moves = rpc.search("stock.move", [["origin.id", ">", 0, "sale.line"]], fields)
    packages = rpc.search("stock.package", [], ["shipping_reference"])
    parcels = {each["id"]: each["shipping_reference"] for each in packages}
    by_line = _by(moves, "origin")
    by_id = {each["id"]: each for each in moves}
    return [_held(sale, lines[sale["id"]], by_line, by_id, parcels) for sale in sales]


def _held(
    sale: Mapping[str, Any],
    lines: Iterable[Mapping[str, Any]],
    by_line: Mapping[str, list[dict[str, Any]]],
    by_id: Mapping[int, Mapping[str, Any]],
    parcels: Mapping[int, str],
) -> HeldOrder:
    ordered: dict[str, int] = defaultdict(int)
    shipped: dict[str, int] = defaultdict(int)
    closed: dict[str, int] = defaultdict(int)
    sent: list[Mapping[str, Any]] = []
    for line in lines:
        done = [move for move in by_line.get(f"sale.line,{line['id']}", []) if move["state"] == "done"]
        ordered[line["note"]] += int(line["quantity"])
        shipped[line["note"]] += sum(int(move["quantity"]) for move in done)
        closed[line["note"]] += sum(int(by_id[move]["quantity"]) for move in line["moves_ignored"] if move in by_id)
        sent += done
    return HeldOrder(
        external_ref=sale["description"] or "",
        po_number=sale["reference"] or "",
        instructions=sale["comment"] or "",
        state=sale["state"],
        ordered=dict(ordered),
        shipped=dict(shipped),
        closed=dict(closed),
        shipments=len({move["shipment"] for move in sent}),
        tracking_numbers=tuple(sorted({parcels[move["package"]] for move in sent if move["package"] in parcels})),
    )


def _by(records: Iterable[dict[str, Any]], field: str) -> dict[Any, list[dict[str, Any]]]:
    grouped: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        grouped[record[field]].append(record)
    return grouped
