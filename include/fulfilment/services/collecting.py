"""What several flows collect alike: the shops' orders and variants, and the warehouse's stock.

Two shops of a site, or two warehouses, may give the same id to different things, so what comes from a further one is
stored under ids that begin with its code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from include.fulfilment.clock import Clock
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.order import SHOP, SalesOrder
from include.fulfilment.domain.shipment import Shipment
from include.fulfilment.domain.stock import is_suspicious
from include.fulfilment.errors import DataError, FulfilmentError
from include.fulfilment.ports import OrderPage, Problem, Storefront, Storefronts, Warehouse, Warehouses, own_account
from include.fulfilment.settings import Site
from include.fulfilment.store_port import Store

ORDERS = "storefront/orders"
SHIPMENTS = "warehouse/shipments"
End = TypeVar("End", Storefront, Warehouse)


def every_end(ends: Mapping[str, End], visit: Callable[[str, End], Mapping[str, int]]) -> dict[str, int]:
    """Visit each shop, or each warehouse, and add up the counts. One that fails keeps none of the others waiting: its
    error is raised when all had their turn."""
    totals: dict[str, int] = {}
    failure: FulfilmentError | None = None
    for code, end in ends.items():
        try:
            for name, count in visit(code, end).items():
                totals[name] = totals.get(name, 0) + count
        except FulfilmentError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return totals


def every_warehouse(
    store: Store, warehouses: Warehouses, what: str, clock: Clock, visit: Callable[[str, Warehouse], Mapping[str, int]]
) -> dict[str, int]:
    """Read each warehouse and add up the counts. One that cannot be read is a ticket and keeps none of the others
    waiting; only where none can be read the first error is raised."""
    totals: dict[str, int] = {}
    faults: dict[str, FulfilmentError] = {}
    for code, warehouse in warehouses.items():
        try:
            for name, count in visit(code, warehouse).items():
                totals[name] = totals.get(name, 0) + count
        except FulfilmentError as error:
            faults[code] = error
    if faults and len(faults) == len(warehouses):
        raise next(iter(faults.values()))
    tickets = [
        ExceptionTicket("warehouse_unreachable", f"{what} of {code}", evidence={"found": str(error)})
        for code, error in faults.items()
    ]
    with store.transaction() as rows:
        rows.log.reconcile_tickets(f"unreachable/{what}", tickets, clock())
    return totals


def collect_orders(store: Store, storefronts: Storefronts, site: Site, clock: Clock) -> dict[str, int]:
    """Read what changed in the shops into the store, page by page; a cursor moves only with what is stored. Where the
    site's locations in a shop are others than at the last reading, all its orders are read again: what leaves from
    where is ours to translate."""

    def read(code: str, storefront: Storefront) -> dict[str, int]:
        shop = site.storefronts[code]
        before, stream = f"{ORDERS}/{code}", f"{ORDERS}/{code}/{_digest(shop.locations)}"
        with store.transaction() as rows:
            known = rows.log.cursors(before)
        # The streams of before locations were told apart are those of a shop with one.
        since = known.get(stream) or (known.get(before) if not shop.more_locations and len(known) == 1 else None)
        totals: dict[str, int] = {}
        for page in storefront.read_orders(since):
            own = _own_ids(code, page)
            with store.transaction() as rows:
                for name, count in rows.orders.record(own.orders, clock()).items():
                    totals[name] = totals.get(name, 0) + count
                if page.read_to is not None:
                    rows.log.move_cursor(stream, page.read_to)
                    rows.log.forget_cursors([each for each in known if each != stream])
        return totals

    return every_end(storefronts, read)


def _digest(locations: Mapping[str, str]) -> str:
    text = "".join(f"/{code}={locations[code]}" for code in sorted(locations))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _own_ids(code: str, page: OrderPage) -> OrderPage:
    if code == SHOP:
        return page
    return replace(page, orders=tuple(_own_order(code, each) for each in page.orders))


def _own_order(code: str, order: SalesOrder) -> SalesOrder:
    account_id = own_account(code, order.account_id)
    return replace(order, storefront=code, order_id=f"{code}:{order.order_id}", account_id=account_id)


def collect_variants(store: Store, storefronts: Storefronts, clock: Clock, nightly: bool = False) -> dict[str, int]:
    """Read every variant with what the shops show for it, `nightly` by what the shop offers for large readings: its
    figures are as old as the moment that it was asked."""

    def read(code: str, storefront: Storefront) -> dict[str, int]:
        began, variants = clock(), 0
        for page in storefront.read_variants(nightly):
            read_at = began if nightly else clock()
            with store.transaction() as rows:
                rows.stock.record_variants([replace(each, storefront=code) for each in page], read_at)
            variants += len(page)
        return {"variants": variants}

    return every_end(storefronts, read)


def stock_tickets(warehouse: str) -> str:
    """Scope of the tickets about one warehouse's stock readings."""
    return f"stock_snapshot/{warehouse}"


