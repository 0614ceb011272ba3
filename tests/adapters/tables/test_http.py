"""Rows of an HTTP API come whole, page after page, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.tables import http
from include.fulfilment.adapters.tables.http import HttpOptions, read_pages
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.ports import Table

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
BASE = "https://erp.example/api/v2"
Answer = Callable[[httpx.Request], Any]


def read(answer: Answer, **options: Any) -> tuple[Table, list[str]]:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        found = answer(request)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    wire = httpx.MockTransport(handle)
    given = HttpOptions(kind="http", connection="erp", path="/items", **options)
    with Transport(BASE, system="rows", connection_id="erp", wire=wire, sleep=lambda _: None) as transport:
        return read_pages(given, transport, BASE, lambda: NOW), asked


def test_records_are_rows_and_what_is_inside_them_is_a_column_with_dots() -> None:
    body = {"data": {"items": [{"code": "007", "unit": {"code": "CA", "factor": 12}, "tags": ["x"]}]}}
    table, asked = read(lambda _: body, rows="data.items", parameters={"company": "GB01"})
    row = {"code": "007", "unit.code": "CA", "unit.factor": 12, "tags": ["x"]}
    assert (list(table.rows), table.columns, table.began_at) == ([(1, row)], None, NOW)
    assert asked == [f"{BASE}/items?company=GB01"]


def test_a_fraction_is_exact() -> None:
    answer = httpx.Response(200, content=b'[{"limit": 1234.10}]', headers={"content-type": "application/json"})
    table, _ = read(lambda _: answer)
    assert list(table.rows) == [(1, {"limit": Decimal("1234.10")})]


def test_pages_are_counted_until_one_is_empty() -> None:
    def answer(request: httpx.Request) -> Any:
        page = int(request.url.params["page"])
        return {"items": [{"code": f"{page}-{n}"} for n in range(2)] if page < 3 else [], "page": page}

    table, asked = read(answer, rows="items", page_parameter="page")
    assert [row["code"] for _, row in table.rows] == ["1-0", "1-1", "2-0", "2-1"]
    assert [number for number, _ in table.rows] == [1, 2, 3, 4]
    assert len(asked) == 3


@pytest.mark.parametrize("next_page", [f"{BASE}/items?$skiptoken=2", "/api/v2/items?$skiptoken=2"])
def test_the_next_page_is_where_the_answer_says(next_page: str) -> None:
    def answer(request: httpx.Request) -> Any:
        if "skiptoken" in str(request.url):
            return {"value": [{"code": "B"}]}
        return {"value": [{"code": "A"}], "@odata.nextLink": next_page}

    table, asked = read(answer, rows="value", next="@odata.nextLink", parameters={"company": "GB01"})
    assert [row["code"] for _, row in table.rows] == ["A", "B"]
    assert asked == [f"{BASE}/items?company=GB01", f"{BASE}/items?$skiptoken=2"]


@pytest.mark.parametrize(
    "next_page",
    ["https://evil.example/api/v2/items", "http://erp.example/api/v2/items", "/other/items", "//evil.example/api/v2/x"],
)
def test_a_next_page_elsewhere_is_not_followed(next_page: str) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> Any:
        asked.append(request)
        return {"value": [], "next": next_page}

    with pytest.raises(DataError, match="its next page is not under the connection's address"):
        read(answer, rows="value", next="next")
    assert len(asked) == 1


def test_a_page_that_comes_twice_is_no_reading() -> None:
    with pytest.raises(DataError, match="a page came twice"):
        read(lambda _: {"items": [{"code": "A"}]}, rows="items", page_parameter="page")
    with pytest.raises(DataError, match="a page came twice"):
        read(lambda _: {"value": [], "next": f"{BASE}/items"}, rows="value", next="next")


def test_pages_without_end_are_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_PAGES", 3)
    with pytest.raises(DataError, match="more than 3 pages"):
        read(lambda request: [{"page": request.url.params["page"]}], page_parameter="page")


@pytest.mark.parametrize("body", [{"items": {}}, {"items": ["A"]}, {}, [1], None, "text"])
def test_an_answer_without_a_list_of_records_is_no_reading(body: Any) -> None:
    with pytest.raises(DataError, match="no list of records under 'items'"):
        read(lambda _: body, rows="items")


def test_a_page_that_fails_fails_the_reading() -> None:
    def answer(request: httpx.Request) -> Any:
        return [{"n": 1}] if request.url.params["page"] == "1" else httpx.Response(503)

    with pytest.raises(RetryableError, match="answered 503"):
        read(answer, page_parameter="page")


@pytest.mark.parametrize(
    ("login", "password", "sent"),
    [("", "", {}), ("", "t0k", {"Authorization": "Bearer t0k"}), ("me", "pw", {"Authorization": "Basic bWU6cHc="})],
)
def test_the_password_is_a_token_or_with_a_login_basic(login: str, password: str, sent: dict[str, str]) -> None:
    assert http._access(RemoteConnection("erp", BASE, login, password)) == sent


def test_two_ways_of_paging_are_refused() -> None:
    with pytest.raises(ValueError, match="not by both"):
        HttpOptions(kind="http", connection="erp", path="/items", page_parameter="page", next="next")
