"""A pick that is shown on the order: what is told to the shop, what is not, and the words where it cannot be."""

from __future__ import annotations

from typing import Any

import httpx

from tests.adapters.storefront.scripted import Script, scripted

_DONE: dict[str, Any] = {"fulfillmentOrderReportProgress": {"userErrors": []}}


def part(number: int, status: str = "OPEN", location: str = "7") -> dict[str, Any]:
    place = {"location": {"id": f"gid://shopify/Location/{location}"}}
    return {"id": f"gid://shopify/FulfillmentOrder/{number}", "status": status, "assignedLocation": place}


def side(number: int, *parts: dict[str, Any], more: bool = False, **fields: Any) -> dict[str, Any]:
    page = {"hasNextPage": more, "endCursor": "c1" if more else None}
    listed = {"pageInfo": page, "nodes": list(parts)}
    made = {"id": f"gid://shopify/Order/{number}", "name": f"#{number}", "cancelledAt": None}
    return made | {"fulfillmentOrders": listed} | fields


def shop(*sides: dict[str, Any] | None, **answers: list[Any]) -> Script:
    found: dict[str, list[Any]] = {"FulfilmentProgress": [{"nodes": list(sides)}], "FulfilmentReportProgress": [_DONE]}
    return Script(**found | answers)


def report(script: Script, *numbers: str) -> dict[str, str]:
    with scripted(script) as storefront:
        return storefront.report_progress(numbers)


def reported(script: Script) -> list[str]:
    return [each["id"].rpartition("/")[2] for each in script.sent("FulfilmentReportProgress")]


def test_what_is_open_at_our_location_is_told_and_nothing_else() -> None:
    script = shop(side(1, part(11), part(12, "IN_PROGRESS"), part(13, location="8"), part(14, "CLOSED"), part(15)))
    assert (report(script, "1"), reported(script)) == ({}, ["11", "15"])


def test_what_is_shown_or_done_already_is_not_told_again() -> None:
    script = shop(side(1, part(11, "IN_PROGRESS")), side(2, part(21, "CLOSED"), part(22, "CANCELLED")), side(3))
    assert (report(script, "1", "2", "3"), reported(script)) == ({}, [])


def test_an_order_that_cannot_show_it_is_answered_in_words_and_not_told() -> None:
    script = shop(
        side(1, part(11, "ON_HOLD")),
        side(2, part(21, location="8"), part(22, "SCHEDULED", location="9")),
        side(3, part(31), cancelledAt="2026-11-23T01:00:00Z"),
        None,
        side(5, part(51)),
    )
    assert report(script, "1", "2", "3", "4", "5", "x5") == {
        "1": "not_open: order #1 is ON_HOLD in the shop",
        "2": "other_location: the shop expects order #2 from location 8, 9",
        "3": "order_cancelled: order #3 is cancelled in the shop",
        "4": "not_found: the shop holds no order 4",
        "x5": "not_found: the shop holds no order x5",
    }
    assert reported(script) == ["51"]


def test_the_shops_own_refusal_is_answered_and_costs_no_other_order() -> None:
    error = {"code": "MARKETPLACE_APP_NOT_ELIGIBLE", "field": ["id"], "message": "Not for these apps."}
    refusals = [
        {"fulfillmentOrderReportProgress": {"userErrors": [error]}},
        httpx.Response(200, json={"errors": [{"message": "Variable $id is invalid"}]}),
        _DONE,
    ]
    script = shop(side(1, part(11)), side(2, part(21)), side(3, part(31)), FulfilmentReportProgress=refusals)
    answer = report(script, "1", "2", "3")
    assert answer["1"] == "MARKETPLACE_APP_NOT_ELIGIBLE: Not for these apps."
    assert "Variable $id is invalid" in answer["2"]
    assert (sorted(answer), reported(script)) == (["1", "2"], ["11", "21", "31"])


def test_an_order_with_many_fulfilment_orders_is_read_to_its_end() -> None:
    lines = {"lineItems": {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []}}
    pages = [
        {"node": side(1, part(11, "CLOSED") | lines, more=True)},
        {"node": side(1, part(12) | lines)},
    ]
    script = shop(side(1, part(11, "CLOSED"), more=True), FulfilmentOpenLinesOfOrder=pages)
    assert (report(script, "1"), reported(script)) == ({}, ["12"])


def test_a_lost_reply_is_asked_again_because_a_repeat_is_harmless() -> None:
    script = shop(side(1, part(11)), FulfilmentReportProgress=[httpx.ReadError("lost"), _DONE])
    assert (report(script, "1"), reported(script)) == ({}, ["11", "11"])
