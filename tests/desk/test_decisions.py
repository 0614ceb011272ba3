"""What people decide on the desk: by whom, from where, in which form, and what each answer says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import HTTPException

from include.fulfilment.domain.hold_decision import Decision, Seen, Signed, Verdict
from include.fulfilment.domain.matter import Team
from include.fulfilment.errors import DataError, Overtaken, RetryableError
from include.fulfilment.store.desk_rows import ReadingRow, VerdictRow
from tests.desk.fakes import HEAD, NOW, ORDER, FakeKeeper, FakeReader, client

HELD = replace(ORDER, head=replace(HEAD, state="held", reason="credit_limit_exceeded", version="h1"))
NO_PO = replace(ORDER, head=replace(HEAD, state="held", reason="po_missing", version="h1"))
BEN = Decision(3, Verdict.REFUSED, "Ben", "they owe too much", NOW - timedelta(seconds=3), late=True)
LIFT: dict[str, Any] = {
    "order": "cart-1005",
    "code": "credit_limit_exceeded",
    "verdict": "lifted",
    "version": "h1",
    "after": 0,
    "reason": " paid by phone ",
}
READING = {"warehouse": "main", "verdict": "lifted", "version": "v1", "reason": "moved out"}
PO = {"order": "cart-1005", "field": "po_number", "value": "PO-9", "reason": "by phone", "version": "h1"}
FINANCE = (Team.FINANCE,)


def post(keeper: FakeKeeper, path: str, given: Any, **more: Any) -> Any:
    reader = FakeReader(orders={"cart-1005": more.pop("rows", HELD)})
    browser = client(reader, more.pop("token", "right"), keeper, more.pop("may_write", None))
    return browser.post(path, **({"json": given} | more), follow_redirects=False)


def test_finance_lifts_a_credit_hold_and_is_told_what_is_stored() -> None:
    keeper = FakeKeeper(FINANCE)
    answer = post(keeper, "/decide/hold", LIFT)
    assert answer.status_code == 200
    assert answer.json() == {
        "stored": True,
        "decision_id": 7,
        "verdict": "lifted",
        "person": "Vera <viewer>",
        "reason": "paid by phone",
        "at": "2026-11-23T13:00:00+00:00",
    }
    signed, seen = Signed("Vera <viewer>", "paid by phone"), Seen("h1", 0)
    assert keeper.kept == [("trade", "cart-1005", "credit_limit_exceeded", Verdict.LIFTED, signed, seen)]


def test_a_form_works_without_a_script_and_leads_back_to_the_order() -> None:
    keeper = FakeKeeper(FINANCE)
    answer = post(keeper, "/decide/hold", None, json=None, data=LIFT, headers={"sec-fetch-site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/order?id=cart-1005&site=trade")
    assert len(keeper.kept) == 1


@pytest.mark.parametrize(
    ("path", "given", "owners", "words"),
    [
        ("/decide/hold", LIFT, FINANCE, "Only finance decides this"),
        ("/decide/correction", PO, (Team.CUSTOMER_SERVICE,), "Only customer service or finance decides this"),
        ("/decide/correction", PO | {"field": "factor:l1"}, (Team.MASTER_DATA,), "Only finance or master data decides"),
        ("/decide/reading", READING, (Team.OPERATIONS,), "Only operations decides this"),
    ],
)
def test_each_decision_is_for_its_team_and_nobody_else(
    path: str, given: dict[str, Any], owners: tuple[Team, ...], words: str
) -> None:
    assert post(FakeKeeper(owners), path, given).status_code == 200
    others = FakeKeeper(tuple(set(Team) - {*owners, Team.FINANCE} if path != "/decide/reading" else [Team.FINANCE]))
    answer = post(others, path, given)
    assert (answer.status_code, others.kept) == (403, [])
    assert answer.json()["detail"].startswith(words)


@pytest.mark.parametrize("path", ["/decide/hold", "/decide/correction", "/decide/reading"])
def test_who_is_not_signed_in_or_may_only_look_decides_nothing(path: str) -> None:
    def only_look() -> None:
        raise HTTPException(403, "Forbidden")

    keeper = FakeKeeper(tuple(Team))
    given = {"/decide/hold": LIFT, "/decide/correction": PO, "/decide/reading": READING}[path]
    assert post(keeper, path, given, token="").status_code == 401
    assert post(keeper, path, given, token="forged").status_code == 403
    assert post(keeper, path, given, may_write=only_look).status_code == 403
    assert keeper.kept == []


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, False),
        ({"origin": "http://testserver"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, True),  # with a token of its own, which no browser adds
        ({"authorization": ""}, False),
    ],
)
def test_a_page_of_another_site_cannot_decide_with_the_visitors_sign_in(headers: dict[str, str], taken: bool) -> None:
    keeper = FakeKeeper(FINANCE)
    answer = post(keeper, "/decide/hold", None, json=None, data=LIFT, headers=headers)
    assert answer.status_code == (303 if taken else 401 if "authorization" in headers else 403)
    assert len(keeper.kept) == int(taken)


def test_d9_who_comes_too_late_is_told_who_decided_and_when() -> None:
    keeper = FakeKeeper(FINANCE, late=BEN)
    answer = post(keeper, "/decide/hold", LIFT)
    assert answer.status_code == 409
    words = "Too late: Ben refused to lift it on 2026-11-23 12:59:57 UTC, because: they owe too much"
    assert answer.json()["detail"] == words
    page = post(keeper, "/decide/hold", None, json=None, data=LIFT, headers={"origin": "http://testserver"})
    assert page.status_code == 409
    assert words in page.text


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Overtaken("order #1005 was changed in the shop since you looked; nothing was stored"), 409),
        (DataError("order #1005: '1.5' is no number of base units"), 422),
        (RetryableError("The store does not answer."), 503),
    ],
)
def test_what_cannot_be_decided_is_said_with_what_to_do(fault: Exception, status: int) -> None:
    answer = post(FakeKeeper(FINANCE, fault=fault), "/decide/hold", LIFT)
    assert (answer.status_code, str(fault) in answer.json()["detail"]) == (status, True)
    assert answer.json()["advice"]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"order": "cart-404"}, 404, "There is no order “cart-404” here."),
        ({"site": "nowhere"}, 404, "There is no site called “nowhere” here"),
        ({"code": "pack_unknown"}, 422, "This hold cannot be lifted; only its cause can be mended."),
        ({"code": "snapshot_suspicious"}, 422, "This hold cannot be lifted"),
        ({"verdict": "approved"}, 422, "verdict: input should be 'lifted' or 'refused'."),
        ({"reason": "  "}, 422, "reason: string should have at least 1 character."),
        ({"reason": "x" * 501}, 422, "reason: string should have at most 500 characters."),
        ({"version": ""}, 422, "version: string should have at least 1 character."),
        ({"after": -1}, 422, "after: input should be greater than or equal to 0."),
        ({"person": "Ada"}, 422, "person: extra inputs are not permitted."),
        ({"reason": "x" * 30_000}, 413, "That is too much for a decision."),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused_and_nothing_kept(
    change: dict[str, Any], status: int, words: str
) -> None:
    keeper = FakeKeeper(FINANCE)
    answer = post(keeper, "/decide/hold", LIFT | change)
    assert (answer.status_code, keeper.kept) == (status, [])
    assert answer.json()["detail"].startswith(words)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{", 422),
        ("application/json", b"[1]", 422),
        ("application/json", b"\xff", 422),
        ("text/plain", b"order=1", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
    ],
)
def test_a_body_that_is_neither_json_nor_a_form_is_refused(kind: str, body: bytes, status: int) -> None:
    keeper = FakeKeeper(FINANCE)
    answer = post(keeper, "/decide/hold", None, json=None, content=body, headers={"content-type": kind})
    assert (answer.status_code, keeper.kept) == (status, [])


def page_of(rows: Any, *people: Team) -> str:
    return str(
        client(FakeReader(orders={"cart-1005": rows}), keeper=FakeKeeper(people)).get("/order?id=cart-1005").text
    )


def test_the_order_page_offers_what_the_visitor_may_do_and_names_who_may_do_the_rest() -> None:
    mine = page_of(NO_PO, Team.CUSTOMER_SERVICE)
    assert re.findall(r'<form class="decide" action="([^"]+)" method="post"', mine) == [
        "/decide/hold",
        "/decide/correction",
    ]
    assert '<option value="po_number">PO number</option>' in mine
    assert mine.count('name="version" value="h1"') == 2
    others = page_of(NO_PO, Team.FINANCE)
    assert "/decide/" not in others
    assert "Lifting this hold is for customer service." in others
    assert "Correcting it for the warehouse is for customer service." in others
    assert "/decide/" not in page_of(ORDER, *Team)  # it waits for stock: nothing to decide


def test_every_field_of_a_form_has_its_label_and_no_form_needs_a_script() -> None:
    page = page_of(NO_PO, *Team)
    named = set(re.findall(r'<(?:textarea|select|input)[^>]* id="([^"]+)"', page))
    assert named == set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    assert "<script" not in page


def test_a_factor_is_corrected_line_by_line() -> None:
    rows = replace(NO_PO, head=replace(NO_PO.head, reason="pack_changed"))
    page = page_of(rows, Team.MASTER_DATA)
    assert '<option value="factor:l1">Units per pack of MUG-12</option>' in page
    assert "/decide/hold" not in page


def test_a_refusal_that_was_seen_is_shown_and_goes_with_the_form() -> None:
    evil = "<script>x</script>"
    verdicts = (
        VerdictRow(9, "po_missing", "h1", "lifted", "Ada", "urgent", NOW, False),
        VerdictRow(8, "po_missing", "h1", "refused", evil, evil, NOW, True),
        VerdictRow(7, "po_missing", "h0", "lifted", "Cleo", "older", NOW, True),
    )
    page = page_of(replace(NO_PO, verdicts=verdicts), Team.CUSTOMER_SERVICE)
    assert 'name="after" value="8"' in page
    assert "too late: urgent" in page
    assert "<script" not in page


def test_a_reading_that_is_kept_back_is_accepted_on_its_page() -> None:
    row = ReadingRow("main", "v1", NOW, 300, NOW - timedelta(days=1), 10_000, NOW, 0, ())
    reader = FakeReader(kept_back=[row])
    page = client(reader, keeper=FakeKeeper((Team.OPERATIONS,))).get("/readings").text
    assert "<b>300</b> SKUs" in page
    assert "<b>10,000</b>" in page
    assert 'action="/decide/reading"' in page
    other = client(reader, keeper=FakeKeeper(FINANCE)).get("/readings").text
    assert "Accepting it is for operations." in other
    assert "/decide/" not in other
    assert "No reading is kept back." in client(FakeReader()).get("/readings").text
    keeper = FakeKeeper((Team.OPERATIONS,))
    answer = post(keeper, "/decide/reading", None, json=None, data=READING, headers={"sec-fetch-site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/readings?site=trade")
    signed = Signed("Vera <viewer>", "moved out")
    assert keeper.kept == [("trade", "main", Verdict.LIFTED, signed, Seen("v1", 0))]
