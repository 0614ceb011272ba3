"""What a run of the port's checks must show of what was sent is really asked: each gap and each lie is named."""

from __future__ import annotations

import json

import pytest

from demo.truth.declared import declared
from demo.truth.sent import Sent
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.warehouse.shiphero import documents
from tests.truth.proof import judged, never_sent, undeclared

ADDRESS = "https://remote.test"


def call(operation: str, method: str, path: str, body: str = "") -> Sent:
    return Sent("mintsoft", operation, method, f"{ADDRESS}{path}", body)


def graphql(operation: str, document: str) -> Sent:
    return Sent("shiphero", operation, "POST", f"{ADDRESS}/graphql", json.dumps({"query": document}))


def test_what_is_declared_passes_in_every_form() -> None:
    assert undeclared("mintsoft", [call("Shipments", "GET", "/api/Order/7/Shipments?x=1")]) == []
    assert undeclared("shiphero", [graphql("FulfilHeads", documents.heads(count)) for count in (1, 7, 50)]) == []


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (call("Cancel", "GET", "/api/Order/7/Cancel"), "Cancel is sent and not declared"),
        (call("Search", "GET", "/api/Order/7/Cancel"), "Search is sent as GET /api/Order/7/Cancel, not as declared"),
        (call("CreateOrder", "POST", "/api/Order"), "CreateOrder is sent as POST /api/Order, not as declared"),
    ],
)
def test_a_call_that_is_not_declared_is_named(sent: Sent, words: str) -> None:
    assert undeclared("mintsoft", [sent]) == [words]


def test_another_document_under_a_declared_name_is_named() -> None:
    sent = graphql("FulfilStock", documents.STOCK.replace("FulfilStock", "FulfilOther"))
    assert undeclared("shiphero", [sent]) == ["FulfilStock is sent as POST /graphql, not as declared"]


def test_what_was_never_sent_is_named() -> None:
    assert never_sent("mintsoft", [call("Search", "GET", "/api/Order/Search")]) == sorted(
        declared()["mintsoft"].keys() - {"Search"}
    )


def test_a_variable_that_the_vendor_does_not_allow_fails_the_run() -> None:
    body = {"query": queries.SET_AVAILABLE, "variables": {"key": "k", "input": {"name": "available", "sku": "MUG"}}}
    sent = Sent("shopify", "FulfilmentSetAvailable", "POST", f"{ADDRESS}/graphql", json.dumps(body))
    with pytest.raises(AssertionError, match="2026-04"):
        judged("shopify", [sent])
