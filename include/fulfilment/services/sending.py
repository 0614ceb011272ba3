"""One batch of warehouse orders on its way to the warehouse: looked for where it may be there already, then created.

An order may be there by another route too, under the shop's own number: then it is not created, and a person decides.

A call that fails is its own order's matter: the others keep their answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import FulfilmentError, RetryableError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    FindAnswer,
    OtherOrder,
    SubmitAnswer,
    Unknown,
    Warehouse,
    WarehouseRecord,
    WarehouseStatus,
    differences,
)
from include.fulfilment.store_port import OutboxRow


@dataclass(frozen=True, slots=True)
class HeldAlready:
    """It was not sent: the warehouse holds it, or another order for the same goods, under the shop's own number."""

    reference: str
    wms_id: str


Answers = Mapping[int, SubmitAnswer | HeldAlready | None]
"""By outbox id; None for an order that was not sent."""
LONGEST_WAIT = 5.0
"""Seconds. Where the warehouse asks for a longer pause, or its calls are used up for longer, nothing more is sent."""


@dataclass(slots=True)
class _Turn:
    """The time that a batch has, and whether the warehouse asked for a pause meanwhile; its threads share it."""

    clock: Clock
    until: datetime
    pause: RetryableError | None = None

    def is_over(self) -> bool:
        return self.pause is not None or self.clock() >= self.until

    def heard(self, error: FulfilmentError) -> bool:
        """Whether the error asks for a pause. Such a call changed nothing."""
        if isinstance(error, RetryableError) and (error.retry_after or 0) > LONGEST_WAIT:
            self.pause = self.pause or error
            return True
        return False


def send(
    warehouse: Warehouse, claimed: Sequence[OutboxRow], clock: Clock, until: datetime
) -> tuple[Answers, RetryableError | None]:
    """One answer per row, None where it was not sent, and the pause that the warehouse asked for, if it did.

    Rows that were tried before are found, or known to be absent, before anything is created. A call that fails makes
    its order Unknown, in the error's words. Where nothing at all was answered the warehouse is out of reach: nothing
    was sent, and the first error is the pause. Raises it where it is of another kind than RetryableError."""
    turn = _Turn(clock, until)
    orders = {row.outbox_id: WarehouseOrder.from_json(row.payload) for row in claimed}
    tried = [orders[row.outbox_id].external_ref for row in claimed if row.attempts > 1]
    known = _look_for(warehouse, tried, turn)
    tries: dict[int, SubmitAnswer | HeldAlready | FulfilmentError | None] = {}
    fresh: dict[int, WarehouseOrder] = {}
    for outbox_id, order in orders.items():
        match known.get(order.external_ref, Absent()):
            case WarehouseRecord() as record:
                tries[outbox_id] = AlreadyExists(record.wms_id, differences(order, record))
            case Absent():
                fresh[outbox_id] = order
            case unclear:
                tries[outbox_id] = unclear
    elsewhere = _by_another_route(warehouse, fresh, turn)
    tries |= elsewhere
    fresh = {outbox_id: order for outbox_id, order in fresh.items() if outbox_id not in elsewhere}
    with ThreadPoolExecutor(warehouse.capabilities.submit_concurrency) as pool:
        sent = pool.map(lambda order: _submit(warehouse, order, turn), fresh.values())
        tries |= zip(fresh, sent, strict=True)
    faults = [each for each in tries.values() if isinstance(each, FulfilmentError)]
    if faults and len(faults) == sum(each is not None for each in tries.values()):
        unreached = [each for each in faults if isinstance(each, RetryableError)]
        if len(unreached) < len(faults):
            raise faults[0]
        return dict.fromkeys(tries), turn.pause or unreached[0]
    answers = {key: Unknown(str(each)) if isinstance(each, FulfilmentError) else each for key, each in tries.items()}
    return answers, turn.pause


def _look_for(warehouse: Warehouse, refs: Sequence[str], turn: _Turn) -> dict[str, FindAnswer | FulfilmentError | None]:
    """All at once; where that fails one by one, so that one order that cannot be read blocks no other. None for what
    was not answered because the warehouse asked for a pause."""
    if not refs:
        return {}
    try:
        return dict(warehouse.find(refs))
    except FulfilmentError as error:
        failed = None if turn.heard(error) else error
    found: dict[str, FindAnswer | FulfilmentError | None] = dict.fromkeys(refs, failed)
    for ref in refs if len(refs) > 1 else ():
        if turn.is_over():
            break
        try:
            found |= warehouse.find([ref])
        except FulfilmentError as error:
            found[ref] = None if turn.heard(error) else error
    return found


def _by_another_route(
    warehouse: Warehouse, fresh: Mapping[int, WarehouseOrder], turn: _Turn
) -> dict[int, HeldAlready | FulfilmentError | None]:
    """The orders that the warehouse holds under the shop's own number. Where it could not be asked, none whose number
    was to be looked for is sent: its fault, or None where it asked for a pause. What follows a part that was sent
    there is ours."""
    asked = {
        outbox_id: order
        for outbox_id, order in fresh.items()
        if not order.follows and not order.adopts and not order.beside_another
    }
    numbers = sorted({number for order in asked.values() for number in order.shop_numbers})
    if not numbers or turn.is_over():
        return {}
    try:
        others = warehouse.others(numbers)
    except FulfilmentError as error:
        return dict.fromkeys(asked, None if turn.heard(error) else error)
    found: dict[int, HeldAlready | FulfilmentError | None] = {}
    for outbox_id, order in asked.items():
        same = [others[number] for number in order.shop_numbers if number in others]
        for other in same:
            if _may_be(order, other):
                found[outbox_id] = HeldAlready(other.reference, other.wms_id)
    return found


def _may_be(order: WarehouseOrder, other: OtherOrder) -> bool:
    """Numbers are short and another shop counts as well: an order for none of our goods is another one."""
    if other.status is WarehouseStatus.CANCELLED:
        return False
    return not other.units or any(line.base_sku in other.units for line in order.lines)


def _submit(warehouse: Warehouse, order: WarehouseOrder, turn: _Turn) -> SubmitAnswer | FulfilmentError | None:
    try:
        return None if turn.is_over() else warehouse.submit(order, turn.until)
    except FulfilmentError as error:
        return None if turn.heard(error) else error
