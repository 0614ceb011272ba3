"""The Order page: the one answer, lines with their proof, warehouse orders, shipments, the decision and the story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from include.fulfilment.desk import words
from include.fulfilment.desk.bars import Part, stacked
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.standing import OrderState, Standing, standing
from include.fulfilment.store.desk_rows import LineRow, OrderHead, OrderRows, ShipmentRow, TicketRow

# Kind, words, and the quantity: together they are `ordered`, so that a bar is always full.
_PARTS = (
    ("shipped", "shipped"),
    ("open", "outstanding"),
    ("backordered", "backordered"),
    ("held", "held"),
    ("short", "short"),
    ("cancelled", "cancelled"),
)


@dataclass(frozen=True, slots=True)
class LineView:
    """One line as the buyer ordered it and as base units; `trouble` says why there is no proof."""

    line_id: str
    sku: str
    title: str
    bought: str
    proof: str
    trouble: str
    ordered: int
    bar: tuple[Part, ...]
    over_shipped: int


@dataclass(frozen=True, slots=True)
class ParcelView:
    """One parcel; `url` is empty unless it is an ordinary web address."""

    carrier: str
    number: str
    url: str
    contents: str


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """One shipment with what of the order is in it."""

    shipment_id: str
    warehouse: str
    status: str
    at: datetime | None
    contents: str
    parcels: tuple[ParcelView, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """What the template shows; `answer` is the one answer to where, why, who, since, due and next."""

    rows: OrderRows
    answer: Standing
    lines: tuple[LineView, ...]
    sums: tuple[Part, ...]
    ordered: int
    over_shipped: int
    shipments: tuple[ShipmentView, ...]
    open_tickets: tuple[TicketRow, ...]
    closed_tickets: tuple[TicketRow, ...]


def view_order(rows: OrderRows) -> OrderView:
    """Put one order into words and bars."""
    still_open = tuple(ticket for ticket in rows.tickets if ticket.closed_at is None)
    total = sum(line.quantities.ordered for line in rows.lines)
    skus = {line.line_id: line.sku for line in rows.lines}
    return OrderView(
        rows=rows,
        answer=answer(rows.head, still_open),
        lines=tuple(_line(line) for line in rows.lines),
        sums=_bar([line.quantities for line in rows.lines], total),
        ordered=total,
        over_shipped=sum(line.quantities.over_shipped for line in rows.lines),
        shipments=tuple(_shipment(shipment, skus) for shipment in rows.shipments),
        open_tickets=still_open,
        closed_tickets=tuple(ticket for ticket in rows.tickets if ticket.closed_at is not None),
    )


def answer(head: OrderHead, open_tickets: Sequence[TicketRow]) -> Standing:
    """The one answer. An open exception goes before the state's own: its owner acts next, by its clock."""
    state = OrderState(head.state)
    if not open_tickets:
        return standing(state, head.reason, head.state_since)
    first = next((ticket for ticket in open_tickets if ticket.code == head.reason), open_tickets[0])
    found = standing(state, first.code, first.opened_at)
    return replace(found, due=first.due_at, next_step=first.next_step or found.next_step)


def _bar(quantities: Sequence[LineQuantities], total: int) -> tuple[Part, ...]:
    return stacked(((kind, said, sum(getattr(each, kind) for each in quantities)) for kind, said in _PARTS), total)


def _line(line: LineRow) -> LineView:
    proof, quantities = line.proof, line.quantities
    unit = "" if proof is None else proof.uom if proof.units_per_uom == 1 else f"{proof.uom} of {proof.units_per_uom}"
    return LineView(
        line_id=line.line_id,
        sku=line.sku,
        title=line.title,
        bought=f"{line.quantity:,} × {unit}" if unit else f"{line.quantity:,} (unit not proven)",
        proof=proof.text() if proof else "",
        trouble=words.matter(line.refusal) if line.refusal else "" if proof else "Not looked at yet",
        ordered=quantities.ordered,
        bar=_bar([quantities], quantities.ordered),
        over_shipped=quantities.over_shipped,
    )


def _shipment(shipment: ShipmentRow, skus: dict[str, str]) -> ShipmentView:
    status, at = "Picked, not gone yet", shipment.picked_at
    if shipment.dispatched_at:
        status, at = "Left the dock", shipment.dispatched_at
    if shipment.voided:
        status = "Voided"
    ours = {line.external_ref for line in shipment.lines}
    parcels = tuple(
        ParcelView(
            parcel.carrier or "Carrier not named",
            parcel.tracking_number,
            _web_address(parcel.tracking_url),
            _contents(
                [(c.line_id, c.base_sku, c.base_quantity) for c in parcel.contents if c.external_ref in ours], skus
            ),
        )
        for parcel in shipment.parcels
    )
    contents = _contents([(each.line_id, each.base_sku, each.base_quantity) for each in shipment.lines], skus)
    return ShipmentView(shipment.shipment_id, shipment.warehouse, status, at, contents, parcels)


def _contents(parts: Sequence[tuple[str, str, int]], skus: dict[str, str]) -> str:
    return ", ".join(f"{base:,} EA of {skus.get(line_id) or base_sku}" for line_id, base_sku, base in parts)


def _web_address(url: str) -> str:
    """The address if a browser may follow it; a warehouse's text is not trusted to be one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
