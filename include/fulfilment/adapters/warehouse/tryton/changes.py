"""An order in Tryton is cancelled by cancelling its shipments; it cannot be changed.

A confirmed sale goes neither back to draft nor to cancelled (Tryton 8.0, modules/sale/sale.py, `_transitions`), and its
lines are fixed. Its shipments can be cancelled, also those that are packed (modules/stock/shipment.py, the button
`cancel`): that is done only while none is assigned, which is where the staff begin to pick. The sale then stands as
processing with an exception until somebody in Tryton says that it is to be ignored; nothing of it leaves.
"""

from __future__ import annotations

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.changing import Refusal
from include.fulfilment.adapters.warehouse.tryton.sale import rejected
from include.fulfilment.adapters.warehouse.tryton.wire import TrytonClient, record_id
from include.fulfilment.ports import Rejected, TooLate, WarehouseRecord

AMENDS_NOTHING = Rejected("amend_unsupported", "Tryton changes no confirmed sale; cancel it and send a new order")
_SHIPMENT = "stock.shipment.out"
_UNTOUCHED = ("draft", "waiting")


def ask_to_cancel(client: TrytonClient, held: WarehouseRecord) -> Refusal | None:
    """Cancel the shipments of an order. Raises UnknownOutcome where there are none yet, or where only some were
    cancelled: what is left of the order goes."""
    domain = [["origin.sale", "=", int(held.wms_id), "sale.line"], ["state", "!=", "cancelled"]]
    moves = client.search("stock.move", domain, ["shipment"])
    ids = sorted({record_id(move["shipment"]) for move in moves if move["shipment"]})
    shipments = client.search(_SHIPMENT, [["id", "in", ids]], ["number", "state"])
    if not shipments:
        raise UnknownOutcome(f"tryton: the shipments of sale {held.wms_id} are not made yet")
    begun = [f"shipment {each['number']} is {each['state']}" for each in shipments if each["state"] not in _UNTOUCHED]
    if begun:
        return TooLate(", ".join(begun))
    for done, shipment in enumerate(shipments):
        try:
            client.press(_SHIPMENT, shipment["id"], "cancel")
        except RemoteRefusal as refusal:
            if done:
                words = (
                    f"tryton: {done} of {len(shipments)} shipments of {held.external_ref} were cancelled; look there"
                )
                raise UnknownOutcome(words) from refusal
            return rejected(refusal)
    return None
