"""What several flows collect alike: the shop's orders and variants, and the warehouse's stock."""

from __future__ import annotations

from collections.abc import Sequence

from include.fulfilment.clock import Clock
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.stock import is_suspicious
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, Storefront, Warehouse
from include.fulfilment.settings import Site
from include.fulfilment.store_port import Store

ORDERS = "storefront/orders"
SHIPMENTS = "warehouse/shipments"


def collect_orders(store: Store, storefront: Storefront, clock: Clock) -> dict[str, int]:
    """Read what changed in the shop into the store, page by page; the cursor moves only with what is stored."""
    with store.transaction() as rows:
        since = rows.log.cursor(ORDERS)
    totals: dict[str, int] = {}
    for page in storefront.read_orders(since):
        with store.transaction() as rows:
            rows.orders.record_accounts(page.accounts)
            for name, count in rows.orders.record(page.orders, clock()).items():
                totals[name] = totals.get(name, 0) + count
            if page.read_to is not None:
                rows.log.move_cursor(ORDERS, page.read_to)
    return totals


def collect_accounts(store: Store, storefront: Storefront) -> dict[str, int]:
    """Read again the credit of every account that an order waits on: it moves without any order being touched."""
    with store.transaction() as rows:
        orders = rows.orders.accounts_in_use()
    accounts = storefront.read_accounts(orders) if orders else []
    with store.transaction() as rows:
        rows.orders.record_accounts(accounts)
    return {"accounts": len(accounts)}


def collect_variants(store: Store, storefront: Storefront, clock: Clock) -> dict[str, int]:
    """Read every variant with what the shop shows for it."""
    variants = 0
    for page in storefront.read_variants():
        with store.transaction() as rows:
            rows.stock.record_variants(page, clock())
        variants += len(page)
    return {"variants": variants}


def collect_stock(store: Store, warehouse: Warehouse, site: Site, clock: Clock) -> dict[str, int]:
    """Read the warehouse's stock. A reading that broke off or shrank is kept as evidence and not used."""
    code = site.warehouse.code
    try:
        snapshot = warehouse.read_stock()
    except DataError as error:
        with store.transaction() as rows:
            rows.log.reconcile_tickets("stock_snapshot", [_suspicious(code, str(error))], clock())
        return {"levels": 0, "accepted": 0}
    with store.transaction(lock=f"stock/{code}") as rows:
        before = rows.stock.previous_levels(code)
        doubtful = is_suspicious(before, len(snapshot.levels), site.warehouse.largest_stock_drop_percent)
        rows.stock.record_snapshot(code, snapshot, not doubtful, clock())
        found = f"{len(snapshot.levels)} SKUs now, {before} before"
        tickets = _unusable(snapshot.problems) + ([_suspicious(code, found)] if doubtful else [])
        rows.log.reconcile_tickets("stock_snapshot", tickets, clock())
    return {"levels": len(snapshot.levels), "accepted": int(not doubtful)}


def collect_shipments(store: Store, warehouse: Warehouse, site: Site, clock: Clock) -> dict[str, int]:
    """Read shipments and short closures that changed; the cursor moves only with what is stored. What cannot be used
    becomes a ticket, which stays until the same is told in a form that can be used, or told as settled."""
    stream = f"{SHIPMENTS}/{site.warehouse.code}"
    with store.transaction() as rows:
        since = rows.log.cursor(stream)
    read = changed = 0
    for page in warehouse.read_shipments(since):
        usable = {f"shipment {each.shipment_id}" for each in page.shipments}
        settled = usable | {each.subject for each in page.problems}
        with store.transaction() as rows:
            changed += rows.shipments.record(site.warehouse.code, page.shipments, page.closures, clock())
            rows.log.reconcile_tickets(stream, _unusable(page.problems), clock(), settled)
            rows.log.move_cursor(stream, page.read_to)
        read += len(page.shipments)
    return {"shipments": read, "shipments_changed": changed}


def _unusable(problems: Sequence[Problem]) -> list[ExceptionTicket]:
    return [
        ExceptionTicket("message_unusable", each.subject, evidence={"found": each.words})
        for each in problems
        if each.words
    ]


def _suspicious(warehouse: str, found: str) -> ExceptionTicket:
    return ExceptionTicket("snapshot_suspicious", f"stock of {warehouse}", evidence={"found": found})
