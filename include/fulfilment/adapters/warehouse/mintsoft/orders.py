"""Warehouse orders in Mintsoft: looked for first, created once, found again.

| ours | Mintsoft's |
|---|---|
| external_ref | `OrderNumber` and `ExternalOrderReference` |
| PO number | name and value pair (`po_name`), and `Comments` where agreed |
| instructions | `DeliveryNotes` |
| requested date | `RequiredDeliveryDate` |
| service | `CourierService`: Mintsoft's name of it, a generic term, or AUTO |
| line id, units sent | pairs on the line; quantity in eaches, Mintsoft's lines have no unit of measure |

A repeated number is refused by 3PL accounts alone (help article 11686761), so no create goes without a look, and one
that got no clear answer is never repeated. Every answer is a list with a result per order made; a refusal is a 200 with
Success false. An order cancelled in Mintsoft does not stand in the way of a new one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.mintsoft.client import MOST_FOUND, MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.options import Options
from include.fulfilment.adapters.warehouse.mintsoft.order import new_order
from include.fulfilment.adapters.warehouse.mintsoft.parts import Family, is_ours
from include.fulfilment.adapters.warehouse.mintsoft.wire import NewOrderResult, Order, read
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    Created,
    FindAnswer,
    Rejected,
    SubmitAnswer,
    Unknown,
    WarehouseRecord,
    differences,
)

_LONGEST_WORDS = 300
_TAKEN = re.compile("already|duplicate|(?<!not )(?<!n't )exist|unique", re.IGNORECASE)
_FIELDS = {"courier": "shipping_service", "country": "ship_to.country_code", "postcode": "ship_to.postcode"}


class MintsoftOrders:
    """Submits warehouse orders to one Mintsoft and finds them again."""

    def __init__(self, client: MintsoftClient, options: Options, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._clock = clock

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create the order once; one that is there already under its reference is not created again, and no create
        starts after `until`."""
        try:
            there = self._there(order)
        except RemoteRefusal as refusal:
            return Unknown(f"it is not known whether it is there already: {refusal}")
        if there is not None:
            return there
        body = new_order(order, self._options, self._client.account)
        if self._clock() >= until:
            return Unknown("looking it up took so long that it was not sent")
        try:
            answer = self._client.put_order(body)
        except UnknownOutcome as unclear:
            return Unknown(str(unclear))
        except RemoteRefusal as refusal:
            return self._refused([_words(refusal.body) or str(refusal)], order)
        return self._judged(answer, order)

    def find(self, refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What Mintsoft holds under each reference, one call each. Raises RetryableError where nothing at all was
        answered; where a later call fails, what was not asked is Unknown."""
        answers: dict[str, FindAnswer] = {}
        failed = ""
        for ref in dict.fromkeys(refs):
            try:
                answers[ref] = Unknown(failed) if failed else self._answer(ref)
            except RemoteRefusal as refusal:
                answers[ref] = Unknown(str(refusal))
            except RetryableError as error:
                if not answers:
                    raise
                failed = str(error)
                answers[ref] = Unknown(failed)
        return answers

    def _answer(self, ref: str) -> FindAnswer:
        family = find_family(self._client, ref)
        if family is None:
            return Absent()
        return Unknown(family) if isinstance(family, str) else family.record(ref, self._options.po_name)

    def _there(self, order: WarehouseOrder) -> SubmitAnswer | None:
        """The answer where the order needs no create, or where it is not known whether it does."""
        family = find_family(self._client, order.external_ref)
        if family is None or (isinstance(family, Family) and not family.live):
            return None
        if isinstance(family, str):
            return Unknown(family)
        record = family.record(order.external_ref, self._options.po_name)
        return AlreadyExists(record.wms_id, differences(order, record))

    def _judged(self, answer: Any, order: WarehouseOrder) -> SubmitAnswer:
        results = [read(NewOrderResult, row) for row in answer] if isinstance(answer, list) else []
        read_well = [each for each in results if isinstance(each, NewOrderResult)]
        if not read_well or len(read_well) < len(results):
            return Unknown("Mintsoft's answer does not say whether the order was stored")
        made = [each for each in read_well if each.success]
        refused = [each.message for each in read_well if not each.success]
        if not made:
            return self._refused(refused, order)
        if refused:
            return Unknown(f"Mintsoft stored a part of the order and refused the rest: {_joined(refused)}")
        if not made[0].order_id:
            return Unknown("Mintsoft says that the order is stored, and gives no id")
        return Created(str(made[0].order_id))

    def _refused(self, messages: list[str], order: WarehouseOrder) -> SubmitAnswer:
        """Refused for good, unless the number is taken by this very order, sent by another worker just now."""
        if not _TAKEN.search(_joined(messages)):
            return refused_words(messages, order)
        try:
            found = self.find([order.external_ref])[order.external_ref]
        except (RemoteRefusal, RetryableError) as error:
            return Unknown(f"Mintsoft says that the number is taken, and who has it was not to be read: {error}")
        if isinstance(found, WarehouseRecord):
            return AlreadyExists(found.wms_id, differences(order, found))
        # A search can lag behind a create: a refusal for good would leave behind an order that the floor picks.
        nowhere = "; Mintsoft does not find it under our number; look there"
        return Unknown(_joined(messages) + (nowhere if isinstance(found, Absent) else ""))


def find_family(client: MintsoftClient, ref: str) -> Family | str | None:
    """All parts under a reference; None for none, or in words why that is not known."""
    names = client.status_names()
    rows = client.search(ref)
    read_rows = [(row, read(Order, row)) for row in rows]
    unreadable = [words for row, words in read_rows if isinstance(words, str) and row.get("OrderNumber") in (ref, None)]
    if unreadable:
        return f"Mintsoft's record of {ref} cannot be read: {unreadable[0]}"
    mine = [order for _, order in read_rows if isinstance(order, Order) and is_ours(order, ref, client.account)]
    if not mine and len(rows) >= MOST_FOUND:
        return f"Mintsoft's search for {ref} was answered with as many other orders as it gives; look there"
    if not mine:
        return None
    family = Family(mine, names)
    if not family.complete:
        return f"Mintsoft shows {len(family.parts)} parts of {ref} and counts more; look there"
    return family


def refused_words(messages: Sequence[str], order: WarehouseOrder | None) -> Rejected:
    """Mintsoft's own words for a refusal, and the field they name."""
    words = _joined(messages) or "Mintsoft refused the order without saying why"
    skus = sorted({line.base_sku for line in order.lines}, key=len, reverse=True) if order else []
    named = next((sku for sku in skus if re.search(rf"(?<![\w-]){re.escape(sku)}(?![\w-])", words)), "")
    told = next((field for word, field in _FIELDS.items() if word in words.lower()), "")
    return Rejected("refused_by_warehouse", words, f"sku {named}" if named else told)


def _joined(messages: Sequence[str]) -> str:
    return "; ".join(message for message in messages if message)[:_LONGEST_WORDS]


def _words(body: Any) -> str:
    found = body.get("Message", "") if isinstance(body, dict) else body
    return found if isinstance(found, str) else ""
