"""Adapters that send wrongly, each in one way."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.adapters.transport import RemoteRefusal, Reply, Transport, UnknownOutcome
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import AlreadyExists, Created, Rejected, SubmitAnswer, Unknown, WarehouseRecord
from tests.contract.model.adapter import ModelWarehouse

log = logging.getLogger(__name__)


class CreatesAfterUnknown(ModelWarehouse):
    """Tries the create again when nobody knows whether it was stored."""

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        answer = super().submit(order, until)
        if isinstance(answer, Unknown) and self.clock() < until:
            made = self.call("POST", "/orders", safe=False, body=self.body(order)).body
            return Created(str(made["id"]))
        return answer


class RepeatsTheCreate(ModelWarehouse):
    """Calls the create safe to repeat, so that the transport repeats it after a lost reply."""

    def call(self, method: str, path: str, *, safe: bool, body: Any = None, **params: Any) -> Reply:
        return super().call(method, path, safe=True, body=body, **params)


class NeverLooksFirst(ModelWarehouse):
    """Creates without looking what is there under the reference."""

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        if self.clock() >= until:
            return Unknown("too late")
        try:
            return Created(str(self.call("POST", "/orders", safe=False, body=self.body(order)).body["id"]))
        except UnknownOutcome as unclear:
            return Unknown(str(unclear))
        except RemoteRefusal as refusal:
            return Rejected("refused", str(refusal.body))
        except (KeyError, TypeError):
            return Unknown("no id")


class SwallowsDifferences(ModelWarehouse):
    """Answers that the order exists and does not compare it."""

    def known(self, order: WarehouseOrder, held: WarehouseRecord) -> SubmitAnswer:
        return AlreadyExists(held.wms_id)


class AnswersCreatedForWhatExists(ModelWarehouse):
    """Says Created for an order that was there before."""

    def known(self, order: WarehouseOrder, held: WarehouseRecord) -> SubmitAnswer:
        return Created(held.wms_id)


class TakesAnyAnswerForCreated(ModelWarehouse):
    """Takes a 2xx answer without the order's id for a yes."""

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        answer = super().submit(order, until)
        return Created("?") if answer == Unknown("the warehouse answered without the order's id") else answer


class TakesAFaultForARefusal(ModelWarehouse):
    """Calls a passing fault a refusal for good."""

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        answer = super().submit(order, until)
        return Rejected("failed", answer.reason) if isinstance(answer, Unknown) and self.clock() < until else answer


class IgnoresUntil(ModelWarehouse):
    """Creates after its time, when another worker may be at it."""

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        return super().submit(order, until.replace(year=2100))


class LooksAtTheClockTooEarly(ModelWarehouse):
    """Looks at the clock before its lookups and not after them."""

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        return super().submit(order, until if self.clock() >= until else until.replace(year=2100))


class CutsTheOrderNumber(ModelWarehouse):
    """Cuts a PO number that is too long, instead of refusing it."""

    def too_long(self, order: WarehouseOrder) -> None:
        return None

    def body(self, order: WarehouseOrder) -> dict[str, Any]:
        return super().body(replace(order, po_number=order.po_number[:40]))


class DeclaresMoreThanItCarries(ModelWarehouse):
    """Declares 40 characters for the PO number and carries 35."""

    def body(self, order: WarehouseOrder) -> dict[str, Any]:
        return super().body(replace(order, po_number=order.po_number[:35]))


class LosesEmoji(ModelWarehouse):
    """Drops what is not plain Latin text."""

    def body(self, order: WarehouseOrder) -> dict[str, Any]:
        body = super().body(order)
        plain = {key: text.encode("latin-1", "ignore").decode("latin-1") for key, text in body["to"].items()}
        return {**body, "to": plain, "note": body["note"].encode("latin-1", "ignore").decode("latin-1")}


class ForgetsThePhone(ModelWarehouse):
    """Leaves a part of the address out."""

    def body(self, order: WarehouseOrder) -> dict[str, Any]:
        body = super().body(order)
        return {**body, "to": {key: text for key, text in body["to"].items() if key != "phone"}}


class MergesEqualSkus(ModelWarehouse):
    """Sends two lines of one SKU as one."""

    def body(self, order: WarehouseOrder) -> dict[str, Any]:
        merged: dict[str, WarehouseOrderLine] = {}
        for each in order.lines:
            known = merged.get(each.base_sku)
            units = each.base_quantity + (known.base_quantity if known else 0)
            merged[each.base_sku] = replace(known or each, base_quantity=units)
        return super().body(replace(order, lines=tuple(merged.values())))


class ReadsLineIdsAsNumbers(ModelWarehouse):
    """Takes our line ids for numbers."""

    def line(self, line: WarehouseOrderLine) -> dict[str, Any]:
        digits = "".join(each for each in line.line_id if each.isdigit())
        return {**super().line(line), "key": str(int(digits or 0))}


class CountsPacksAsUnits(ModelWarehouse):
    """Sends a pack line's packs without saying how many units one is."""

    def line(self, line: WarehouseOrderLine) -> dict[str, Any]:
        return {**super().line(line), "units": 1}


class CutsHalfPacks(ModelWarehouse):
    """Sends whole packs of a line that is no whole number of them."""

    def line(self, line: WarehouseOrderLine) -> dict[str, Any]:
        packs = line.base_quantity // line.units_per_uom if self.packs else 0
        return {**super().line(line), "count": packs, "units": line.units_per_uom} if packs else super().line(line)


class IgnoresTheBudget(ModelWarehouse):
    """Never asks for its calls."""

    def wired(self, given: Connecting) -> Transport:
        transport = super().wired(given)
        transport._acquire = lambda cost: None
        return transport


class TellsTheToken(ModelWarehouse):
    """Logs how it calls."""

    def call(self, method: str, path: str, *, safe: bool, body: Any = None, **params: Any) -> Reply:
        log.info("calling %s with Bearer %s", path, self.given.connection.password)
        return super().call(method, path, safe=safe, body=body, **params)


class TellsTheAddress(ModelWarehouse):
    """Puts the body of a call that failed into its answer."""

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        answer = super().submit(order, until)
        return Unknown(f"{answer.reason}; sent was {self.body(order)}") if isinstance(answer, Unknown) else answer


class PutsTheTokenIntoTheAddress(ModelWarehouse):
    """Sends its key where every proxy logs it."""

    def call(self, method: str, path: str, *, safe: bool, body: Any = None, **params: Any) -> Reply:
        return super().call(method, path, safe=safe, body=body, key=self.given.connection.password, **params)


class TellsNobodyOfItsCalls(ModelWarehouse):
    """Counts no call."""

    def wired(self, given: Connecting) -> Transport:
        return super().wired(replace(given, on_call=lambda system, operation, status: None))


class SwallowsEverything(ModelWarehouse):
    """Answers Unknown where a person must mend the credentials, and an empty answer where there is none."""

    def find(self, external_refs: Any) -> Any:
        try:
            return super().find(external_refs)
        except FulfilmentError:
            return {ref: Unknown("something went wrong") for ref in external_refs}
