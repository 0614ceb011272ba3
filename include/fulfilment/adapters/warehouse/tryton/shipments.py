"""Shipments in Tryton, and what the warehouse will not send.

Tryton says `done` when the goods have left the dock; the stock figure drops at that same step, so `shipped` (handed to
the carrier, still in the figure) counts as picked. A remainder is closed when the staff cancelled its move and told
Tryton to ignore it; a cancelled move that nobody has settled yet says nothing.
A shipment has one carrier; its parcels carry the tracking numbers.
Other business may go through the same Tryton: what serves somebody else's sale is passed over, whatever it counts.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from include.fulfilment.adapters.warehouse.tryton.wire import Record, TrytonClient, chunks, record_id, whole, wire_time
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.ports import ShipmentPage

log = logging.getLogger(__name__)
_SHIPMENT = "stock.shipment.out"
_PAGE = 50
_LINES = 500
# Tryton stamps with the database's transaction time, so a late commit can land behind a cursor.
_OVERLAP = timedelta(minutes=5)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_REPORTED = ("picked", "packed", "shipped", "done", "cancelled")
_SHIPMENT_FIELDS = (
    "number",
    "state",
    "write_date",
    "shipping_reference",
    "carrier.party.name",
    "outgoing_moves",
    "packages.number",
    "packages.shipping_reference",
    "packages.shipping_tracking_url",
)
_MOVE_FIELDS = ("origin", "internal_quantity", "product.code", "package", "write_date")
Origins = Mapping[int, tuple[str, str]]


class TrytonShipments:
    """Reads shipments and closed remainders of one Tryton; `location` is the warehouse's code."""

    def __init__(self, client: TrytonClient, location: str) -> None:
        self._client = client
        self._location = location

    def read(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Pages of shipments changed since then; the cursor moves with the last page alone, because Tryton cannot sort
        by change: what a broken-off reading stored is read again."""
        now = self._client.server_time()
        since = (changed_since or _NEVER) - _OVERLAP
        closures = tuple(self._closures(since))
        ids = [each["id"] for each in self._client.search(_SHIPMENT, _changed(since), ["id"])]
        pages = list(chunks(ids, _PAGE)) or [()]
        for number, page in enumerate(pages, start=1):
            last = number == len(pages)
            shipments = tuple(self._shipments([["id", "in", list(page)]], _concerns_us))
            yield ShipmentPage(shipments, closures if last else (), now if last else changed_since or _NEVER)

    def of_sale(self, sale: int) -> list[Shipment]:
        """All shipments of one sale, whoever made it, that were picked, sent or cancelled; of each what serves it."""
        moves = self._client.search("stock.move", [["origin.sale", "=", sale, "sale.line"]], ["shipment", "origin"])
        lines = {record_id(move["origin"]) for move in moves}
        made = {move["shipment"] for move in moves if (move["shipment"] or "").startswith(f"{_SHIPMENT},")}
        ids = sorted(record_id(each) for each in made)
        domain = [["id", "in", ids], ["state", "in", list(_REPORTED)]]
        return list(self._shipments(domain, lambda move, _: record_id(move["origin"]) in lines))

    def _shipments(self, domain: Sequence[Any], concerns: Callable[[Record, Origins], bool]) -> Iterator[Shipment]:
        found = self._client.search(_SHIPMENT, domain, _SHIPMENT_FIELDS)
        wanted = [move for shipment in found for move in shipment["outgoing_moves"]]
        moves: dict[int, Record] = {}
        for batch in chunks(wanted, _LINES):
            for move in self._client.search("stock.move", [["id", "in", list(batch)]], _MOVE_FIELDS):
                moves[move["id"]] = move
        origins = self._origins(moves.values())
        for shipment in found:
            found_moves = [moves[each] for each in shipment["outgoing_moves"] if each in moves]
            mine = [move for move in found_moves if concerns(move, origins)]
            if mine or not found_moves:
                yield _shipment(shipment, mine, origins, self._location)

    def _origins(self, moves: Iterable[Record]) -> dict[int, tuple[str, str]]:
        """(external_ref, line id) by the id of the sale line that a move serves."""
        lines = sorted({record_id(move["origin"]) for move in moves if _serves_order(move)})
        origins: dict[int, tuple[str, str]] = {}
        for batch in chunks(lines, _LINES):
            for line in self._client.search("sale.line", [["id", "in", list(batch)]], ["note", "sale.description"]):
                origins[line["id"]] = (line["sale."]["description"] or "", line["note"] or "")
        return origins

    def _closures(self, since: datetime) -> Iterator[LineClosure]:
        """Lines whose open rest the staff closed, and lines of orders that they cancelled altogether. A sale that was
        never confirmed (Tryton dates it then) was never owed, and one with a live successor is replaced."""
        stamp = wire_time(since)
        changed = ["OR", ["sale.write_date", ">=", stamp], ["write_date", ">=", stamp]]
        fields = ["note", "sale.description", "moves_ignored"]
        ignored = self._client.search("sale.line", [changed, ["moves_ignored.id", ">", 0]], fields)
        closed = [line for line in ignored if _is_ours(line)]
        moves = self._quantities([move for line in closed for move in line["moves_ignored"]])
        for line in closed:
            yield _closure(line, sum(moves.get(move, 0) for move in line["moves_ignored"]))
        gone = [["sale.state", "=", "cancelled"], ["sale.write_date", ">=", stamp], ["type", "=", "line"]]
        fields = ["note", "sale.description", "sale.sale_date", "quantity"]
        cancelled = [line for line in self._client.search("sale.line", gone, fields) if _is_ours(line)]
        live = self._live({line["sale."]["description"] for line in cancelled})
        for line in cancelled:
            if line["sale."]["sale_date"] and line["sale."]["description"] not in live:
                yield _closure(line, whole(line["quantity"], f"sale line {line['id']}"))

    def _live(self, refs: Iterable[str]) -> set[str]:
        """Those references under which there is a sale that is not cancelled."""
        found: set[str] = set()
        for batch in chunks(sorted(refs), _LINES):
            domain = [["description", "in", list(batch)], ["state", "!=", "cancelled"]]
            found |= {sale["description"] for sale in self._client.search("sale.sale", domain, ["description"])}
        return found

    def _quantities(self, moves: Sequence[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for batch in chunks(moves, _LINES):
            for move in self._client.search("stock.move", [["id", "in", list(batch)]], ["internal_quantity"]):
                found[move["id"]] = whole(move["internal_quantity"], f"move {move['id']}")
        return found


def _changed(since: datetime) -> list[Any]:
    """Shipments touched since then, or whose parcels were: a reissued label does not touch the shipment. A record that
    was never written again has no write_date, but a shipment is written when it is picked."""
    stamp = wire_time(since)
    parcels = [["packages.write_date", ">=", stamp], ["packages.create_date", ">=", stamp]]
    return [["state", "in", list(_REPORTED)], ["OR", ["write_date", ">=", stamp], *parcels]]


def _shipment(found: Record, moves: Sequence[Record], origins: Origins, location: str) -> Shipment:
    lines = {move["id"]: _line(move, origins) for move in moves}
    lines = {move: line for move, line in lines.items() if line.base_quantity}
    done = found["state"] == "done"
    written = [move["write_date"] for move in moves if move["write_date"]] or [found["write_date"]]
    return Shipment(
        shipment_id=str(found["id"]),
        location=location,
        dispatched_at=max(written) if done else None,
        picked_at=None if done else found["write_date"],
        voided=found["state"] == "cancelled",
        lines=tuple(lines.values()),
        parcels=_parcels(found, moves, lines),
    )


def _parcels(found: Record, moves: Sequence[Record], lines: Mapping[int, ShipmentLine]) -> tuple[Parcel, ...]:
    carrier = (found.get("carrier.") or {}).get("party.", {}).get("name", "")
    contents: dict[int | None, list[ShipmentLine]] = defaultdict(list)
    for move in moves:
        if move["id"] in lines:
            contents[move["package"]].append(lines[move["id"]])
    parcels = [
        Parcel(
            parcel_id=package["number"],
            carrier=carrier,
            tracking_number=package["shipping_reference"] or "",
            tracking_url=package["shipping_tracking_url"] or "",
            contents=tuple(contents[package["id"]]),
        )
        for package in found["packages."]
    ]
    if not parcels and (carrier or found["shipping_reference"]):
        parcels = [Parcel(found["number"], carrier, found["shipping_reference"] or "", "", tuple(lines.values()))]
    return tuple(parcels)


def _line(move: Record, origins: Origins) -> ShipmentLine:
    ref, line_id = origins.get(record_id(move["origin"]), ("", "")) if _serves_order(move) else ("", "")
    sku = move["product."]["code"] or ""
    return ShipmentLine(ref, line_id, sku, whole(move["internal_quantity"], f"move {move['id']}"))


def _concerns_us(move: Record, origins: Origins) -> bool:
    """Whether a move serves an order of ours, or none at all: goods added by hand, unless they are part of a unit."""
    if _serves_order(move):
        return is_our_reference(origins.get(record_id(move["origin"]), ("", ""))[0])
    if Decimal(move["internal_quantity"] or 0) % 1 == 0:
        return True
    text = "tryton: move %s of %r serves no order and counts %s base units, no whole number; it is left out"
    log.warning(text, move["id"], move["product."]["code"], move["internal_quantity"])
    return False


def _is_ours(line: Record) -> bool:
    return is_our_reference(line["sale."]["description"] or "")


def _serves_order(move: Record) -> bool:
    return bool(move["origin"]) and move["origin"].startswith("sale.line,")


def _closure(line: Record, short: int) -> LineClosure:
    return LineClosure(line["sale."]["description"] or "", line["note"] or "", short)
