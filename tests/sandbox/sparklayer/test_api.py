"""The API as it is documented: who gets in, what is stored, and how it refuses."""

from __future__ import annotations

import copy
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.fulfilment.sandbox.control import SandboxControl, SandboxRefused
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from include.fulfilment.sandbox.sparklayer.app import create_app
from tests.sandbox.asgi import Asgi
from tests.sandbox.shops import order

SECRET, CONTROL_TOKEN = "client-secret", "control-token"
GRANT = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": SECRET}


class Site:
    """The site with both of its doors, and its clock."""

    def __init__(self, path: Path) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        app = create_app(path, SECRET, CONTROL_TOKEN, lambda: self.now)
        self.http = httpx.Client(base_url="http://site", transport=Asgi(app), headers={"Site-Id": SITE_ID})
        self.control = SandboxControl("http://site", CONTROL_TOKEN, Asgi(app))

    def log_in(self) -> None:
        token = self.http.post("/api/auth/token", json=GRANT).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def purchase(self) -> dict[str, Any]:
        """The newest purchase as it can be put back."""
        found: dict[str, Any] = self.http.get("/api/v1/purchases").json()[0]
        kept = {key: value for key, value in found.items() if not key.startswith("calculated_")}
        kept["dates"].pop("calculated_submitted_at")
        return kept

    def put(self, body: Any, address: str = "") -> httpx.Response:
        address = address or f"sparklayer/{body['purchase_identifiers']['sparklayer']}"
        return self.http.put(f"/api/v1/purchases/{address}", json=body)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "site.db")
    made.control.load(customers=[{"key": "C-1", "name": "Ada Hill"}], orders=[order("#1042")])
    made.log_in()
    yield made
    made.control.close()
    made.http.close()


