"""What we send to Shopify's Admin API (GraphQL, any version of connection extra `api_version`)."""

from __future__ import annotations

from include.fulfilment.adapters.operations import Document, FileStep, Operation, Operations
from include.fulfilment.adapters.storefront.shopify import queries

_PAGES = "https://shopify.dev/docs/api/admin-graphql/latest"


def _query(field: str, *texts: str) -> Operation:
    return Operation(Document(texts), f"{_PAGES}/queries/{field}")


def _mutation(field: str, text: str) -> Operation:
    return Operation(Document((text,)), f"{_PAGES}/mutations/{field}")


OPERATIONS: Operations = {
    "FulfilmentOrders": _query("orders", queries.ORDERS),
    "FulfilmentDrafts": _query("draftOrders", queries.DRAFTS),
    "FulfilmentOrderLines": _query("node", *queries.MORE_ORDER_LINES.values()),
    "FulfilmentDraftLines": _query("node", *queries.MORE_DRAFT_LINES.values()),
    "FulfilmentShopLines": _query("node", *queries.MORE_SHOP_LINES.values()),
    "FulfilmentVariants": _query("productVariants", queries.VARIANTS),
    "FulfilmentStartBulk": _mutation("bulkOperationRunQuery", queries.START_BULK),
    "FulfilmentBulks": _query("bulkOperations", queries.BULKS),
    "FulfilmentBulk": _query("bulkOperation", queries.BULK),
    "FulfilmentBulkFile": Operation(
        FileStep("fetches the file of a finished bulk operation from the address in its answer, without the token"),
        "https://shopify.dev/docs/api/usage/bulk-operations/queries",
        published=False,
    ),
    "FulfilmentShopOrders": _query("nodes", queries.SHOP_ORDERS),
    "FulfilmentAccounts": _query("nodes", queries.ACCOUNTS),
    "FulfilmentLedgerCodes": _query("nodes", queries.LEDGER_CODES),
    "FulfilmentSides": _query("nodes", queries.FULFILMENT_SIDES),
    "FulfilmentsOfOrder": _query("node", queries.ALL_FULFILMENTS),
    "FulfilmentOpenLines": _query("nodes", queries.OPEN_LINES),
    "FulfilmentOpenLinesOfOrder": _query("node", queries.OPEN_LINES_OF_ORDER),
    "FulfilmentLines": _query("nodes", queries.FULFILMENT_LINES),
    "FulfilmentSetAvailable": _mutation("inventorySetQuantities", queries.SET_AVAILABLE),
    "FulfilmentCreate": _mutation("fulfillmentCreate", queries.CREATE_FULFILMENT),
    "FulfilmentProgress": _query("nodes", queries.PROGRESS),
    "FulfilmentReportProgress": _mutation("fulfillmentOrderReportProgress", queries.REPORT_PROGRESS),
    "FulfilmentSubscriptions": _query("webhookSubscriptions", queries.SUBSCRIPTIONS),
    "FulfilmentSubscribe": _mutation("webhookSubscriptionCreate", queries.SUBSCRIBE),
    "FulfilmentSetMetafields": _mutation("metafieldsSet", queries.SET_METAFIELDS),
}
