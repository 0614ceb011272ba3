"""Pictures of the desk in a real browser: in Airflow's frame and by its own address, light, dark and on a phone.

    python tests/browser/look.py http://127.0.0.1:8080 admin pictures/ --order 1005

The password comes from the variable AIRFLOW_PASSWORD. Needs the package `playwright` and a Chromium on the PATH.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def sign_in(page: Page, base: str, user: str, password: str) -> None:
    """Through the token endpoint, as the login form does; the cookie is the one that Airflow's pages use."""
    answer = page.request.post(f"{base}/auth/token", data={"username": user, "password": password})
    if not answer.ok:
        raise SystemExit(f"{base} refused the login of {user} ({answer.status}): check AIRFLOW_PASSWORD.")
    page.context.add_cookies([{"name": "_token", "value": answer.json()["access_token"], "url": base}])


def pictures(browser: Browser, base: str, user: str, password: str, order: str, held: str, to: Path) -> list[str]:
    """Every page in every form; returns what the browser complained about."""
    shots = {
        "today": f"{base}/fulfilment/",
        "order": f"{base}/fulfilment/order?q={order}",
        "orders": f"{base}/fulfilment/orders?which=moving",
        "held": f"{base}/fulfilment/order?q={held}",
    }
    complaints: list[str] = []
    for scheme in ("light", "dark"):
        for form, size in (("wide", WIDE), ("phone", PHONE)):
            context = browser.new_context(viewport=size, color_scheme=scheme)
            page = context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            sign_in(page, base, user, password)
            for name, address in shots.items():
                page.goto(address)
                wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wider:
                    complaints.append(f"{name} {form}: {wider} px wider than the window")
                page.screenshot(path=to / f"{name}-{form}-{scheme}.png", full_page=True)
            if form == "wide":
                for name, address in (("framed-today", "fulfilment"), ("framed-order", "fulfilment-order")):
                    page.goto(f"{base}/plugin/{address}")
                    page.frame_locator("iframe").locator("main").wait_for()
                    page.wait_for_timeout(1500)
                    page.screenshot(path=to / f"{name}-{scheme}.png")
            context.close()
    return complaints


def main() -> None:
    """Take the pictures; exit 1 if the browser complained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("user")
    parser.add_argument("to", type=Path)
    parser.add_argument("--order", default="1005", help="an order that shipped in parts")
    parser.add_argument("--held", default="1001", help="an order on hold")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, and only our own pages are opened.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        password = os.environ.get("AIRFLOW_PASSWORD", "")
        complaints = pictures(browser, given.base, given.user, password, given.order, given.held, given.to)
        browser.close()
    for line in dict.fromkeys(complaints):
        print(line)
    raise SystemExit(1 if complaints else 0)


if __name__ == "__main__":
    main()