def problem(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """(status, title, (code, property) of each error) of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["title"], [(each["code"], each["property"]) for each in body.get("errors", [])]


def test_a_token_is_asked_for_in_json_and_is_good_for_an_hour_and_one_site(site: Site) -> None:
    assert site.http.post("/api/auth/token", json=GRANT).json()["expires_in"] == 3600
    assert problem(site.http.post("/api/auth/token", data=GRANT))[0] == 400
    assert problem(site.http.post("/api/auth/token", json=GRANT | {"client_secret": "x"}))[:2] == (401, "Unauthorized")
    assert problem(site.http.get("/api/v1/purchases", headers={"Site-Id": "other"}))[0] == 401
    site.now += timedelta(seconds=3599)
    assert site.http.get("/api/v1/purchases").status_code == 200
    site.now += timedelta(seconds=1)
    assert problem(site.http.get("/api/v1/purchases"))[0] == 401


def test_the_two_secrets_must_be_there_and_differ(tmp_path: Path) -> None:
    for secret, control in (("", "a"), ("a", ""), ("a", "a")):
        with pytest.raises(ValueError, match="two different secrets"):
            create_app(tmp_path / "site.db", secret, control)


def test_the_control_door_does_not_open_for_the_sites_token(site: Site) -> None:
    answer = site.http.get("/sandbox/state")
    assert answer.status_code == 401


def test_the_list_is_newest_first_in_pages_and_only_takes_what_is_documented(site: Site) -> None:
    site.now += timedelta(hours=1)
    site.log_in()
    site.control.load(orders=[order("#1043", created_at="2026-11-23T11:00:00Z")])
    names = [each["purchase_identifiers"]["visible"] for each in site.http.get("/api/v1/purchases").json()]
    assert names == ["#1043", "#1042"]
    page = site.http.get("/api/v1/purchases", params={"limit": 1, "offset": 1}).json()
    assert [each["purchase_identifiers"]["visible"] for each in page] == ["#1042"]
    changed = {"dates[updated_at][gte]": "2026-11-23T13:30:00+01:00", "type": "order"}
    assert len(site.http.get("/api/v1/purchases", params=changed).json()) == 1
    for params in ({"limit": 501}, {"offset": "-1"}, {"dates[placed_at][gte]": "today"}, {"page": 1}):
        assert problem(site.http.get("/api/v1/purchases", params=params))[0] == 400


def test_what_is_put_replaces_the_whole_and_what_is_calculated_is_calculated(site: Site) -> None:
    body = site.purchase()
    body["note_of_theirs"], body["metadata"] = {"a": [1, None]}, []
    del body["billing_address"]
    site.now += timedelta(minutes=1)
    assert site.put(body).status_code == 200
    found = site.http.get(f"/api/v1/purchases/visible/{'%23'}1042").json()
    assert (found["note_of_theirs"], "billing_address" in found) == ({"a": [1, None]}, False)
    assert (found["calculated_total"]["number"], found["calculated_fulfilment_status"]) == ("99.54", "processing")
    assert found["dates"]["updated_at"] == "2026-11-23T12:01:00.000000+00:00"


def test_the_combined_status_follows_the_packages(site: Site) -> None:
    body = site.purchase()
    (package,) = body["packages"]
    one = package | {"identifiers": {}, "line_items": package["line_items"][:1]}
    two = package | {"identifiers": {}, "line_items": package["line_items"][1:]}
    for types, status in (
        (("shipped", "incoming"), "part_shipped"),
        (("shipped", "cancelled"), "shipped"),
        (("shipped", "on_hold"), "on_hold"),
        (("cancelled", "cancelled"), "cancelled"),
    ):
        body["packages"] = [one | {"type": types[0]}, two | {"type": types[1]}]
        assert site.put(copy.deepcopy(body)).json()["calculated_fulfilment_status"] == status


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"type": "voucher"}, [("invalidType", "type")]),
        ({"packages": []}, [("required", "packages")]),
        ({"packages": [{"type": "gone"}]}, [("invalidPackageType", "packages[0].type")]),
        ({"packages": [{"type": "incoming", "line_items": []}]}, [("required", "packages[0].line_items")]),
        (
            {"packages": [{"type": "incoming", "line_items": [{"quantity": 0.5, "line_total": {"total_net": 5}}]}]},
            [
                ("invalidQuantity", "packages[0].line_items[0].quantity"),
                ("invalidMoney", "packages[0].line_items[0].line_total.total_net"),
            ],
        ),
        ({"accounting_files": None, "dates": None}, [("required", "dates"), ("required", "accounting_files")]),
        ({"dates": {"placed_at": "soon"}}, [("invalidDate", "dates.placed_at")]),
        ({"calculated_total": {}}, [("calculatedField", "calculated_total")]),
    ],
)
def test_a_purchase_that_is_not_valid_is_refused_by_property_and_nothing_changes(
    site: Site, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    before = site.purchase()
    assert problem(site.put(before | changes)) == (400, "Bad Request", errors)
    assert site.purchase() == before


def test_identity_is_kept(site: Site) -> None:
    site.control.load(orders=[order("#1043")])
    body = site.purchase()
    identifiers = body["purchase_identifiers"]
    own, other = identifiers["sparklayer"], "63428136-658f-48a6-beb7-7f333dfd9686"
    moved = body | {"purchase_identifiers": identifiers | {"sparklayer": other}}
    assert problem(site.put(moved, f"sparklayer/{own}"))[0] == 403
    taken = body | {"purchase_identifiers": identifiers | {"visible": "#1042"}}
    assert problem(site.put(taken)) == (409, "Conflict", [("identityConflict", "visible")])
    assert problem(site.http.get("/api/v1/purchases/sparklayer/17"))[0] == 400
    assert problem(site.http.get(f"/api/v1/purchases/sparklayer/{other}"))[0] == 404
    assert problem(site.http.get("/api/v1/purchases/colour/17"))[0] == 404


def test_a_purchase_under_a_merchants_own_number_is_created_and_found_again(site: Site) -> None:
    body = site.purchase()
    body["purchase_identifiers"] = {"internal": "ERP/7"}
    made = site.put(body, "internal/ERP%2F7").json()
    assert made == site.http.get("/api/v1/purchases/internal/ERP%2F7").json()
    assert len(site.http.get("/api/v1/purchases").json()) == 2


def test_a_row_of_stock_that_is_not_valid_is_named_and_nothing_is_written(site: Site) -> None:
    place = {"stock_location_external_id": "default"}
    good = {"sku": "MUG", "stock_level": 7, "restock_date": "2026-12-01", **place}
    update = "/api/v1/batch-update-stock"
    assert site.http.post(update, json=[good]).status_code == 204
    odd = {"sku": "", "stock_level": 2.5, **place, "stock_location_id": "x"}
    assert problem(site.http.post(update, json=[good | {"stock_level": 1}, odd])) == (
        400,
        "Bad Request",
        [("required", "[1].sku"), ("invalidNumber", "[1].stock_level"), ("oneOf", "[1].stock_location_id")],
    )
    assert problem(site.http.post(update, json=[good, good]))[0] == 400
    assert problem(site.http.post(update, json=[good | {"stock_location_external_id": "york"}]))[2] == [
        ("unknownLocation", "[0].stock_location_external_id")
    ]
    assert problem(site.http.post(update, json=[]))[0] == 400
    found = site.http.post("/api/v1/batch-fetch-stock", json={"skus": ["MUG", "NONE"]}).json()
    assert [(each["sku"], [level["stock_level"] for level in each["stock_levels"]]) for each in found] == [("MUG", [7])]
    assert site.http.post(update, json=[{"sku": "MUG", "stock_level": 8, **place}]).status_code == 204
    (row,) = site.http.post("/api/v1/batch-fetch-stock", json={"skus": ["MUG"]}).json()
    assert row["stock_levels"][0]["restock_date"] is None, "what is not sent again is lost"


def test_people_pay_note_hold_edit_and_cancel(site: Site) -> None:
    site.control.pay("#1042")
    assert site.purchase()["total_paid"]["number"] == "99.54"
    site.control.set_note("#1042", "PO: 5\nGate code: 7\nring twice")
    body = site.purchase()
    assert body["customer_reference"] == "5"
    assert [(each["name"], each["value"]) for each in body["custom_fields"]] == [
        ("Gate code", "7"),
        ("Order notes", "ring twice"),
    ]
    assert site.control.state("orders")["orders"][0]["note"] == "PO: 5\nGate code: 7\nring twice"
    site.control.edit_line_quantity("#1042", 2, 4)
    assert [each["current_quantity"] for each in site.control.state("orders")["orders"][0]["lines"]] == [2, 4]
    assert site.purchase()["packages"][0]["line_items"][1]["line_total"]["total_net"]["number"] == "10.00"
    site.control.hold("#1042", "OTHER")
    assert site.purchase()["packages"][0]["type"] == "on_hold"
    site.control.hold("#1042", None)
    site.control.cancel("#1042")
    assert site.control.state("orders")["orders"][0]["cancelled_at"] is not None
    with pytest.raises(SandboxRefused, match="order #1042 is cancelled"):
        site.control.pay("#1042")


def test_loading_again_changes_nothing_and_an_unknown_customer_is_named(site: Site) -> None:
    counts = site.control.load(customers=[{"key": "C-1", "name": "Ada Hill"}], orders=[order("#1042")])
    assert counts["existing"] == {"variants": 0, "customers": 1, "orders": 1}
    with pytest.raises(SandboxRefused, match="order #1050: customer_key 'C-9' is not in the shop"):
        site.control.load(orders=[order("#1050", customer_key="C-9")])
    with pytest.raises(SandboxRefused, match="no field for the metafield"):
        site.control.set_customer_metafield("C-1", "sparklayer", "colour", "json", 1)


def test_the_fault_plan_spoils_what_it_names_and_counts_every_call(site: Site) -> None:
    site.control.set_faults([{"operation": "getPurchases", "kind": "conflict", "times": 1, "after_calls": 1}])
    answers = [site.http.get("/api/v1/purchases").status_code for _ in range(3)]
    assert (answers, site.control.calls()["getPurchases"]) == ([200, 409, 200], 3)
    with pytest.raises(SandboxRefused, match="no fault kind 'flood'"):
        site.control.set_faults([{"operation": "*", "kind": "flood"}])


@pytest.mark.e2e
def test_a_site_that_is_killed_has_lost_nothing_it_answered(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "include.fulfilment.sandbox.sparklayer", "--port", str(port)]
    command += ["--db", str(tmp_path / "a folder" / "site.db")]
    tokens = {"SANDBOX_SHOP_TOKEN": SECRET, "SANDBOX_CONTROL_TOKEN": CONTROL_TOKEN}
    for number in range(2):
        process = subprocess.Popen(command, env=os.environ | tokens)
        try:
            with SandboxControl(f"http://127.0.0.1:{port}", CONTROL_TOKEN) as control:
                deadline = time.monotonic() + 60
                while not control.is_up() and time.monotonic() < deadline:
                    time.sleep(0.1)
                assert len(control.state("orders")["orders"]) == number
                control.load(orders=[order("#1", customer_key=None)])
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=10)
