"""Adapters that cancel or amend wrongly, each in one way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.adapters.warehouse.changing import Refusal, cancel_held
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.ports import (
    Absent,
    AmendAnswer,
    Amended,
    CancelAnswer,
    Cancelled,
    Pending,
    Rejected,
    TooLate,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
)
from tests.contract.model.adapter import CAPABILITIES, ModelWarehouse
from tests.contract.orders import LATE


class SaysCancelledAndAsksNobody(ModelWarehouse):
    """Answers without a call."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        return Cancelled()


class ReadsCancelledAsReceived(ModelWarehouse):
    """Does not know the word for an order that is cancelled, and takes it for a live one."""

    def status(self, word: str) -> WarehouseStatus:
        return WarehouseStatus.RECEIVED if word == "cancelled" else super().status(word)


class RefusesTheSecondCancel(ModelWarehouse):
    """Takes what is cancelled for too late to be cancelled."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        held = self.find([external_ref])[external_ref]
        gone = isinstance(held, WarehouseRecord) and held.status is WarehouseStatus.CANCELLED
        return TooLate("cancelled") if gone else super().cancel(external_ref)


class CancelsEveryOrderOfTheSku(ModelWarehouse):
    """Cancels its neighbour as well."""

    def ask_to_cancel(self, held: WarehouseRecord) -> Refusal | None:
        self.asked("/orders/cancel", {"id": int(held.wms_id) + 1})
        return super().ask_to_cancel(held)


class PromisesACancelForLater(ModelWarehouse):
    """Answers Pending where the warehouse answers at once."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        return Pending("asked")


class CancelsWhatIsPicked(ModelWarehouse):
    """Forces it, as some systems allow."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        held = self.find([external_ref])[external_ref]
        if isinstance(held, WarehouseRecord) and held.status is WarehouseStatus.PICKING:
            self.asked("/orders/cancel", {"id": held.wms_id, "force": True})
        return super().cancel(external_ref)


class TakesTooLateForCancelled(ModelWarehouse):
    """Reads the status code and not the answer."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        answer = super().cancel(external_ref)
        return Cancelled() if isinstance(answer, TooLate) else answer


class CancelsByOurOwnReferenceAlone(ModelWarehouse):
    """Looks for another route's order where ours have their reference, does not find it, and leaves it going."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        return cancel_held(self.find, external_ref, self.ask_to_cancel)


class TakesAbsentForCancelled(ModelWarehouse):
    """Takes what is not found for cancelled."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        answer = super().cancel(external_ref)
        return Cancelled() if answer == Absent() else answer


class TakesALostCancelForDone(ModelWarehouse):
    """Takes no answer for a yes."""

    def cancel(self, external_ref: str) -> CancelAnswer:
        answer = super().cancel(external_ref)
        return Cancelled() if isinstance(answer, Unknown) else answer


class TakesAFaultForTooLate(ModelWarehouse):
    """Takes no answer for a no."""

    def ask_to_cancel(self, held: WarehouseRecord) -> Refusal | None:
        try:
            return super().ask_to_cancel(held)
        except UnknownOutcome:
            return TooLate("no answer")


class ForgetsTheDay(ModelWarehouse):
    """Amends all but the day."""

    def ask_to_amend(self, order: WarehouseOrder, held: WarehouseRecord) -> Refusal | None:
        return super().ask_to_amend(replace(order, requested_on=None), held)


class LeavesLinesOn(ModelWarehouse):
    """Changes lines and takes none off."""

    def ask_to_amend(self, order: WarehouseOrder, held: WarehouseRecord) -> Refusal | None:
        mine = {line.line_id for line in order.lines}
        sku = order.lines[0].base_sku
        more = [WarehouseOrderLine(key, sku, units, "", "") for key, units in held.lines.items() if key not in mine]
        return super().ask_to_amend(replace(order, lines=(*order.lines, *more)), held)


class AddsAgain(ModelWarehouse):
    """Puts the lines on once more each time it is asked, and compares nothing."""

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        held = self.find([order.external_ref])[order.external_ref]
        if isinstance(held, WarehouseRecord) and held.po_number == order.po_number:
            more = tuple(replace(line, line_id=f"{line.line_id}-{len(held.lines)}") for line in order.lines)
            self.ask_to_amend(replace(order, lines=(*order.lines, *more)), held)
            return Amended()
        return super().amend(order)


class SendsOnlyWhatChanged(ModelWarehouse):
    """Forgets that this warehouse takes the list for the whole order."""

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        held = self.find([order.external_ref])[order.external_ref]
        if isinstance(held, WarehouseRecord) and held.po_number == order.po_number:
            changed = [line for line in order.lines if held.lines.get(line.line_id) != line.base_quantity]
            self.ask_to_amend(replace(order, lines=tuple(changed)), held)
            return Amended()
        return super().amend(order)


class AmendsWhatIsPicked(LeavesLinesOn):
    """Forces it, as some systems allow."""

    def body(self, order: WarehouseOrder) -> dict[str, Any]:
        return {**super().body(order), "force": True}

    def status(self, word: str) -> WarehouseStatus:
        return WarehouseStatus.RECEIVED if word == "picking" else super().status(word)


class CreatesWhatIsAbsent(ModelWarehouse):
    """Makes the order that it was to amend."""

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        answer = super().amend(order)
        if answer == Absent():
            self.submit(order, LATE)
        return answer


class TakesTheCancelledForAmended(ModelWarehouse):
    """Says yes where there is nothing to be amended any more."""

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        answer = super().amend(order)
        return Amended() if isinstance(answer, Rejected) and answer.code == "cancelled" else answer


class AmendsHalfOfWhatIsRefused(ModelWarehouse):
    """Sends what it can before what is refused."""

    def ask_to_amend(self, order: WarehouseOrder, held: WarehouseRecord) -> Refusal | None:
        known = tuple(line for line in order.lines if line.line_id in held.lines)
        return super().ask_to_amend(replace(order, lines=known), held) or super().ask_to_amend(order, held)


class CutsTheAmendedOrderNumber(ModelWarehouse):
    """Looks at the limits when it creates, and cuts when it amends."""

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        return super().amend(replace(order, po_number=order.po_number[:40]))


class AmendsThoughItDeclaresNot(ModelWarehouse):
    """Declares that it amends nothing, and does."""

    capabilities = replace(CAPABILITIES, update=False)


class TakesALostAmendmentForDone(ModelWarehouse):
    """Takes no answer for a yes."""

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        answer = super().amend(order)
        return Amended() if isinstance(answer, Unknown) else answer
