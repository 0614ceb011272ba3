"""The sandbox is as awkward as Mintsoft: keys that expire, silent caps, refusals in a 200, GETs that change things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo.truth.swagger import Swagger
from include.fulfilment.sandbox.mintsoft.api import CHANGES
from include.fulfilment.sandbox.mintsoft.app import create_app
from include.fulfilment.sandbox.mintsoft.statuses import NAMES
from tests.sandbox.mintsoft.account import CONTROL, PASSWORD, URL, Account, an_order


def status_of(account: Account, number: str = "B2B1") -> list[str]:
    """Names of the statuses of the parts under a number, oldest first."""
    names = {row["ID"]: row["Name"] for row in account.get("/api/Order/Statuses")}
    found = account.get("/api/Order/Search", OrderNumber=number, exactMatch="true")
    return [names[row["OrderStatusId"]] for row in sorted(found, key=lambda row: int(row["Part"]))]


def test_a_key_is_a_bare_string_that_is_good_for_a_day(account: Account) -> None:
    key = account.log_in().json()
    assert (type(key), len(key)) == (str, 36)
    account.later(hours=23, minutes=59)
    assert account.http.get("/api/Order/Statuses", headers={"ms-apikey": key}).status_code == 200
    account.later(minutes=1)
    answer = account.http.get("/api/Order/Statuses", headers={"ms-apikey": key})
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize("path", ["/api/Order/Statuses", "/api/Order/7", "/api/Product/Inventory/Bulk", "/api/Client"])
def test_without_a_key_there_is_a_401_without_a_body(account: Account, path: str) -> None:
    answer = account.http.get(path, headers={"ms-apikey": "00000000-0000-0000-0000-000000000000"})
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_wrong_password_gets_a_401_without_a_body(account: Account) -> None:
    answer = account.log_in("wrong")
    assert (answer.status_code, answer.content) == (401, b"")


def test_the_statuses_have_ids_and_external_names_of_their_own(account: Account) -> None:
    rows = account.get("/api/Order/Statuses")
    assert {row["Name"] for row in rows} == set(NAMES)
    assert len({row["ID"] for row in rows}) == len(NAMES) == 23
    by_name = {row["Name"]: row for row in rows}
    assert [row["Name"] for row in rows][:3] != list(NAMES)[:3]
    assert by_name["PACKED"]["ExternalName"] == "Despatched"
    assert by_name["DESPATCHED"]["ExternalName"] == "On its way"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lines": (("NOSUCH", 1),)}, "Product with SKU NOSUCH could not be found"),
        ({"CourierService": None}, "CourierService is required"),
        ({"Country": None}, "Country is required"),
        ({"WarehouseId": 9}, "Warehouse could not be found"),
        ({"lines": ()}, "At least one OrderItem with a Quantity is required"),
    ],
)
def test_a_refusal_is_a_200_with_success_false_and_stores_nothing(
    account: Account, changes: dict[str, Any], message: str
) -> None:
    (told,) = account.put(**changes)
    assert (told["Success"], told["OrderId"], told["Message"]) == (False, 0, message)
    assert account.floor.held() == []


@pytest.mark.parametrize("body", [[], {"OrderItems": 7}, {"OrderItems": [{"Quantity": 1.5}]}])
def test_a_body_that_is_no_order_is_a_400(account: Account, body: Any) -> None:
    answer = account.http.put("/api/Order", json=body)
    assert (answer.status_code, answer.json()["Message"]) == (400, "The request is invalid.")


def test_a_number_may_come_twice_except_at_a_3pl(account: Account, tmp_path: Path) -> None:
    assert [account.put()[0]["Success"], account.put()[0]["Success"]] == [True, True]
    assert len(account.floor.held()) == 2
    other = Account(tmp_path / "3pl.db", unique_numbers=True)
    other.floor.receive({"MUG": 100})
    first, second = other.put()[0], other.put()[0]
    told = (first["Success"], second["Success"], second["Message"])
    assert told == (True, False, "Order Number B2B1 already exists for this client")
    other.close()


def test_a_list_is_cut_to_a_hundred_without_a_word_and_goes_on_on_the_next_page(account: Account) -> None:
    for number in range(103):
        account.put(number=f"B2B{number}", lines=(("MUG", 1),))
    asked = {"Limit": 500, "SortOldestFirst": "true"}
    first, second, third = (account.get("/api/Order/List", PageNo=page, **asked) for page in (1, 2, 3))
    assert (len(first), len(second), third) == (100, 3, [])
    assert [row["OrderNumber"] for row in first + second] == [f"B2B{number}" for number in range(103)]
    assert account.get("/api/Order/List")[0]["OrderNumber"] == "B2B102"
    assert first[0]["OrderItems"] is None


def test_a_list_gives_what_changed_since_and_passes_over_what_it_does_not_know(account: Account) -> None:
    account.put(number="B2BOLD")
    account.later(hours=1)
    account.put(number="B2BNEW")
    since = account.now.strftime("%Y-%m-%dT%H:%M:%S")
    assert [row["OrderNumber"] for row in account.get("/api/Order/List", SinceLastUpdated=since)] == ["B2BNEW"]
    assert len(account.get("/api/Order/List", SinceUpdated=since)) == 2
    new = {row["Name"]: row["ID"] for row in account.get("/api/Order/Statuses")}["NEW"]
    assert len(account.get("/api/Order/List", OrderStatusId=new)) == 2
    assert account.get("/api/Order/List", OrderStatusId=new + 1) == []


def test_a_search_finds_ten_at_most_the_newest_first_in_letters_of_either_case(account: Account) -> None:
    made = [account.put(number="B2BSAME")[0]["OrderId"] for _ in range(12)]
    found = account.get("/api/Order/Search", OrderNumber="b2bsame", exactMatch="true")
    assert [row["ID"] for row in found] == made[:1:-1]
    assert account.get("/api/Order/Search", OrderNumber="B2BSAM", exactMatch="true") == []
    assert len(account.get("/api/Order/Search", OrderNumber="B2BSAM")) == 10


def test_a_search_looks_into_other_references_too(account: Account) -> None:
    account.put(number="B2B1", ExternalOrderReference="B2B2")
    account.floor.ship("B2B1", parcels=[("DPD", "B2B3", {})])
    for text in ("B2B1", "B2B2", "B2B3"):
        found = account.get("/api/Order/Search", OrderNumber=text, exactMatch="true")
        assert [row["OrderNumber"] for row in found] == ["B2B1"]


def test_what_is_not_there_is_a_404_that_means_two_things(account: Account) -> None:
    for path in ("/api/Order/7", "/api/Order/7/Cancel", "/api/Order/GetOrderId?OrderNumber=B2BNONE"):
        answer = account.http.get(path)
        assert (answer.status_code, answer.json()["Message"]) == (404, "Order not found or not accessible")


@pytest.mark.parametrize("word", CHANGES)
def test_some_gets_change_the_order(account: Account, word: str) -> None:
    (made,) = account.put()
    account.later(minutes=1)
    before = account.get(f"/api/Order/{made['OrderId']}")["LastUpdated"]
    assert account.get(f"/api/Order/{made['OrderId']}/{word}")["Success"] is True
    expected = {
        "Cancel": "CANCELLED",
        "MarkDespatched": "DESPATCHED",
        "MarkAwaitingConfirmation": "AWAITINGCONFIRMATION",
        "MarkAwaitingPayment": "AWAITINGPAYMENT",
        "MarkPackAndHold": "PACKANDHOLD",
        "MarkPrinted": "PRINTED",
    }
    assert status_of(account) == [expected.get(word, "NEW")]
    assert account.get(f"/api/Order/{made['OrderId']}")["LastUpdated"] != before


def test_what_cannot_be_done_is_a_200_that_says_so(account: Account) -> None:
    (made,) = account.put()
    account.floor.ship("B2B1")
    for word, message in (
        ("Cancel", "Order has been despatched"),
        ("MarkDespatched", "nothing of order 'B2B1' is left"),
    ):
        told = account.get(f"/api/Order/{made['OrderId']}/{word}")
        assert told["Success"] is False
        assert message in told["Message"]


def test_an_order_that_leaves_in_two_goes_is_two_parts_of_one_number(account: Account) -> None:
    (made,) = account.put()
    account.floor.ship("B2B1", {"L1": 3})
    found = account.get("/api/Order/Search", OrderNumber="B2B1", exactMatch="true", IncludeOrderItems="true")
    parts = {row["Part"]: (row["NumberOfParts"], row["OrderItems"][0]["Quantity"]) for row in found}
    assert parts == {1: (2, 3), 2: (2, 1)}
    assert status_of(account) == ["DESPATCHED", "NEW"]
    assert len(account.get(f"/api/Order/{made['OrderId']}/Splits")) == 1
    account.floor.ship("B2B1")
    assert account.get(f"/api/Order/{made['OrderId']}")["Part"] == 2
    account.later(hours=1)
    assert status_of(account) == ["INVOICED", "INVOICED"]


def test_what_the_stock_does_not_cover_waits_or_is_split_off(account: Account) -> None:
    account.put(number="B2BWAIT", lines=(("MUG", 101),))
    assert status_of(account, "B2BWAIT") == ["ONBACKORDER"]
    account.floor.act("policy", policy="split")
    told = account.put(number="B2BSPLIT", lines=(("MUG", 101),))
    assert [(each["OrderNumber"], each["OrderStatus"]) for each in told] == [
        ("B2BSPLIT", "NEW"),
        ("B2BSPLIT", "ONBACKORDER"),
    ]
    items = [account.get(f"/api/Order/{each['OrderId']}/Items")[0]["Quantity"] for each in told]
    assert items == [100, 1]
    account.floor.ship("B2BSPLIT", {"L1": 100})
    account.floor.receive({"MUG": 1})
    account.floor.ship("B2BSPLIT")
    assert status_of(account, "B2BSPLIT") == ["DESPATCHED", "DESPATCHED"]


def test_a_despatched_part_that_is_taken_back_is_cancelled_and_made_again(account: Account) -> None:
    (made,) = account.put()
    account.floor.void(account.floor.ship("B2B1"))
    found = account.get("/api/Order/Search", OrderNumber="B2B1", exactMatch="true", IncludeOrderItems="true")
    assert [(row["ID"] == made["OrderId"], row["Part"], row["OrderItems"][0]["Quantity"]) for row in found] == [
        (False, 1, 4),
        (True, 1, 4),
    ]
    assert found[1]["DespatchedByUser"] == "sandbox"


def test_stock_lies_in_two_places_and_on_hand_is_net_of_what_is_allocated(account: Account) -> None:
    account.put(lines=(("MUG", 70),))
    rows = account.get("/api/Product/Inventory/Bulk", WarehouseId=3)
    assert [(row["StockLevel"], row["Allocated"], row["OnHand"]) for row in rows] == [(67, 67, 0), (33, 3, 30)]
    assert sum(row["StockLevel"] for row in account.get("/api/Product/Inventory/Bulk")) == 1100, "another warehouse too"
    assert account.get("/api/Product/Inventory/Bulk", WarehouseId=9) == []


def test_a_product_without_inventory_is_absent_and_pages_hold_five_hundred(account: Account) -> None:
    account.floor.load_products({f"S{number}": "Thing" for number in range(510)})
    assert len(account.get("/api/Product/Inventory/Bulk", WarehouseId=3, Limit=9999)) == 2
    account.floor.receive({f"S{number}": 1 for number in range(510)})
    sizes = [
        len(account.get("/api/Product/Inventory/Bulk", WarehouseId=3, Limit=9999, PageNo=page)) for page in (1, 2, 3)
    ]
    assert sizes == [500, 12, 0]
    assert len(account.get("/api/Product/Inventory/Bulk", WarehouseId=3)) == 100


@pytest.mark.parametrize(("kind", "status", "kept"), [("html", 200, 0), ("429", 429, 0), ("5xx_after", 500, 1)])
def test_faults_have_mintsofts_shapes(account: Account, kind: str, status: int, kept: int) -> None:
    account.floor.faults([{"operation": "CreateOrder", "kind": kind}])
    answer = account.http.put("/api/Order", json=an_order())
    assert (answer.status_code, len(account.floor.held())) == (status, kept)
    assert ("html" in answer.headers["content-type"]) == (kind != "5xx_after")
    assert account.floor.calls()["CreateOrder"] == 1


def test_answers_are_dated_by_the_accounts_clock(account: Account) -> None:
    assert account.http.get("/api/Order/Statuses").headers["date"] == "Mon, 23 Nov 2026 10:00:00 GMT"


def test_the_account_outlives_a_restart(account: Account) -> None:
    account.put()
    key = account.http.headers["ms-apikey"]
    account.close()
    again = Account(account.file)
    again.http.headers["ms-apikey"] = key
    assert status_of(again) == ["NEW"]
    again.close()


def test_one_secret_for_both_doors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two different secrets"):
        create_app(tmp_path / "x.db", PASSWORD, PASSWORD)


def test_every_answer_has_mintsofts_names_and_types(account: Account, swagger: Swagger) -> None:
    account.floor.act("policy", policy="split")
    account.floor.receive({"CUP": 3})
    (made, _) = account.put(
        lines=(("MUG", 4), ("CUP", 5)), DeliveryNotes="Ring", OrderNameValues=[{"Name": "PO Number", "Value": "7"}]
    )
    account.put(lines=(("NOSUCH", 1),))
    shipped = account.floor.ship("B2B1", {"L1": 2}, boxes=2)
    calls = ["/api/Order/Statuses", "/api/Order/Search?OrderNumber=B2B1&IncludeOrderItems=true", "/api/Order/List"]
    calls += ["/api/Product/Inventory/Bulk", f"/api/Order/{shipped}/Shipments"]
    calls += [f"/api/Order/{made['OrderId']}{end}" for end in ("", "/Items", "/Splits", "/MarkPrinted", "/Cancel")]
    for call in calls:
        answer = account.http.get(call)
        assert swagger.judge_answer("GET", f"{URL}{call}", answer.status_code, answer.text) == [], call
    answer = account.http.put("/api/Order", json=an_order(number="B2B2"))
    assert swagger.judge_answer("PUT", f"{URL}/api/Order", 200, answer.text) == []


def test_the_staff_door_has_its_own_token(account: Account) -> None:
    wrong = {"Authorization": f"Bearer {PASSWORD}"}
    assert account.http.post("/sandbox/policy", json={"policy": "split"}, headers=wrong).status_code == 401
    right = {"Authorization": f"Bearer {CONTROL}"}
    assert account.http.post("/sandbox/policy", json={"policy": "burn"}, headers=right).status_code == 422


def test_a_product_of_which_nothing_is_left_or_came_is_zero_and_one_never_booked_in_is_absent(account: Account) -> None:
    account.floor.load_products({"NEVER": "Never"})
    account.floor.receive({"NONE": 0, "FEW": 4})
    account.put(lines=(("FEW", 4),))
    account.floor.ship("B2B1")
    rows = account.get("/api/Product/Inventory/Bulk", WarehouseId=3)
    assert {row["SKU"]: row["StockLevel"] for row in rows if row["SKU"] != "MUG"} == {"NONE": 0, "FEW": 0}
