"""stock_sync: every shop shows what the warehouse has and nobody has ordered yet, counted in what each variant is.

collect reads stock, shipments, the shops and new orders, in this order; decide computes; submit pushes what differs.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.clock import Clock
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.order import Variant
from include.fulfilment.domain.quantity import PackCatalogue, PackRow, index_packs, what_it_is
from include.fulfilment.domain.stock import Availability, available_to_promise
from include.fulfilment.ports import AvailabilityChange, ChangeAnswer, PackSource, Storefront, Storefronts, Warehouses
from include.fulfilment.services.collecting import (
    collect_orders,
    collect_shipments,
    collect_stock,
    collect_variants,
    every_end,
)
from include.fulfilment.services.sources import collect_packs
from include.fulfilment.settings import Site
from include.fulfilment.store_port import QUANTITIES, OwedPush, Rows, Store

SCOPE = "stock_sync"
PAGE = 250  # rows in one call: what the port promises, and the most that a shop takes
ROUNDS = 3


def collect(
    store: Store, warehouses: Warehouses, storefronts: Storefronts, packs: PackSource, site: Site, clock: Clock
) -> dict[str, int]:
    """Read the pack catalogue, then stock, then shipments, then what the shops show, then the shops' orders.

    What left before the stock was read is not in its figure, so it must be known before the rest of what we released
    is taken off it. Orders come last on purpose: every order that lowered a figure we read is then counted as demand,
    and one placed later makes our compare-and-set fail instead of being overwritten.
    """
    figures = collect_packs(store, packs, site, clock) | collect_stock(store, warehouses, site, clock)
    figures |= collect_shipments(store, warehouses, site, clock)
    return figures | collect_variants(store, storefronts, clock) | collect_orders(store, storefronts, site, clock)


def decide(store: Store, site: Site, clock: Clock, dry_run: bool = False) -> dict[str, int]:
    """What each variant should show, from the newest accepted reading of the warehouse whose location it is at. A SKU
    that the reading lacks, or whose units are unknown, keeps what the shop shows: missing is not zero. Returns counts
    of variants."""
    figures = Counter({"variants": 0, "differ": 0})
    with store.transaction(lock=QUANTITIES) as rows:  # so that no order is between unproven and proven meanwhile
        packs, variants = index_packs(rows.packs.packs()), rows.stock.variants()
        tickets: list[ExceptionTicket] = []
        read_any = False
        for code in site.warehouses:
            read = rows.stock.figures(code)
            if read is None:
                continue
            (as_of, on_hand), name, read_any = read, site.named_in_lines(code), True
            demand = _demand(rows, code, name, packs, as_of)
            here = [each for each in variants if each.leaves_from == name]
            wanted = _wanted(here, packs, on_hand, demand, site)
            figures["variants"] += len(wanted)
            if not dry_run:
                figures["differ"] += rows.stock.want(wanted, as_of, name)
            tickets += [_below_zero(sku, units) for sku, units in on_hand.items() if units < 0]
        tickets += [_unmapped(each) for each in variants if not what_it_is(packs, each.sku)]
        if read_any and not dry_run:
            rows.log.reconcile_tickets(SCOPE, tickets, clock())
    return dict(figures)


def _wanted(
    variants: Sequence[Variant], packs: PackCatalogue, on_hand: dict[str, int], demand: dict[str, int], site: Site
) -> dict[str, Availability]:
    wanted = {}
    for variant in variants:
        parts = what_it_is(packs, variant.sku)
        if parts and all(part.base_sku in on_hand for part in parts) and variant.available is not None:
            wanted[variant.sku] = _available(variant, parts, on_hand, demand, site)
    return wanted


def _unmapped(variant: Variant) -> ExceptionTicket:
    return ExceptionTicket("variant_unmapped", variant.sku or variant.variant_id)


def _demand(rows: Rows, warehouse: str, name: str, packs: PackCatalogue, as_of: datetime) -> dict[str, int]:
    """Base units per SKU that the figure of `as_of` does not contain yet, orders not yet looked at included."""
    demand = dict(rows.stock.demand(warehouse, as_of, name))
    for sku, quantity in rows.stock.unproven(name):
        for part in what_it_is(packs, sku):
            demand[part.base_sku] = demand.get(part.base_sku, 0) + quantity * part.units_per_uom
    return demand


def _available(
    variant: Variant, parts: Sequence[PackRow], on_hand: dict[str, int], demand: dict[str, int], site: Site
) -> Availability:
    """Of a kit, what its scarcest component allows."""
    figures = [(part.base_sku, on_hand[part.base_sku], demand.get(part.base_sku, 0), part) for part in parts]
    return min(
        (
            available_to_promise(variant.sku, base, figure, wanted, site.release.buffer, part.units_per_uom)
            for base, figure, wanted, part in figures
        ),
        key=lambda each: each.quantity,
    )


def _below_zero(base_sku: str, units: int) -> ExceptionTicket:
    return ExceptionTicket("negative_on_hand", base_sku, evidence={"the warehouse reports": f"{units} EA"})


def submit(
    store: Store, storefronts: Storefronts, site: Site, clock: Clock, skus: Sequence[str] = ()
) -> dict[str, int]:
    """Push what differs by compare-and-set. Where a shop moved meanwhile it is read again and computed anew, a
    bounded number of times; what is still moving then is left to the next run."""

    def push(code: str, storefront: Storefront) -> dict[str, int]:
        return _push(store, site, code, storefront, clock, skus)

    totals: Counter[str] = Counter()
    for _ in range(ROUNDS):
        figures = every_end(storefronts, push)
        totals.update(figures)
        if not figures["stale"]:
            break
        collect_variants(store, storefronts, clock)
        collect_orders(store, storefronts, site, clock)
        decide(store, site, clock)
    with store.transaction() as rows:
        tickets = [
            ExceptionTicket("stock_row_rejected", sku, evidence={"the shop says": words})
            for sku, words in rows.stock.refused().items()
        ]
        rows.log.reconcile_tickets("stock_push", tickets, clock())
    return dict(totals)


def _push(
    store: Store, site: Site, code: str, storefront: Storefront, clock: Clock, skus: Sequence[str]
) -> dict[str, int]:
    places = {(code, name) for name in site.storefronts[code].locations}
    with store.transaction() as rows:
        owed = rows.stock.to_push(skus or None)
    owed = [each for each in owed if (each.variant.storefront, each.variant.leaves_from) in places]
    figures = {"applied": 0, "stale": 0, "rejected": 0, "calls": 0}
    for start in range(0, len(owed), PAGE):
        page = owed[start : start + PAGE]
        answers: list[ChangeAnswer] = storefront.set_available([_change(each) for each in page], _key(page))
        with store.transaction() as rows:
            rows.stock.pushed(code, answers, clock())
        for answer in answers:
            figures[answer.outcome] += 1
        figures["calls"] += 1
    return figures


def _change(owed: OwedPush) -> AvailabilityChange:
    variant = owed.variant
    if variant.available is None:
        raise ValueError(f"variant {variant.sku!r} is not stocked at {variant.location_id}")
    place = (variant.inventory_item_id, variant.location_id)
    return AvailabilityChange(variant.sku, *place, owed.wanted, variant.available)


def _key(page: Sequence[OwedPush]) -> str:
    """Derived from the rows, so that repeating a page after a lost reply is the same request; and from when each was
    seen, so that the same step taken again on another day is another request (the shop answers a known key from
    memory)."""
    rows = [
        f"{each.variant.inventory_item_id} {each.variant.location_id} {each.variant.available} {each.wanted}"
        f" {each.shown_at.isoformat()}"
        for each in page
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
