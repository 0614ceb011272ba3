"""Adapters that read wrongly, each in one way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from include.fulfilment.adapters.transport import Reply
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    Absent,
    FindAnswer,
    OtherOrder,
    Problem,
    ShipmentPage,
    StockLevel,
    StockSnapshot,
    WarehouseStatus,
)
from tests.contract.model import adapter
from tests.contract.model.adapter import ModelWarehouse


class AnswersAbsentOnAFault(ModelWarehouse):
    """Takes a search that failed for a search that found nothing."""

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        try:
            return super().find(external_refs)
        except FulfilmentError:
            return {ref: Absent() for ref in external_refs}


class TakesNothingForAbsent(ModelWarehouse):
    """Reads an answer that holds no list as an empty one."""

    def rows(self, body: Any, key: str) -> list[Any]:
        return list(body.get(key) or []) if isinstance(body, dict) else []


class HidesDuplicates(ModelWarehouse):
    """Finds the first of several orders under one reference and keeps quiet about the others."""

    def doubles(self, held: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        return ()


class TakesAnyNumberThatEndsAlike(ModelWarehouse):
    """Takes an order for that of another number."""

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        found = super().others(references)
        return {ref: each for ref in references for key, each in found.items() if ref.endswith(key[-3:])}


class TellsTheOthersOrderWithoutItsShipments(ModelWarehouse):
    """Finds another route's order, and nothing of what left."""

    def other(self, held: Mapping[str, Any]) -> OtherOrder:
        return replace(super().other(held), shipments=())


class TakesACancelledOtherForLive(ModelWarehouse):
    """Reads another route's cancelled order as one that waits."""

    def other(self, held: Mapping[str, Any]) -> OtherOrder:
        return replace(super().other(held), status=WarehouseStatus.RECEIVED)


class LooksForTheShopsNumberInOurOwnField(ModelWarehouse):
    """Finds another route's order only where that keeps the number as we keep our reference."""

    number_fields = ("ref",)


class TakesAPurchaseNumberForTheShops(ModelWarehouse):
    """Takes an order of ours for another route's by its PO number."""

    number_fields = ("number", "po")


class TellsTheCancelledOneOfTwo(ModelWarehouse):
    """Finds the older order under a number, also where that is cancelled and the other one is live."""

    def counts_more(self, number: str, found: Mapping[str, OtherOrder]) -> bool:
        return number not in found


class ForgetsHalfTheReferences(ModelWarehouse):
    """Answers for fifty references at most."""

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        return super().find(external_refs[:50])


class TakesAnyStatusForShipped(ModelWarehouse):
    """Maps a word that it does not know to the end of the road."""

    def status(self, word: str) -> WarehouseStatus:
        known = super().status(word)
        return WarehouseStatus.SHIPPED if known is WarehouseStatus.UNRECOGNISED else known


class TakesHeldForReceived(ModelWarehouse):
    """Does not tell that the staff put an order aside."""

    def status(self, word: str) -> WarehouseStatus:
        known = super().status(word)
        return WarehouseStatus.RECEIVED if known is WarehouseStatus.HELD else known


class RoundsDecimals(ModelWarehouse):
    """Rounds part of a unit."""

    def whole(self, number: Any) -> int | None:
        return int(Decimal(number)) if isinstance(number, int | Decimal) else super().whole(number)


class TakesNullForZero(ModelWarehouse):
    """Reads a figure that is missing as nothing on hand."""

    def whole(self, number: Any) -> int | None:
        return 0 if number is None else super().whole(number)


class FillsMissingSkusWithZero(ModelWarehouse):
    """Tells zero for every SKU that it saw before and that a reading leaves out."""

    seen: set[str]

    def read_stock(self) -> StockSnapshot:
        self.seen = getattr(self, "seen", set())
        snapshot = super().read_stock()
        here = {each.base_sku for each in snapshot.levels}
        missing = tuple(StockLevel(sku, "A1", 0) for sku in sorted(self.seen - here))
        self.seen |= here
        return replace(snapshot, levels=snapshot.levels + missing)


class ForgetsTheSecondPage(ModelWarehouse):
    """Reads the first page alone."""

    def turned(self, path: str, params: Mapping[str, Any]) -> Iterator[Reply]:
        reply = next(super().turned(path, params))
        yield replace(reply, body={**reply.body, "next": None})


class TurnsPagesForEver(ModelWarehouse):
    """Trusts the remote that pages follow each other; a page that repeats ends it quietly."""

    def turned(self, path: str, params: Mapping[str, Any]) -> Iterator[Reply]:
        after, seen = 0, set[int]()
        while after not in seen:
            seen.add(after)
            reply = self.call("GET", path, safe=True, after=after, **params)
            after = reply.body["next"] or 0
            yield replace(reply, body={**reply.body, "next": after or None})


class KeepsWhatItGotBeforeAFault(ModelWarehouse):
    """Tells the pages that it got when the next one fails."""

    def turned(self, path: str, params: Mapping[str, Any]) -> Iterator[Reply]:
        try:
            yield from super().turned(path, params)
        except FulfilmentError:
            return


class ReadsItsOwnClock(ModelWarehouse):
    """Dates a reading by its own clock."""

    def remote_now(self, reply: Reply) -> datetime:
        return self.clock()


