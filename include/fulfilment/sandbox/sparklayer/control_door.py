"""The control door's actions, as far as they make sense here, in the same words as the Shopify sandbox's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.routing import Route

from ..door import Doors, control_routes, fault_action
from ..shopify.control_door import (
    CancelBody,
    CustomerMetafieldBody,
    DraftBody,
    HoldBody,
    InventoryBody,
    LineBody,
    NoteBody,
    OrderBody,
)
from ..shopify.load_models import LoadIn
from . import customers, people, report
from .endpoint import KINDS
from .loading import load
from .state import SiteState


def door_routes(state: SiteState, token: str) -> list[Route]:
    """Return the routes of the control door."""
    return control_routes(state, token, Doors(_actions(state), {"state": lambda want: report.whole_state(state, want)}))


def _actions(state: SiteState) -> dict[str, tuple[type[Any], Callable[[Any], Any]]]:
    return {
        "load": (LoadIn, lambda body: load(state, body)),
        "orders/pay": (OrderBody, lambda body: people.pay(state, body.name)),
        "orders/cancel": (CancelBody, lambda body: people.cancel(state, body.name)),
        "orders/note": (NoteBody, lambda body: people.set_note(state, body.name, body.note)),
        "orders/hold": (HoldBody, lambda body: people.hold(state, body.name, body.reason)),
        "orders/edit-line-quantity": (
            LineBody,
            lambda body: people.edit_line_quantity(state, body.name, body.line, body.quantity),
        ),
        "drafts/complete": (
            DraftBody,
            lambda body: people.complete_draft(state, body.name, payment_pending=body.payment_pending),
        ),
        "customers/metafield": (CustomerMetafieldBody, lambda body: _metafield(state, body)),
        "inventory/set": (InventoryBody, lambda body: people.set_stock(state, body.sku, body.available)),
        "faults": fault_action(state, KINDS),
    }


def _metafield(state: SiteState, body: CustomerMetafieldBody) -> None:
    customers.set_metafield(state, body.customer_key, f"{body.namespace}.{body.key}", body.value)
