"""What we send to ShipBob's API, by its own names of the operations; the version is connection extra `api_version`."""

from __future__ import annotations

from include.fulfilment.adapters.operations import HttpCall, Operation, Operations

_PAGE = "https://developer.shipbob.com/2026-01/api"


def _call(method: str, path: str) -> Operation:
    return Operation(HttpCall(method, path), _PAGE)


OPERATIONS: Operations = {
    "create-order": _call("POST", "/{version}/order"),
    "get-orders": _call("GET", "/{version}/order"),
    "cancel-order": _call("POST", "/{version}/order/{id}:cancel"),
    "get-products": _call("GET", "/{version}/product"),
    "get-all-inventory-levels": _call("GET", "/{version}/inventory-level"),
    "get-all-inventory-levels-grouped-by-fulfillment-center": _call("GET", "/{version}/inventory-level/locations"),
}
