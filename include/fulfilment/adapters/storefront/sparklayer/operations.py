"""What we send to SparkLayer's own API. It publishes pages and samples, but no schema."""

from __future__ import annotations

from include.fulfilment.adapters.operations import HttpCall, Operation, Operations

_PAGES = "https://docs.sparklayer.io/developers/api"


def _call(method: str, path: str, page: str) -> Operation:
    return Operation(HttpCall(method, path), f"{_PAGES}/{page}", published=False)


OPERATIONS: Operations = {
    "getAccessToken": _call("POST", "/api/auth/token", "core/get-an-access-token"),
    "getPurchases": _call("GET", "/api/v1/purchases", "purchasing/get-purchases"),
    "getPurchase": _call("GET", "/api/v1/purchases/{lookup}/{identifier}", "purchasing/get-purchases"),
    "createUpdatePurchase": _call(
        "PUT", "/api/v1/purchases/{lookup}/{identifier}", "purchasing/create-update-purchase"
    ),
    # The path of a site whose SparkLayer has another is the option `customer_path`.
    "getCustomer": _call("GET", "/api/v2/customers/sparklayer/{id}", "customers/create-or-update-a-customer"),
    "getStockLocations": _call("GET", "/api/v1/stock-locations", "stock/update-stock-levels"),
    "getBatchStock": _call("POST", "/api/v1/batch-fetch-stock", "stock/update-stock-levels"),
    "updateBatchStock": _call("POST", "/api/v1/batch-update-stock", "stock/update-stock-levels"),
}