class DatesAReadingAtItsEnd(ModelWarehouse):
    """Dates a reading when it is over."""

    def read_stock(self) -> StockSnapshot:
        snapshot = super().read_stock()
        return replace(snapshot, as_of=self.remote_now(self.call("GET", "/stock", safe=True)))


class TellsTheNetFigure(ModelWarehouse):
    """Takes off what is ordered and says that the figure falls at dispatch."""

    def read_stock(self) -> StockSnapshot:
        snapshot = super().read_stock()
        held = (
            self.call("POST", "/orders/search", safe=True, body={"refs": self.sent}).body["orders"] if self.sent else []
        )
        taken: dict[str, int] = {}
        for order in held:
            for line in order["lines"] if order["status"] == "waiting" else ():
                sku = self.skus[line["key"]]
                taken[sku] = taken.get(sku, 0) + line["count"]
        levels = tuple(replace(each, on_hand=each.on_hand - taken.get(each.base_sku, 0)) for each in snapshot.levels)
        return replace(snapshot, levels=levels)

    def __init__(self, given: Any) -> None:
        super().__init__(given)
        self.sent: list[str] = []
        self.skus: dict[str, str] = {}

    def body(self, order: Any) -> dict[str, Any]:
        self.sent.append(order.external_ref)
        self.skus |= {line.line_id: line.base_sku for line in order.lines}
        return super().body(order)


class CountsALabelAsDispatch(ModelWarehouse):
    """Takes a printed label for goods that left."""

    def left_at(self, told: Mapping[str, Any], left_at: datetime | None) -> datetime | None:
        return self.clock() if told["state"] == "labelled" else left_at


class CountsAPickAsDispatch(ModelWarehouse):
    """Takes what was picked for what has left."""

    def left_at(self, told: Mapping[str, Any], left_at: datetime | None) -> datetime | None:
        return self.clock() if told["state"] == "picked" else left_at


class CountsAVoid(ModelWarehouse):
    """Keeps counting a shipment that was taken back."""

    def voided(self, told: Mapping[str, Any]) -> bool:
        return False


class LeavesVoidedShipmentsOut(ModelWarehouse):
    """Does not tell of a shipment that was taken back, so that what was told before stands."""

    def shipment(self, told: Mapping[str, Any]) -> Shipment | Problem:
        found = super().shipment(told)
        return Problem("", "") if isinstance(found, Shipment) and found.voided else found


class LosesParcels(ModelWarehouse):
    """Tells of the first parcel alone."""

    def parcels(self, told: Mapping[str, Any]) -> tuple[Parcel, ...]:
        return super().parcels(told)[:1]


class LosesTheSecondCarrier(ModelWarehouse):
    """Gives all parcels the first one's carrier."""

    def parcels(self, told: Mapping[str, Any]) -> tuple[Parcel, ...]:
        found = super().parcels(told)
        return tuple(replace(each, carrier=found[0].carrier) for each in found)


class LosesContents(ModelWarehouse):
    """Says that it can tell what is in a parcel, and does not."""

    def parcels(self, told: Mapping[str, Any]) -> tuple[Parcel, ...]:
        return tuple(replace(each, contents=()) for each in super().parcels(told))


class MatchesBySku(ModelWarehouse):
    """Puts what left on the first line of its SKU."""

    def lines(self, told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> tuple[ShipmentLine, ...]:
        found = super().lines(told, rows)
        first = {each.base_sku: each.line_id for each in reversed(found)}
        return tuple(replace(each, line_id=first[each.base_sku]) for each in found)


class CapsOverShipments(ModelWarehouse):
    """Tells no more than ten units of a line."""

    def lines(self, told: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> tuple[ShipmentLine, ...]:
        return tuple(replace(each, base_quantity=min(each.base_quantity, 10)) for each in super().lines(told, rows))


class AdvancesTheCursorPastWhatWasNotRead(ModelWarehouse):
    """Gives every page the cursor of the last."""

    def reached(self, now: datetime, since: datetime | None, last: bool) -> datetime:
        return now


class ReadsWithoutOverlap(ModelWarehouse):
    """Reads from the cursor exactly: what was committed late is lost."""

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        return super().read_shipments(changed_since + timedelta(minutes=5) if changed_since else None)


class ForgetsClosures(ModelWarehouse):
    """Does not tell what the warehouse will not send."""

    def closures(self, reply: Reply) -> Iterator[LineClosure]:
        return iter(())


class TakesAnOpenRestForClosed(ModelWarehouse):
    """Takes every short shipment for the end of its line."""

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        for page in super().read_shipments(changed_since):
            ends = (LineClosure(line.external_ref, line.line_id, 1) for each in page.shipments for line in each.lines)
            yield replace(page, closures=page.closures + tuple(ends))


class TellsOthersOrders(ModelWarehouse):
    """Tells of shipments that are no business of ours."""

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        since = (changed_since - adapter._OVERLAP).isoformat() if changed_since else ""
        for reply in self.turned("/shipments", {"since": since}):
            found = [self.shipment(each) for each in self.rows(reply.body, "shipments")]
            yield ShipmentPage(tuple(each for each in found if isinstance(each, Shipment)), (), self.remote_now(reply))


class HidesWhatItCannotRead(ModelWarehouse):
    """Leaves an odd shipment out and tells nobody."""

    def shipment(self, told: Mapping[str, Any]) -> Shipment | Problem:
        found = super().shipment(told)
        if isinstance(found, Problem):
            return replace(super().shipment({**told, "lines": []}))
        return found
