"""Our status in the shop: one metafield per order, written until the shop shows what we know."""

from __future__ import annotations

from include.fulfilment.ports import Storefront
from include.fulfilment.store_port import Store

PAGE = 250


def push_statuses(store: Store, storefront: Storefront) -> dict[str, int]:
    """Write every status that differs. A refused one is left for the next run; it stops no other."""
    written = 0
    refused: list[str] = []
    while True:
        with store.transaction() as rows:
            wanted = rows.orders.statuses_to_write(PAGE, refused)
        if not wanted:
            return {"statuses": written, "statuses_refused": len(refused)}
        words = storefront.set_statuses(wanted)
        accepted = {order: status for order, status in wanted.items() if order not in words}
        with store.transaction() as rows:
            rows.orders.status_written(accepted)
        written += len(accepted)
        refused += words
