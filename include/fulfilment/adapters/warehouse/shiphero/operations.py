"""What we send to ShipHero: GraphQL, and its login.

The schema that the tests know is of February 2023. Wholesale orders came later, and a login is no GraphQL.
"""

from __future__ import annotations

from include.fulfilment.adapters.operations import Document, HttpCall, Operation, Operations
from include.fulfilment.adapters.warehouse.shiphero import documents

_PAGES = "https://developer.shiphero.com"


def _document(page: str, *texts: str, published: bool = True) -> Operation:
    return Operation(Document(texts), f"{_PAGES}/schema/{page}.html", published)


OPERATIONS: Operations = {
    "login": Operation(HttpCall("POST", "/auth/{token or refresh}"), f"{_PAGES}/getting-started/", published=False),
    "FulfilQuota": _document("queries/user-quota", documents.QUOTA),
    "FulfilHeads": _document("queries/orders", documents.heads(1), documents.heads(documents.REFS_PER_READ)),
    "FulfilNumbered": _document(
        "queries/orders", documents.numbered(1), documents.numbered(documents.NUMBERS_PER_READ)
    ),
    "FulfilWhole": _document("queries/order", documents.whole(1), documents.whole(documents.WHOLE_PER_READ)),
    "FulfilLines": _document("queries/order", documents.lines(1), documents.lines(documents.ORDERS_PER_LINES_READ)),
    "FulfilSkus": _document("queries/warehouse-products", documents.skus(1), documents.skus(documents.SKUS_PER_READ)),
    "FulfilCreate": _document("mutations/order-create", documents.CREATE),
    "FulfilCreateWholesale": _document("mutations/wholesale-order-create", documents.CREATE_WHOLESALE, published=False),
    "FulfilCancel": _document("mutations/order-cancel", documents.CANCEL),
    "FulfilUpdate": _document("mutations/order-update", documents.UPDATE),
    "FulfilUpdateLines": _document("mutations/order-update-line-items", documents.UPDATE_LINES),
    "FulfilAddLines": _document("mutations/order-add-line-items", documents.ADD_LINES),
    "FulfilRemoveLines": _document("mutations/order-remove-line-items", documents.REMOVE_LINES),
    "FulfilChanged": _document("queries/orders", documents.CHANGED),
    "FulfilMoreLines": _document("queries/order", documents.MORE_ORDER_LINES),
    "FulfilMoreShipped": _document("queries/shipment", documents.MORE_SHIPPED_LINES),
    "FulfilStock": _document("queries/warehouse-products", documents.STOCK),
}
