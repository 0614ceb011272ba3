"""Creating an order: SKUs first, once, and what ShipBob's refusals mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import AlreadyExists, Created, Rejected, Unknown
from tests.adapters.warehouse.shipbob.kit import LATE, LINE_1, NOW, ORDER, Replies, held, of, on, shipbob, warehouse
from tests.sandbox.shipbob.account import Account

PRODUCTS = {"items": [{"variants": [{"sku": "MUG"}, {"sku": "LAMP"}]}]}
DUPLICATE = {"": ["Cannot insert order with existing ReferenceId"]}


def test_an_unknown_sku_is_refused_by_name_and_makes_no_product(account: Account) -> None:
    answer = on(account).submit(of((LINE_1, "MUG", 1), ("L2", "TYPO", 1)), LATE)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("sku_unknown", "sku TYPO")
    assert "TYPO" not in account.floor.stock()
    assert account.floor.held() == []


def test_a_sku_in_another_spelling_is_another_sku(account: Account) -> None:
    answer = on(account).submit(of((LINE_1, "mug", 1)), LATE)
    assert isinstance(answer, Rejected)
    assert answer.field == "sku mug"


def test_a_sku_that_is_known_is_not_looked_up_again_and_a_missing_one_is(account: Account) -> None:
    mine = on(account)
    mine.submit(of((LINE_1, "MUG", 1), ("L2", "NEW", 1)), LATE)
    account.floor.load_products({"NEW": "New"})
    assert isinstance(mine.submit(of((LINE_1, "MUG", 1), ("L2", "NEW", 1)), LATE), Created)
    assert isinstance(mine.submit(of((LINE_1, "MUG", 1), external_ref="B2B2"), LATE), Created)
    asked = [request.url.params["SKU"] for request, _ in account.ear.heard if request.url.path.endswith("/product")]
    assert asked == ["any:MUG,NEW", "any:NEW"]


def test_120_skus_are_looked_up_in_three_calls_and_one_with_a_comma_alone(account: Account) -> None:
    skus = [f"S{number:03d}" for number in range(120)] + ["A,B"]
    account.floor.load_products(dict.fromkeys(skus, "S"))
    assert isinstance(on(account).submit(of(*((f"L{sku}", sku, 1) for sku in skus)), LATE), Created)
    calls = account.floor.calls()
    assert (calls["get-products"], calls["create-order"]) == (4, 1)


def test_a_repeat_is_found_and_compared_and_not_created_again(account: Account) -> None:
    first = on(account).submit(ORDER, LATE)
    assert isinstance(first, Created)
    assert on(account).submit(ORDER, LATE) == AlreadyExists(first.wms_id)
    more = replace(ORDER.lines[0], base_quantity=36)
    other = replace(ORDER, po_number="PO-78", lines=(more, ORDER.lines[1]))
    words = ("PO number", f"line {LINE_1}: sent 36 EA, holds 24 EA")
    assert on(account).submit(other, LATE) == AlreadyExists(first.wms_id, words)
    assert len(account.floor.held()) == 1


def test_a_422_for_an_order_that_is_not_there_is_a_refusal_in_shipbobs_words() -> None:
    wire = shipbob(
        get_product=PRODUCTS, post_order=Replies((422, {"products": ["MUG is not set up in CS"]})), get_order=[]
    )
    answer = warehouse(wire).submit(ORDER, LATE)
    assert answer == Rejected("refused_by_warehouse", "MUG is not set up in CS", "products")


def test_a_reference_that_is_taken_and_not_found_is_unknown_and_no_refusal() -> None:
    wire = shipbob(get_product=PRODUCTS, post_order=Replies((422, DUPLICATE)), get_order=[])
    words = "Cannot insert order with existing ReferenceId; ShipBob does not find it under B2B1042; look there"
    assert warehouse(wire).submit(ORDER, LATE) == Unknown(words)


def test_a_422_that_cannot_be_looked_into_is_unknown() -> None:
    broken = Replies(*[(500, {})] * 4)
    wire = shipbob(get_product=PRODUCTS, post_order=Replies((422, DUPLICATE)), get_order=broken)
    assert isinstance(warehouse(wire).submit(ORDER, LATE), Unknown)


def test_a_400_is_a_refusal_that_names_the_field() -> None:
    said = {"recipient.address.city": ["The City field is required.", "Too short."]}
    wire = shipbob(get_product=PRODUCTS, post_order=Replies((400, said)))
    answer = warehouse(wire).submit(ORDER, LATE)
    words = "The City field is required.; Too short."
    assert answer == Rejected("refused_by_warehouse", words, "recipient.address.city")


@pytest.mark.parametrize("body", [{}, [], None, "ok", {"id": None}, {"id": "7"}])
def test_an_answer_that_is_no_order_is_no_success(body: object) -> None:
    wire = shipbob(get_product=PRODUCTS, post_order=Replies((201, body)))
    assert isinstance(warehouse(wire).submit(ORDER, LATE), Unknown)


def test_no_create_starts_after_its_time(account: Account) -> None:
    for until in (NOW, NOW - timedelta(minutes=1)):
        assert isinstance(on(account).submit(ORDER, until), Unknown)
    assert account.floor.held() == []


def test_a_throttled_create_waits_the_seconds_of_x_retry_after() -> None:
    waits: list[float] = []
    throttled = (429, {"statusCode": 429, "message": "Rate limit is exceeded."}, {"x-retry-after": "3"})
    wire = shipbob(get_product=PRODUCTS, post_order=Replies(throttled, (201, held())))
    assert warehouse(wire, waits.append).submit(ORDER, LATE) == Created("501")
    assert waits == [3.0]


def test_a_longer_wait_is_left_to_the_caller_with_its_seconds(account: Account) -> None:
    for _ in range(150):
        account.http.get("/order")
    with pytest.raises(RetryableError) as caught:
        on(account).submit(ORDER, LATE)
    assert caught.value.retry_after == 60
    assert account.floor.held() == []
