"""What left the floor, as 945s. A shipment taken back is told again as a replacement (W06-01 R) of nothing."""

from __future__ import annotations

from ..floor.records import FloorLine, FloorOrder, FloorShipment
from .wire import Row, day_and_time

LOCATION = "MAIN"


def advice(order: FloorOrder, shipment: FloorShipment) -> list[Row]:
    """Return the 945 of one shipment, parcel by parcel where its boxes say what is in them."""
    gone = shipment.state != "voided"
    lines = {line.id: line for line in order.lines}
    moment = shipment.dispatched_at or shipment.updated_at
    carrier = shipment.parcels[0].carrier if shipment.parcels else ""
    rows = _head(order, str(shipment.id), "F" if gone else "R", day_and_time(moment), carrier)
    rest = dict(shipment.lines) if gone else dict.fromkeys(dict(shipment.lines), 0)
    number = 0
    for parcel in shipment.parcels if gone else ():
        number += 1
        rows.append(["LX", str(number)])
        rows.append(["MAN", "GM", f"{parcel.id:020d}", "", "CP", parcel.tracking_number])
        for line_id, units in parcel.contents:
            rest[line_id] -= units
            rows += _line(lines[line_id], units, parcel.carrier)
    left = {line_id: units for line_id, units in rest.items() if units or not gone}
    if left:
        rows.append(["LX", str(number + 1)])
        for line_id, units in left.items():
            rows += _line(lines[line_id], units, "")
    return [*rows, ["W03", str(sum(units for _, units in shipment.lines) if gone else 0)]]


def closing(order: FloorOrder, closed: list[FloorLine], number: int, moment: tuple[str, str]) -> list[Row]:
    """Return the 945 that only closes lines: nothing of them leaves any more."""
    rows = _head(order, f"C{number}", "X", moment, "")
    rows.append(["LX", "1"])
    for line in closed:
        rows += _line(line, 0, "", "CU" if order.state == "cancelled" else "CP")
    return [*rows, ["W03", "0"]]


def _head(order: FloorOrder, shipment: str, code: str, moment: tuple[str, str], carrier: str) -> list[Row]:
    day, clock = moment
    rows = [
        ["W06", code, order.external_ref, day, shipment, "", order.summary.get("po_number") or ""],
        ["N1", "WH", "", "91", LOCATION],
        ["G62", "11", day, "W", clock, "UT"],
    ]
    return [*rows, ["W27", "M", *_carrier(carrier)]] if carrier else rows


def _line(line: FloorLine, units: int, carrier: str, status: str = "") -> list[Row]:
    """One W12 with its line number, counted in the unit that was ordered where that comes out whole."""
    factor, unit = int(line.given.get("factor", 1)), str(line.given.get("unit", "EA"))
    if units % factor or line.ordered % factor:
        factor, unit = 1, "EA"
    ordered, shipped = line.ordered // factor, units // factor
    code = status or _status(line)
    rows = [["W12", code, str(ordered), str(shipped), str(max(ordered - shipped, 0)), unit, "", "SK", line.sku]]
    rows.append(["N9", "LI", line.line_key])
    return [*rows, ["W27", "M", *_carrier(carrier)]] if carrier else rows


def _status(line: FloorLine) -> str:
    if line.left:
        return "BP"
    if line.closed:
        return "CP"
    return "CM" if line.shipped > line.ordered else "CC"


def _carrier(name: str) -> tuple[str, str]:
    """SCAC and name: two to four letters and digits can stand for themselves."""
    scac = name if name.isalnum() and name.isascii() and name.isupper() and 2 <= len(name) <= 4 else ""
    return scac, name
