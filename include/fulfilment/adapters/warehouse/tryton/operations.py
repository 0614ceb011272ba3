"""What we send to Tryton 8.0. Its REST door has no schema: what it takes is what its source reads."""

from __future__ import annotations

from include.fulfilment.adapters.operations import HttpCall, Operation, Operations

_SOURCE = "trytond 8.0, trytond/protocols/rest.py"
_SALE = "Tryton 8.0, modules/sale/sale.py"


def _call(path: str, page: str, method: str = "POST") -> Operation:
    return Operation(HttpCall(method, f"/{{database}}/rest/model/{path}"), page, published=False)


OPERATIONS: Operations = {
    "get_preferences": _call("res.user/get_preferences", _SOURCE),
    "search_read": _call("{model}/search_read", _SOURCE),
    "search_count": _call("{model}/search_count", _SOURCE),
    "create": _call("{model}/create", _SOURCE),
    "quote": _call("sale.sale/{id}/quote", _SALE),
    "confirm": _call("sale.sale/{id}/confirm", _SALE),
    "draft": _call("sale.sale/{id}/draft", _SALE),
    "cancel": _call("stock.shipment.out/{id}/cancel", "Tryton 8.0, modules/stock/shipment.py"),
    "delete": _call("sale.sale/{id}", _SOURCE, "DELETE"),
}
