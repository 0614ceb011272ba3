"""The adapter of the plain warehouse: a right one, small enough that each deliberate mistake is a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.adapters.transport import RemoteRefusal, Reply, Transport, UnknownOutcome
from include.fulfilment.adapters.warehouse.changing import (
    Refusal,
    also_by_number,
    amend_held,
    cancel_held,
    refused_with,
)
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.errors import DataError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    AmendAnswer,
    CancelAnswer,
    CancelKind,
    Capabilities,
    Created,
    DeductsAt,
    FindAnswer,
    OtherOrder,
    Problem,
    Rejected,
    ShipmentPage,
    StockLevel,
    StockSnapshot,
    SubmitAnswer,
    TooLate,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
    WebhookProof,
    carries,
    differences,
)

CAPABILITIES = Capabilities(
    name="model",
    idempotent_create=False,
    find_by_ref=True,
    finds_others=True,
    update=True,
    cancel=CancelKind.SYNC,
    partial_shipments=True,
    parcel_contents=True,
    lots=False,
    uom_on_line=True,
    orders_changed_since=True,
    stock_changed_since=False,
    webhook_proof=WebhookProof.NONE,
    deducts_at=DeductsAt.DISPATCH,
    unsafe_gets=False,
    field_limits={**carries(), "po_number": 40, "ship_to.postcode": 20},
    rate=None,
)
_OVERLAP = timedelta(minutes=5)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_STATUSES = {
    "waiting": WarehouseStatus.RECEIVED,
    "held": WarehouseStatus.HELD,
    "picking": WarehouseStatus.PICKING,
    "partial": WarehouseStatus.PARTIALLY_SHIPPED,
    "sent": WarehouseStatus.SHIPPED,
    "cancelled": WarehouseStatus.CANCELLED,
}


class ModelWarehouse:
    """The port onto the plain warehouse."""

    capabilities = CAPABILITIES
    number_fields = ("number",)

    def __init__(self, given: Connecting) -> None:
        self.given = given
        self.clock = given.clock
        self.packs = given.site.warehouse.options.get("line_unit") == "pack"
        self.transport = self.wired(given)

    def wired(self, given: Connecting) -> Transport:
        return Transport(
            given.connection.base_url,
            system="model",
            connection_id=given.connection.conn_id,
            headers={"Authorization": f"Bearer {given.connection.password}"},
            on_call=given.on_call,
            acquire=given.acquire,
        )

    def call(self, method: str, path: str, *, safe: bool, body: Any = None, **params: Any) -> Reply:
        operation = path.rpartition("/")[2]
        kept = {key: str(value) for key, value in params.items() if value}
        return self.transport.request(method, path, operation=operation, safe=safe, body=body, params=kept or None)

    # --- submit and find

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        if too_long := self.too_long(order):
            return too_long
        match self.find([order.external_ref])[order.external_ref]:
            case WarehouseRecord() as held:
                return self.known(order, held)
            case Unknown() as unclear:
                return unclear
        if self.clock() >= until:
            return Unknown("looking took so long that it was not sent")
        try:
            made = self.call("POST", "/orders", safe=False, body=self.body(order)).body
            return Created(str(made["id"]))
        except UnknownOutcome as unclear:
            return Unknown(str(unclear))
        except RemoteRefusal as refusal:
            body = refusal.body if isinstance(refusal.body, dict) else {}
            return Rejected("refused", f"the warehouse knows no SKU {body.get('sku')!r}", f"sku {body.get('sku')}")
        except (KeyError, TypeError):
            return Unknown("the warehouse answered without the order's id")

    def too_long(self, order: WarehouseOrder) -> Rejected | None:
        for name, value in (("po_number", order.po_number), ("ship_to.postcode", order.ship_to.postcode)):
            if len(value) > CAPABILITIES.field_limits[name]:
                return Rejected("field_too_long", f"{name} has {len(value)} characters", name)
        return None

    def known(self, order: WarehouseOrder, held: WarehouseRecord) -> SubmitAnswer:
        return AlreadyExists(held.wms_id, differences(order, held))

    def body(self, order: WarehouseOrder) -> dict[str, Any]:
        return {
            "ref": order.external_ref,
            "po": order.po_number,
            "note": order.instructions,
            "service": order.shipping_service,
            "day": order.requested_on.isoformat() if order.requested_on else "",
            "to": {name: getattr(order.ship_to, name) for name in order.ship_to.__dataclass_fields__},
            "lines": [self.line(each) for each in order.lines],
        }

    def line(self, line: WarehouseOrderLine) -> dict[str, Any]:
        packs = line.whole_packs if self.packs else 0
        count, units = (packs, line.units_per_uom) if packs else (line.base_quantity, 1)
        return {"key": line.line_id, "sku": line.base_sku, "count": count, "units": units}

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        if not external_refs:
            return {}
        answers: dict[str, FindAnswer] = {ref: Absent() for ref in external_refs}
        reply = self.call("POST", "/orders/search", safe=True, body={"refs": sorted(answers)})
        same: dict[str, list[Mapping[str, Any]]] = {}
        for each in self.rows(reply.body, "orders"):
            same.setdefault(each["ref"], []).append(each)
        return answers | {ref: self.record(held) for ref, held in same.items()}

    def record(self, held: Sequence[Mapping[str, Any]]) -> FindAnswer:
        first = held[0]
        lines: dict[str, int] = {}
        for each in first["lines"]:
            units = self.whole(each["count"])
            if units is None:
                return Unknown(f"order {first['id']} counts part of a unit; correct it in the warehouse")
            lines[each["key"]] = lines.get(each["key"], 0) + units * each["units"]
        return WarehouseRecord(
            external_ref=first["ref"],
            wms_id=str(first["id"]),
            status=self.status(first["status"]),
            raw_status=first["status"],
            po_number=first["po"],
            instructions=first["note"],
            lines=lines,
            duplicates=self.doubles(held),
        )

    def doubles(self, held: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        return tuple(str(each["id"]) for each in held[1:])

    def status(self, word: str) -> WarehouseStatus:
        return _STATUSES.get(word, WarehouseStatus.UNRECOGNISED)

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        if not references:
            return {}
        body = {"numbers": sorted(set(references)), "fields": self.number_fields}
        found: dict[str, OtherOrder] = {}
        for each in self.rows(self.call("POST", "/orders/search", safe=True, body=body).body, "orders"):
            for number in {each[name] for name in self.number_fields if each[name] in references}:
                if self.counts_more(number, found):
                    found[number] = replace(self.other(each), reference=number)
        return found

    def counts_more(self, number: str, found: Mapping[str, OtherOrder]) -> bool:
        return number not in found or found[number].status is WarehouseStatus.CANCELLED

    def other(self, held: Mapping[str, Any]) -> OtherOrder:
        units: dict[str, int] = {}
        for each in held["lines"]:
            units[each["sku"]] = units.get(each["sku"], 0) + int(each["count"]) * each["units"]
        told = [
            self.shipment(each)
            for reply in self.turned("/shipments", {"since": ""})
            for each in self.rows(reply.body, "shipments")
            if each["ref"] == held["ref"]
        ]
        shipments = tuple(each for each in told if isinstance(each, Shipment))
        texts = (held["status"], held["po"], held["note"])
        return OtherOrder(held["ref"], str(held["id"]), self.status(held["status"]), *texts, units, shipments)

    # --- cancel and amend

    def cancel(self, external_ref: str) -> CancelAnswer:
        return cancel_held(also_by_number(self.find, self.others), external_ref, self.ask_to_cancel)

    def ask_to_cancel(self, held: WarehouseRecord) -> Refusal | None:
        return self.asked("/orders/cancel", {"id": held.wms_id})

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        return self.too_long(order) or amend_held(self.find, order, lambda held: self.ask_to_amend(order, held))

    def ask_to_amend(self, order: WarehouseOrder, held: WarehouseRecord) -> Refusal | None:
        return self.asked("/orders/amend", {**self.body(order), "id": held.wms_id})

    def asked(self, path: str, body: Any) -> Refusal | None:
        try:
            self.call("POST", path, safe=False, body=body)
        except RemoteRefusal as refusal:
            told = refusal.body if isinstance(refusal.body, dict) else {}
            return TooLate(told["error"]) if refusal.status == 409 else refused_with(f"no SKU {told.get('sku')!r}")
        return None

    # --- stock

    def read_stock(self) -> StockSnapshot:
        as_of, levels, problems = None, [], []
        for reply in self.turned("/stock", {}):
            as_of = as_of or self.remote_now(reply)
            for row in self.rows(reply.body, "rows"):
                units = self.whole(row["on_hand"])
                if units is None:
                    problems.append(Problem(f"stock {row['sku']}", f"{row['sku']} counts {row['on_hand']!r}"))
                else:
                    levels.append(StockLevel(row["sku"], row["place"], units))
        return StockSnapshot(as_of or self.clock(), tuple(levels), tuple(problems))

    def turned(self, path: str, params: Mapping[str, Any]) -> Iterator[Reply]:
        after = 0
        while True:
            reply = self.call("GET", path, safe=True, after=after, **params)
            yield reply
            following = reply.body.get("next")
            if following is None:
                return
            if following <= after:
                raise DataError(f"model: {path} came back to an earlier page; the reading is incomplete", path)
            after = following

    def remote_now(self, reply: Reply) -> datetime:
        return parsedate_to_datetime(reply.headers["date"]).astimezone(UTC)

    def whole(self, number: Any) -> int | None:
        if isinstance(number, int | Decimal) and number == int(number):
            return int(number)
        return None

    def rows(self, body: Any, key: str) -> list[Any]:
        if not isinstance(body, dict) or not isinstance(body.get(key), list):
            raise DataError(f"model: an answer holds no {key}", key)
        return list(body[key])

    # --- shipments

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        since = (changed_since - _OVERLAP).isoformat() if changed_since else ""
        closed = self.call("GET", "/closed", safe=True, since=since)
        now = self.remote_now(closed)
        closures = tuple(self.closures(closed))
        for reply in self.turned("/shipments", {"since": since}):
            told = self.rows(reply.body, "shipments")
            last = reply.body["next"] is None
            found = [self.shipment(each) for each in told if each["ref"].startswith("B2B")]
            yield ShipmentPage(
                tuple(each for each in found if isinstance(each, Shipment)),
                closures if last else (),
                self.reached(now, changed_since, last),
                tuple(each for each in found if isinstance(each, Problem)),
            )

    def reached(self, now: datetime, since: datetime | None, last: bool) -> datetime:
        return now if last else since or _NEVER

    def closures(self, reply: Reply) -> Iterator[LineClosure]:
        for each in self.rows(reply.body, "closed"):
            if each["ref"].startswith("B2B"):
                yield LineClosure(each["ref"], each["key"], each["each"])

    def shipment(self, told: Mapping[str, Any]) -> Shipment | Problem:
        if any(self.whole(each["each"]) is None for each in told["lines"]):
            return Problem(f"shipment {told['id']}", "it counts part of a unit; correct it in the warehouse")
        left_at = datetime.fromisoformat(told["left_at"]) if told["left_at"] else None
        return Shipment(
            shipment_id=str(told["id"]),
            location="A1",
            dispatched_at=self.left_at(told, left_at),
            picked_at=None,
            voided=self.voided(told),
            lines=self.lines(told, told["lines"]),
            parcels=self.parcels(told),
        )

    def left_at(self, told: Mapping[str, Any], left_at: datetime | None) -> datetime | None:
        return left_at

    def voided(self, told: Mapping[str, Any]) -> bool:
        return bool(told["state"] == "voided")

    def lines(self, told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> tuple[ShipmentLine, ...]:
        return tuple(ShipmentLine(told["ref"], each["key"], each["sku"], int(each["each"])) for each in rows)

    def parcels(self, told: Mapping[str, Any]) -> tuple[Parcel, ...]:
        return tuple(
            Parcel(str(each["id"]), each["carrier"], each["tracking"], "", self.lines(told, each["inside"]))
            for each in told["parcels"]
        )