def collect_stock(store: Store, warehouses: Warehouses, site: Site, clock: Clock) -> dict[str, int]:
    """Read the stock of every warehouse. A reading that broke off or shrank is kept as evidence and not used."""

    def read(code: str, warehouse: Warehouse) -> dict[str, int]:
        try:
            snapshot = warehouse.read_stock()
        except DataError as error:
            with store.transaction() as rows:
                rows.log.reconcile_tickets(stock_tickets(code), [_suspicious(code, str(error))], clock())
            return {"levels": 0, "accepted": 0}
        with store.transaction(lock=f"stock/{code}") as rows:
            before = rows.stock.previous_levels(code)
            most = site.warehouses[code].largest_stock_drop_percent
            doubtful = is_suspicious(before, len(snapshot.levels), most)
            rows.stock.record_snapshot(code, snapshot, not doubtful, clock())
            found = f"{len(snapshot.levels)} SKUs now, {before} before"
            tickets = _unusable(snapshot.problems) + ([_suspicious(code, found)] if doubtful else [])
            rows.log.reconcile_tickets(stock_tickets(code), tickets, clock())
            rows.questions.announce(site.asked(), clock())
        return {"levels": len(snapshot.levels), "accepted": int(not doubtful)}

    return every_warehouse(store, warehouses, "stock", clock, read)


def collect_shipments(store: Store, warehouses: Warehouses, site: Site, clock: Clock) -> dict[str, int]:
    """Read shipments and short closures that changed; a cursor moves only with what is stored. What cannot be used
    becomes a ticket, which stays until the same is told in a form that can be used, or told as settled."""

    def read(code: str, warehouse: Warehouse) -> dict[str, int]:
        stream, name = f"{SHIPMENTS}/{code}", site.named_in_lines(code)
        with store.transaction() as rows:
            since = rows.log.cursor(stream)
        told = changed = 0
        for page in warehouse.read_shipments(since):
            usable = {f"shipment {each.shipment_id}" for each in page.shipments}
            settled = usable | {each.subject for each in page.problems}
            shipments = [_own_shipment(name, each) for each in page.shipments]
            with store.transaction() as rows:
                changed += rows.shipments.record(code, shipments, page.closures, clock())
                rows.log.reconcile_tickets(stream, _unusable(page.problems), clock(), settled)
                rows.log.move_cursor(stream, page.read_to)
            told += len(shipments)
        return {"shipments": told, "shipments_changed": changed}

    return every_warehouse(store, warehouses, "shipments", clock, read)


def _own_shipment(warehouse: str, shipment: Shipment) -> Shipment:
    return replace(shipment, shipment_id=f"{warehouse}:{shipment.shipment_id}") if warehouse else shipment


def _unusable(problems: Sequence[Problem]) -> list[ExceptionTicket]:
    return [
        ExceptionTicket("message_unusable", each.subject, evidence={"found": each.words})
        for each in problems
        if each.words
    ]


def _suspicious(warehouse: str, found: str) -> ExceptionTicket:
    return ExceptionTicket("snapshot_suspicious", f"stock of {warehouse}", evidence={"found": found})
