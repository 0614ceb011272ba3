"""What we send to Mintsoft's API, version 8.5.28."""

from __future__ import annotations

from include.fulfilment.adapters.operations import HttpCall, Operation, Operations

_PAGE = "https://api.mintsoft.co.uk/swagger/docs/v1"


def _call(method: str, path: str) -> Operation:
    return Operation(HttpCall(method, path), _PAGE)


OPERATIONS: Operations = {
    "Auth": _call("POST", "/api/Auth"),
    "Statuses": _call("GET", "/api/Order/Statuses"),
    "Search": _call("GET", "/api/Order/Search"),
    "CreateOrder": _call("PUT", "/api/Order"),
    "CancelOrder": _call("GET", "/api/Order/{id}/Cancel"),
    "UpdateOrder": _call("POST", "/api/Order/{id}"),
    "AddOrderItem": _call("PUT", "/api/Order/{id}/Items"),
    "UpdateOrderItem": _call("POST", "/api/Order/{id}/Items/{item}"),
    "DeleteOrderItem": _call("DELETE", "/api/Order/{id}/Items/{item}"),
    "Countries": _call("GET", "/api/RefData/Countries"),
    "List": _call("GET", "/api/Order/List"),
    "Shipments": _call("GET", "/api/Order/{id}/Shipments"),
    "Inventory": _call("GET", "/api/Product/Inventory/Bulk"),
}
