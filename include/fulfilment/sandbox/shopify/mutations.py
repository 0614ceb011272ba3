"""Resolvers of the mutations: each is one transaction, committed before the answer, or refused as a whole."""

from __future__ import annotations

from typing import Any

from ariadne import MutationType
from graphql import GraphQLError, GraphQLResolveInfo, get_directive_values

from ..errors import Refused
from . import bulk, fulfilling, inventory, metafields, orders, subscriptions, views
from .gid import gid, number_of
from .paging import PAGE_LIMIT, Node
from .queries import find_node, fulfilment_node, fulfilment_order_node
from .state import ShopState

mutation = MutationType()
_METAFIELDS_AT_ONCE = 25


def _too_many(what: str, size: int, limit: int) -> GraphQLError:
    return GraphQLError(
        f"The input array size of {size} for {what} is greater than the maximum allowed of {limit}.",
        extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"},
    )


@mutation.field("metafieldsSet")
def _metafields_set(_root: object, info: GraphQLResolveInfo[ShopState], **arguments: Any) -> Node:
    state = info.context
    wanted: list[dict[str, Any]] = arguments["metafields"]  # the vendor's name is that of our module
    if len(wanted) > _METAFIELDS_AT_ONCE:
        raise _too_many("metafields", len(wanted), _METAFIELDS_AT_ONCE)
    with state.transaction():
        errors = metafields.mistakes(state, wanted)
        written = [] if errors else [views.metafield(metafields.write(state, row)) for row in wanted]
    return {"metafields": written, "userErrors": errors}


@mutation.field("fulfillmentCreate")
def _fulfillment_create(
    _root: object,
    info: GraphQLResolveInfo[ShopState],
    fulfillment: dict[str, Any],
    message: str | None = None,
) -> Node:
    state = info.context
    try:
        with state.transaction():
            number = fulfilling.create_fulfilment(state, fulfillment)
    except fulfilling.UserMistake as mistake:
        return {"fulfillment": None, "userErrors": [mistake.error]}
    return {"fulfillment": fulfilment_node(state, number), "userErrors": []}


@mutation.field("fulfillmentTrackingInfoUpdate")
def _fulfillment_tracking_info_update(
    _root: object,
    info: GraphQLResolveInfo[ShopState],
    fulfillmentId: str,
    trackingInfoInput: dict[str, Any],
    notifyCustomer: bool | None = None,
) -> Node:
    state = info.context
    try:
        with state.transaction():
            number = fulfilling.update_tracking(state, fulfillmentId, trackingInfoInput)
    except fulfilling.UserMistake as mistake:
        return {"fulfillment": None, "userErrors": [mistake.error]}
    return {"fulfillment": fulfilment_node(state, number), "userErrors": []}


@mutation.field("fulfillmentCancel")
def _fulfillment_cancel(_root: object, info: GraphQLResolveInfo[ShopState], id: str) -> Node:
    state = info.context
    try:
        with state.transaction():
            number = fulfilling.cancel_fulfilment(state, id)
    except fulfilling.UserMistake as mistake:
        return {"fulfillment": None, "userErrors": [mistake.error]}
    return {"fulfillment": fulfilment_node(state, number), "userErrors": []}


@mutation.field("inventorySetQuantities")
def _inventory_set_quantities(_root: object, info: GraphQLResolveInfo[ShopState], input: dict[str, Any]) -> Node:
    state = info.context
    key = _idempotency_key(info)
    if len(input["quantities"]) > PAGE_LIMIT:
        raise _too_many("quantities", len(input["quantities"]), PAGE_LIMIT)
    with state.transaction():
        answer = inventory.set_quantities(state, key, input)
    group = answer["group"]
    if group is not None:
        changes = [_change(state, change) for change in group["changes"]]
        group = group | {"changes": changes}
    return {"inventoryAdjustmentGroup": group, "userErrors": answer["errors"]}


def _idempotency_key(info: GraphQLResolveInfo[ShopState]) -> str:
    directive = info.schema.get_directive("idempotent")
    assert directive is not None  # noqa: S101  in schema.graphql
    values = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    if not values or not values["key"]:
        raise GraphQLError(
            "The @idempotent directive is required for this mutation but was not provided.",
            extensions={"code": "BAD_REQUEST"},
        )
    return str(values["key"])


def _change(state: ShopState, change: dict[str, Any]) -> Node:
    return {
        "name": "available",
        "delta": change["delta"],
        "quantityAfterChange": change["after"],
        "item": find_node(state, gid("InventoryItem", change["item"])),
        "location": find_node(state, gid("Location", change["location"])),
    }


@mutation.field("draftOrderComplete")
def _draft_order_complete(
    _root: object,
    info: GraphQLResolveInfo[ShopState],
    id: str,
    paymentPending: bool | None = False,
) -> Node:
    state = info.context
    with state.transaction():
        row = state.one("SELECT * FROM document WHERE id = ? AND kind = 'DraftOrder'", number_of("DraftOrder", id))
        if row is None:
            return {"draftOrder": None, "userErrors": [{"field": ["id"], "message": "Draft order does not exist."}]}
        try:
            orders.complete_draft(state, row, payment_pending=bool(paymentPending))
        except Refused:
            error = {"field": None, "message": "This draft order has already been completed."}
            return {"draftOrder": None, "userErrors": [error]}
    return {"draftOrder": find_node(state, id), "userErrors": []}


@mutation.field("bulkOperationRunQuery")
def _bulk_operation_run_query(
    root: str, info: GraphQLResolveInfo[ShopState], query: str, groupObjects: bool = False
) -> Node:
    state = info.context
    with state.transaction():
        number, errors = bulk.start(state, info.schema, query)
    row = state.one("SELECT * FROM bulk_operation WHERE id = ?", number)
    return {"bulkOperation": bulk.view(row, root) if row else None, "userErrors": errors}


@mutation.field("fulfillmentOrderReportProgress")
def _fulfillment_order_report_progress(
    _root: object,
    info: GraphQLResolveInfo[ShopState],
    id: str,
    progressReport: dict[str, Any] | None = None,
) -> Node:
    state = info.context
    try:
        with state.transaction():
            fulfilling.report_progress(state, id)
    except fulfilling.UserMistake as mistake:
        return {"fulfillmentOrder": None, "userErrors": [mistake.error]}
    return {"fulfillmentOrder": fulfilment_order_node(state, id), "userErrors": []}


@mutation.field("webhookSubscriptionCreate")
def _webhook_subscription_create(
    _root: object, info: GraphQLResolveInfo[ShopState], topic: str, webhookSubscription: dict[str, Any]
) -> Node:
    state = info.context
    try:
        with state.transaction():
            number = subscriptions.create(state, topic, webhookSubscription)
    except fulfilling.UserMistake as mistake:
        return {"webhookSubscription": None, "userErrors": [mistake.error]}
    row = state.one("SELECT * FROM webhook_subscription WHERE id = ?", number)
    return {"webhookSubscription": subscriptions.view(row) if row else None, "userErrors": []}
