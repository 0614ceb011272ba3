"""Mintsoft's order statuses by their names.

The ids differ between accounts, and the external names are renamed by them; the name is Mintsoft's own. Source: help
article 11588522 (order status definitions and meanings). What is not in this table stays UNRECOGNISED, with its name.
"""

from __future__ import annotations

from include.fulfilment.ports import WarehouseStatus

STATUSES = {
    "NEW": WarehouseStatus.RECEIVED,
    "PRINTED": WarehouseStatus.ALLOCATED,
    "AWAITINGREPLEN": WarehouseStatus.ALLOCATED,
    "AWAITINGPICKING": WarehouseStatus.ALLOCATED,
    "PICKINGSTARTED": WarehouseStatus.PICKING,
    "PICKINGSKIPPED": WarehouseStatus.PICKING,
    "PICKED": WarehouseStatus.PICKING,
    "PACKED": WarehouseStatus.PACKED,
    "DESPATCHED": WarehouseStatus.SHIPPED,
    "INVOICED": WarehouseStatus.SHIPPED,
    "INVOICEDFAILED": WarehouseStatus.SHIPPED,
    "CANCELLED": WarehouseStatus.CANCELLED,
    "ONBACKORDER": WarehouseStatus.BACKORDERED,
    "FAILED": WarehouseStatus.FAILED,
    "HOLDING": WarehouseStatus.HELD,
    "AWAITINGCONFIRMATION": WarehouseStatus.HELD,
    "AWAITINGDOCUMENTATION": WarehouseStatus.HELD,
    "AWAITINGADDITIONALITEM": WarehouseStatus.HELD,
    "AWAITINGPAYMENT": WarehouseStatus.HELD,
    "QUERYRAISED": WarehouseStatus.HELD,
    "PACKANDHOLD": WarehouseStatus.HELD,
    "FRAUDRISK": WarehouseStatus.HELD,
}
DESPATCHED = frozenset(name for name, status in STATUSES.items() if status is WarehouseStatus.SHIPPED)
"""The goods have left; invoicing comes after it."""
PICKED = frozenset({"PICKED", "PACKED", "PACKANDHOLD"})
"""The pick is done and nothing has left."""
CANCELLED = "CANCELLED"
