"""The store's advisory locks: the one place where they are taken, so that their order can be read here.

A transaction takes its own lock first (`PostgresStore.transaction`), then RECORDING where it records orders, SHIPMENTS
where it records shipments; rows of `sales_order` are locked in the order of their ids. Every lock ends with its
transaction.
"""

from __future__ import annotations

from include.fulfilment.store.site_rows import StoreConnection

RECORDING = "recording orders"
"""Two readings of the same new order must not both find it absent."""

SHIPMENTS = "recording shipments"
"""Nor of the same new shipment: the older reading would take back what the newer one told."""


def take(connection: StoreConnection, site: str, name: str) -> None:
    """Wait until no other transaction of this site holds the lock; it is held until this transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{site}/{name}",))
