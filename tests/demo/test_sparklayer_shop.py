"""The demo's orders on the SparkLayer site: loaded as they are, and left out where the site could not judge them."""

from __future__ import annotations

from pathlib import Path

from demo.orders import read_orders
from demo.sparklayer_shop import connection, site_section, without_pack_sizes
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from include.fulfilment.sandbox.sparklayer.app import create_app
from tests.sandbox.asgi import Asgi


def test_the_site_holds_every_order_with_its_note_and_lines_and_each_customer_in_its_group(tmp_path: Path) -> None:
    orders = without_pack_sizes(read_orders(None, None))
    app = create_app(tmp_path / "site.db", "secret", "control")
    with SandboxControl("http://site", "control", Asgi(app)) as shop:
        shop.load(**orders.body)  # type: ignore[arg-type]
        state = shop.state()
    held = {order["name"]: order for order in state["orders"]}
    assert held.keys() == {order["name"] for order in orders.orders}
    for order in orders.orders:
        found = held[order["name"]]
        assert found["note"] == order["note"]
        assert [(line["sku"], line["current_quantity"], line["fulfilled"]) for line in found["lines"]] == [
            (line["sku"], line["quantity"], 0) for line in order["lines"]
        ]
        assert found["financial_status"] == order["financial_status"]
    groups = Options(**site_section("default")["options"]).po_required_groups
    needs = {each["key"] for each in state["customers"] if each["group"] in groups}
    po_required = {"namespace": "fulfilment", "key": "po_required", "type": "boolean", "value": "true"}
    assert needs == {each["key"] for each in orders.customers if po_required in each["metafields"]}


def test_orders_that_break_a_pack_size_are_left_out_and_counted() -> None:
    everything = read_orders(None, None)
    left = without_pack_sizes(everything)
    assert left.skipped["pack_size_orders"] == len(everything.orders) - len(left.orders) == 1
    assert "pack_size_violated" not in left.stays_held.values()
    assert without_pack_sizes(left) == left


def test_the_connection_names_the_site_and_keeps_the_secret_in_its_password() -> None:
    made = connection("http://127.0.0.1:9", "s3cret")
    assert (made.login, made.password, made.extra) == (CLIENT_ID, "s3cret", {"site_id": SITE_ID})
