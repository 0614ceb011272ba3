"""One batch of warehouse orders on its way to the warehouse: looked for where it may be there already, then created.

A call that fails is its own order's matter: the others keep their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    FindAnswer,
    SubmitAnswer,
    Unknown,
    Warehouse,
    WarehouseRecord,
    differences,
)
from include.fulfilment.store_port import OutboxRow


def send(
    warehouse: Warehouse, claimed: Sequence[OutboxRow], clock: Clock, until: datetime
) -> dict[int, SubmitAnswer | None]:
    """One answer per row, None where it was not sent in time. Rows that were tried before are found, or known to be
    absent, before anything is created. A call that fails makes its order Unknown, in the error's words; where nothing
    at all was answered the warehouse is out of reach, and the first error is raised."""
    orders = {row.outbox_id: WarehouseOrder.from_json(row.payload) for row in claimed}
    known = _look_for(
        warehouse, [orders[row.outbox_id].external_ref for row in claimed if row.attempts > 1], clock, until
    )
    tries: dict[int, SubmitAnswer | FulfilmentError | None] = {}
    fresh: dict[int, WarehouseOrder] = {}
    for outbox_id, order in orders.items():
        match known.get(order.external_ref, Absent()):
            case WarehouseRecord() as record:
                tries[outbox_id] = AlreadyExists(record.wms_id, differences(order, record))
            case Absent():
                fresh[outbox_id] = order
            case unclear:
                tries[outbox_id] = unclear
    with ThreadPoolExecutor(warehouse.capabilities.submit_concurrency) as pool:
        sent = pool.map(lambda order: _submit(warehouse, order, clock, until), fresh.values())
        tries |= zip(fresh, sent, strict=True)
    faults = [each for each in tries.values() if isinstance(each, FulfilmentError)]
    if faults and len(faults) == sum(each is not None for each in tries.values()):
        raise faults[0]
    return {key: Unknown(str(each)) if isinstance(each, FulfilmentError) else each for key, each in tries.items()}


def _look_for(
    warehouse: Warehouse, refs: Sequence[str], clock: Clock, until: datetime
) -> dict[str, FindAnswer | FulfilmentError]:
    """All at once; where that fails one by one, so that one order that cannot be read blocks no other."""
    if not refs:
        return {}
    try:
        return dict(warehouse.find(refs))
    except FulfilmentError as error:
        found: dict[str, FindAnswer | FulfilmentError] = dict.fromkeys(refs, error)
    for ref in refs if len(refs) > 1 else ():
        if clock() >= until:
            break
        try:
            found |= warehouse.find([ref])
        except FulfilmentError as error:
            found[ref] = error
    return found


def _submit(
    warehouse: Warehouse, order: WarehouseOrder, clock: Clock, until: datetime
) -> SubmitAnswer | FulfilmentError | None:
    try:
        return warehouse.submit(order, until) if clock() < until else None
    except FulfilmentError as error:
        return error
