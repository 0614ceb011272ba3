"""The desk as people see it: in a real browser, in Airflow's frame, on the orders of a finished run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.look import PHONE, WIDE, sign_in
from tests.demo_run import UpDemo

pytestmark = [pytest.mark.e2e, pytest.mark.alone]


@pytest.fixture(scope="module")
def page(up_demo: UpDemo) -> Iterator[Page]:
    """A signed-in page at 1,280 px that fails on any error in the console."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on the PATH (on Debian: apt install chromium)")
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = browser.new_page(viewport=WIDE)
        found.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        sign_in(found, up_demo.base, "admin", up_demo.password)
        yield found
        browser.close()
    assert errors == []


def test_today_in_airflows_frame_says_in_words_how_things_stand(page: Page, up_demo: UpDemo) -> None:
    page.goto(f"{up_demo.base}/plugin/fulfilment")
    frame = page.frame_locator("iframe")
    frame.locator("main").wait_for()
    assert "Running." in frame.locator("main").inner_text()
    assert page.get_by_text("Fulfilment", exact=True).count() >= 1


def test_an_order_that_shipped_is_found_by_its_number_and_its_sums_are_shown(page: Page, up_demo: UpDemo) -> None:
    page.goto(f"{up_demo.base}/fulfilment/order?q=700101")
    text = page.locator("main").inner_text()
    assert "Fulfilled" in text
    assert "B2B700101" in text
    assert "PO-18065" in text


def test_no_page_is_wider_than_a_phone(page: Page, up_demo: UpDemo) -> None:
    page.set_viewport_size(PHONE)
    for path in ("", "order?q=700101"):
        page.goto(f"{up_demo.base}/fulfilment/{path}")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.set_viewport_size(WIDE)


@pytest.mark.parametrize("path", ["", "order?q=700101", "orders?which=moving", "docs", "openapi.json"])
def test_the_desk_refuses_who_is_not_signed_in_and_who_is_forged(up_demo: UpDemo, path: str) -> None:
    address = f"{up_demo.base}/fulfilment/{path}"
    assert httpx.get(address, follow_redirects=False).status_code == 401
    assert httpx.get(address, headers={"Authorization": "Bearer forged"}).status_code in (401, 403)


def test_airflow_has_no_import_errors_and_knows_every_dag(page: Page, up_demo: UpDemo) -> None:
    errors: dict[str, Any] = page.request.get(f"{up_demo.base}/api/v2/importErrors").json()
    assert errors["total_entries"] == 0
    dags = page.request.get(f"{up_demo.base}/api/v2/dags").json()["dags"]
    assert sorted(dag["dag_id"] for dag in dags) == [
        "drift_report",
        "fulfilment_aggregation",
        "hold_decision",
        "order_release",
        "release_what_if",
        "stock_sync",
    ]
