"""Our status in the shop: one metafield per order, written until the shop shows what we know."""

from __future__ import annotations

from include.fulfilment.ports import Storefront, Storefronts
from include.fulfilment.services.collecting import every_end
from include.fulfilment.store_port import Store

PAGE = 250


def push_statuses(store: Store, storefronts: Storefronts) -> dict[str, int]:
    """Write every status that differs. A refused one is left for the next run; it stops no other."""

    def write(code: str, storefront: Storefront) -> dict[str, int]:
        written = 0
        refused: list[str] = []
        while True:
            with store.transaction() as rows:
                wanted = rows.orders.statuses_to_write(code, PAGE, refused)
            if not wanted:
                return {"statuses": written, "statuses_refused": len(refused)}
            words = storefront.set_statuses(wanted)
            accepted = {order: status for order, status in wanted.items() if order not in words}
            with store.transaction() as rows:
                rows.orders.status_written(code, accepted)
            written += len(accepted)
            refused += words

    return every_end(storefronts, write)
