"""What the senders' own samples are read as."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.webhooks.delivery import Delivery, Event
from include.fulfilment.webhooks.sources import SOURCES
from tests.webhooks.kit import NOW


def read(source: str, content: Any, **headers: str) -> Event:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return SOURCES[source].read(Delivery(given, body, "", NOW))


def shop(topic: str, content: Any, **headers: str) -> Event:
    return read("shopify", content, x_shopify_topic=topic, **({"x_shopify_event_id": "e"} | headers))


def test_every_sample_of_shopify_is_taken_for_its_noun(shared_folder: Path) -> None:
    folder = shared_folder / "data/shopify/webhook_samples/2026-04"
    found: Counter[tuple[str, str | None]] = Counter()
    for file in sorted(folder.glob("*/*.json")):
        topic = f"{file.parent.name}/{file.stem}"
        found[(file.parent.name, shop(topic, json.loads(file.read_bytes()).get("response")).noun)] += 1

    acted_on = {name: noun for name, noun in found if noun}
    assert acted_on == dict.fromkeys(
        ("companies", "company_locations", "draft_orders", "fulfillment_holds", "fulfillment_orders", "orders",
         "order_transactions", "payment_schedules", "payment_terms", "refunds"), "order"
    ) | dict.fromkeys(("inventory_items", "inventory_levels", "products", "variants"), "stock")  # fmt: skip
    assert found[("orders", "order")] == 11
    assert {"fulfillments", "customers", "returns", "app", "shop"} <= {name for name, noun in found if not noun}


def test_a_shopify_order_is_named_by_its_own_id_and_not_by_a_rounded_number() -> None:
    content = {"id": 820982911946154500, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508"}
    assert list(shop("orders/create", content).subjects) == ["gid://shopify/Order/820982911946154508"]
    assert list(shop("orders/edited", {"order_edit": {"id": 1, "order_id": 42}}).subjects) == ["42"]
    assert list(shop("refunds/create", {"id": 1, "order_id": 42}).subjects) == ["42"]
    assert list(shop("fulfillment_orders/moved", {"original_fulfillment_order": {"id": 1}}).subjects) == [""]
    assert list(shop("inventory_levels/update", {"inventory_item_id": 5, "available": 1}).subjects) == ["5"]


def test_a_shopify_event_is_known_by_its_event_then_its_delivery_then_its_words() -> None:
    both = shop("orders/create", {}, x_shopify_event_id="e", x_shopify_webhook_id="d")
    assert both.event_id == "e"
    assert shop("orders/create", {}, x_shopify_event_id="", x_shopify_webhook_id="d").event_id == "d"
    words = shop("orders/create", {}, x_shopify_event_id="")
    assert words.event_id == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}


def test_only_a_body_that_states_its_time_is_its_own_identity() -> None:
    assert shop("inventory_levels/update", {"updated_at": "2026-11-23T10:00:00Z"}).states_time
    assert not shop("fulfillment_orders/placed_on_hold", {"fulfillment_order": {"id": 1}}).states_time


@pytest.mark.parametrize("odd", ["x" * 5000, "two words", "newline\n", "ü"])
def test_an_odd_id_or_topic_is_kept_as_a_digest(odd: str) -> None:
    event = shop(f"orders/{odd}", {}, x_shopify_event_id=odd)
    assert (len(event.event_id), len(event.topic)) == (64, 64)


@pytest.mark.parametrize(
    "odd", [{"id": True}, {"id": None}, {"id": {"a": 1}}, {"id": "x" * 300}, {"id": "a\x00b"}, [1], 1]
)
def test_a_subject_that_can_name_no_record_means_all(odd: Any) -> None:
    assert list(shop("draft_orders/create", odd).subjects) == [""]


def test_every_sample_of_shiphero_is_taken_for_its_noun_and_order(shared_folder: Path) -> None:
    expected = {
        "order_allocated": ("order allocated", "T3JkZXI6MjA0MTU5MDYy"),
        "order_packed_out": ("order packed out", "T3JkZXI6MjAzODQ5NzAz"),
        "shipment_update": ("shipment update", None),
    }
    for name, (topic, subject) in expected.items():
        body = (shared_folder / f"data/wms/shiphero_{name}.json").read_bytes()
        event = read("shiphero", body, x_shiphero_message_id="m")
        assert (event.noun, event.topic, event.event_id) == ("shipment", topic, "m")
        assert list(event.subjects) == [subject or json.loads(body)["fulfillment"]["order_uuid"]]


def test_shipheros_stock_names_every_sku_in_the_old_form_too() -> None:
    rows = [{"webhook_type": "INVENTORY_UPDATE", "sku": sku} for sku in ("B", "A", "B")]
    event = read("shiphero", {"account_id": "1", "inventory": rows}, x_shiphero_message_id="m")
    assert (event.noun, event.topic, list(event.subjects)) == ("stock", "inventory update", ["A", "B"])

    many = [{"sku": str(number)} for number in range(51)]
    event = read("shiphero", {"webhook_type": "Inventory Change", "inventory": many}, x_shiphero_message_id="m")
    assert list(event.subjects) == [""]


def test_without_an_id_the_same_words_are_one_event_for_a_minute() -> None:
    def at(seconds: int) -> str:
        delivery = Delivery({}, b'{"webhook_type": "Inventory Update"}', "", NOW + timedelta(seconds=seconds))
        return SOURCES["shiphero"].read(delivery).event_id

    assert at(0) == at(59)
    assert at(59) != at(60)


@pytest.mark.parametrize(
    ("topic", "noun"),
    [
        ("order.shipped", "shipment"),
        ("order.shipment.on_hold", "shipment"),
        ("order_shipped", "shipment"),
        ("shipment_onhold", "shipment"),
        ("return.created", None),
        ("billing.invoice", None),
        ("", None),
    ],
)
def test_shipbobs_topics_about_orders_are_shipments(topic: str, noun: str | None) -> None:
    event = read("shipbob", {"id": 7, "order_id": 8}, webhook_id="msg_1", x_webhook_topic=topic)
    assert event.noun == noun
    assert list(event.subjects) == (["8"] if noun else [""])
