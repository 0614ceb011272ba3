"""drift_report: both systems as they stood at one cut-off, kept as evidence; what they disagree on, why, and who acts.

collect reads both systems and keeps the rows compared; decide judges the kept rows and stores the verdict; submit
publishes the files. The comparison itself is set work and is handed in (reports/), so a replay is the same call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from include.fulfilment.clock import Clock
from include.fulfilment.domain.discrepancy import CAUSES, Cause, Discrepancy
from include.fulfilment.domain.drift_inputs import OrderLineOurs, OrderLineShown
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.drift_port import DriftEvidence
from include.fulfilment.ports import (
    FindAnswer,
    ShopOrder,
    Storefront,
    Storefronts,
    Unknown,
    Warehouse,
    WarehouseRecord,
    Warehouses,
)
from include.fulfilment.services.collecting import collect_variants
from include.fulfilment.settings import Site
from include.fulfilment.store_port import Store

SCOPE = "drift_report"
LOOK_BACK = timedelta(days=14)  # finished orders are compared for so long after they finished
BATCH = 250


class Report(Protocol):
    """What the store keeps of a comparison."""

    @property
    def rows(self) -> tuple[Discrepancy, ...]: ...
    @property
    def hash(self) -> str: ...
    @property
    def headline(self) -> str: ...
    @property
    def counts_by_cause(self) -> dict[str, int]: ...
    @property
    def settling(self) -> int: ...


def collect(
    store: Store, warehouses: Warehouses, storefronts: Storefronts, site: Site, clock: Clock
) -> tuple[datetime, dict[str, int]]:
    """Read both systems and keep the rows to compare. Returns the cut-off under which they are kept, and counts."""
    cut_off = clock()
    collect_variants(store, storefronts, clock, nightly=True)
    with store.transaction() as rows:
        lines = rows.drift.lines_ours(cut_off - LOOK_BACK)
        order_ids = sorted({line.order_id for there in lines.values() for line in there})
        platform, others = rows.orders.platform_ids(order_ids), rows.drift.left_to_others(order_ids)
    held = [
        each
        for code, there in lines.items()
        for each in (_warehouse_lines(warehouses[code], there, clock) if code in warehouses else there)
    ]
    held.sort(key=lambda each: (each.order_id, each.line_id, each.external_ref))
    shown = [each for code, ids in platform.items() for each in _shop_lines(storefronts[code], ids, others, clock)]
    with store.transaction() as rows:
        stock = [rows.drift.stock_ours(code, cut_off, site.named_in_lines(code)) for code in warehouses]
        evidence = DriftEvidence(
            stock_ours=[each for there in stock for each in there],
            stock_shown=rows.drift.stock_shown([site.named_in_lines(code) for code in warehouses]),
            lines_ours=held,
            lines_shown=shown,
        )
        rows.drift.keep(cut_off, evidence)
    return cut_off, {"skus": len(evidence.stock_ours), "order_lines": len(held), "shop_lines": len(shown)}


def _warehouse_lines(warehouse: Warehouse, lines: Sequence[OrderLineOurs], clock: Clock) -> list[OrderLineOurs]:
    """Our lines with what the warehouse itself holds of each, read back by reference."""
    refs = sorted({line.external_ref for line in lines if line.external_ref})
    answers: dict[str, FindAnswer] = {}
    for start in range(0, len(refs), BATCH):
        answers |= warehouse.find(refs[start : start + BATCH])
    read_at = clock()
    out = []
    for line in lines:
        answer = answers.get(line.external_ref)
        if answer is None or isinstance(answer, Unknown):
            out.append(line)
        elif isinstance(answer, WarehouseRecord):
            out.append(replace(line, warehouse_base=answer.lines.get(line.line_id), as_of=read_at))
        else:
            out.append(replace(line, warehouse_base=None, as_of=read_at))
    return out


def _shop_lines(
    storefront: Storefront, platform: Mapping[str, str], others: Mapping[tuple[str, str], int], clock: Clock
) -> list[OrderLineShown]:
    """The same orders' lines as the shop holds them, without the units that are others' to send or that they sent."""
    ids = sorted(platform.values())
    shop: dict[str, ShopOrder] = {}
    for start in range(0, len(ids), BATCH):
        shop |= storefront.read_shop_orders(ids[start : start + BATCH])
    read_at = clock()
    return [
        OrderLineShown(
            order_id=order_id,
            line_id=line.line_id,
            sku=line.sku,
            quantity=max(0, line.current_quantity - others.get((order_id, line.line_id), 0)),
            fulfilled=max(0, line.fulfilled_quantity - others.get((order_id, line.line_id), 0)),
            read_at=read_at,
            order_name=shop[platform_id].name,
        )
        for order_id, platform_id in platform.items()
        if platform_id in shop and not shop[platform_id].cancelled
        for line in shop[platform_id].lines
    ]


def save_verdict(store: Store, cut_off: datetime, report: Report, clock: Clock) -> dict[str, int]:
    """Store the verdict on the kept rows and open one ticket per cause; a ticket closes when a night has none of it."""
    with store.transaction(lock=SCOPE) as rows:
        rows.drift.save(cut_off, report.rows, report.hash, report.headline, report.counts_by_cause, clock())
        tickets = [
            ExceptionTicket(
                "drift_found",
                CAUSES[Cause(cause)].words,
                evidence={
                    "differences": str(count),
                    "owner": CAUSES[Cause(cause)].owner,
                    "next step": CAUSES[Cause(cause)].next_step,
                },
            )
            for cause, count in report.counts_by_cause.items()
        ]
        rows.log.reconcile_tickets(SCOPE, tickets, clock())
    return {"differences": len(report.rows), "settling": report.settling}
