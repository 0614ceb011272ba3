"""Stock of a variant at a location of the shop: available, committed to orders, and on hand, which is their sum.

Placing an order commits, shipping takes the goods away, cancelling gives them back, as in Shopify's inventory states
(https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps). Available may fall below zero.
"""

from __future__ import annotations

from .state import ShopState

_LEVEL = "item_id = (SELECT item_id FROM variant WHERE id = ?) AND location_id = ?"


def commit_stock(state: ShopState, variant_id: int | None, quantity: int, place: int) -> None:
    """Promise `quantity` of a variant at a location to an order. A line without a variant has no stock."""
    _move(state, variant_id, place, available=-quantity, committed=quantity)


def release_stock(state: ShopState, variant_id: int | None, quantity: int, place: int) -> None:
    """Make `quantity` that was promised to an order available again."""
    _move(state, variant_id, place, available=quantity, committed=-quantity)


def ship_stock(state: ShopState, variant_id: int | None, quantity: int, place: int) -> None:
    """Take `quantity` of an order's promised goods off hand; negative when a shipment is undone."""
    _move(state, variant_id, place, available=0, committed=-quantity)


def _move(state: ShopState, variant_id: int | None, place: int, *, available: int, committed: int) -> None:
    if variant_id is None or (available == 0 and committed == 0):
        return
    now = state.now()
    state.run(
        f"UPDATE level SET committed = committed + ?, committed_at = ? WHERE {_LEVEL}",  # noqa: S608
        committed,
        now,
        variant_id,
        place,
    )
    if available:
        state.run(
            f"UPDATE level SET available = available + ?, available_at = ? WHERE {_LEVEL}",  # noqa: S608
            available,
            now,
            variant_id,
            place,
        )


def set_available(state: ShopState, item_id: int, location_id: int, quantity: int) -> int | None:
    """Set what is available of an inventory item; return the change in units, or None when it is not stocked there."""
    row = state.one("SELECT available FROM level WHERE item_id = ? AND location_id = ?", item_id, location_id)
    if row is None:
        return None
    delta = quantity - int(row["available"])
    if delta:
        state.run(
            "UPDATE level SET available = ?, available_at = ? WHERE item_id = ? AND location_id = ?",
            quantity,
            state.now(),
            item_id,
            location_id,
        )
    return delta
