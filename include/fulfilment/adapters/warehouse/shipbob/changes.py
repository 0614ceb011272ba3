"""An order at ShipBob is cancelled. It cannot be changed there: shipments can be edited, orders cannot.

A cancel is tried on each shipment, which must not be "picked, packed, or shipped" (ShipBob's OpenAPI 2026-01,
cancel-shipment), and answered for each: Success, Failure or PartialSuccess. A shipment of which the cancel failed goes,
so what counts is what is read back. An order of which only a part was cancelled is in doubt, and a person looks: what
is left of it goes, and what was cancelled is told as short.
"""

from __future__ import annotations

from pydantic import ValidationError

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.changing import Refusal
from include.fulfilment.adapters.warehouse.shipbob.wire import ShipBobClient, Wire
from include.fulfilment.ports import Rejected, TooLate, WarehouseRecord

AMENDS_NOTHING = Rejected("amend_unsupported", "ShipBob changes no order; cancel it and send a new one")
_LONGEST_WORDS = 300


class CancelResult(Wire):
    """What became of one shipment of an order that was to be cancelled."""

    is_success: bool | None = None
    reason: str | None = None


class CancelledOrder(Wire):
    """ShipBob's answer to a cancel: Success, Failure or PartialSuccess, and each shipment's result."""

    status: str
    canceled_shipment_results: tuple[CancelResult, ...] | None = None


def ask_to_cancel(client: ShipBobClient, held: WarehouseRecord) -> Refusal | None:
    """One cancel of an order; None where every shipment was. Raises UnknownOutcome where only some were."""
    try:
        answer = CancelledOrder.model_validate(client.cancel(held.wms_id))
    except RemoteRefusal as refusal:
        return _refused(refusal)
    except ValidationError as error:
        raise UnknownOutcome("shipbob: the answer to a cancel does not say what became of it") from error
    if answer.status == "Success":
        return None
    words = f"ShipBob cancelled {held.external_ref} with {answer.status}: {_reasons(answer)}"
    if answer.status == "Failure":
        return TooLate(words[:_LONGEST_WORDS])
    raise UnknownOutcome(f"{words}; look there what of it still goes"[:_LONGEST_WORDS])


def _refused(refusal: RemoteRefusal) -> Refusal:
    """422 is a broken rule, and the rule of a cancel is that nobody works on the order; the body has the words."""
    body = refusal.body if isinstance(refusal.body, dict) else {}
    said = [str(each) for found in body.values() for each in (found if isinstance(found, list) else [found])]
    words = "; ".join(said)[:_LONGEST_WORDS] or str(refusal)
    return TooLate(words) if refusal.status == 422 else Rejected("refused_by_warehouse", words)


def _reasons(answer: CancelledOrder) -> str:
    failed = [each.reason or "no reason" for each in answer.canceled_shipment_results or () if not each.is_success]
    return "; ".join(failed) or "no shipment was named"
