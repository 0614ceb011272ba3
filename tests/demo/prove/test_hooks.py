"""The prover's webhooks go through the product's own door."""

from __future__ import annotations

import psycopg

from demo.prove.clock import ScheduleClock
from demo.prove.hooks import Hooks
from include.fulfilment.store.schema import migrate


def kept(url: str, site: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        query = "SELECT noun, subject FROM fulfilment.webhook_inbox WHERE site = %s ORDER BY inbox_id"
        found: list[tuple[str, str]] = connection.execute(query, (site,)).fetchall()
        return found


def test_a_webhook_that_comes_twice_and_after_a_later_one_is_kept_once(postgres_url: str) -> None:
    migrate(postgres_url)
    hooks = Hooks(postgres_url, "hooked", ScheduleClock())
    taken = [hooks.deliver(*each) for each in (("release", "e2"), ("stock", "e1"), ("release", "e2"))]
    assert taken == [True, True, True]
    assert kept(postgres_url, "hooked") == [("order", "e2"), ("stock", "e1")]


def test_the_warehouse_s_webhooks_are_taken_too(postgres_url: str) -> None:
    migrate(postgres_url)
    assert Hooks(postgres_url, "floored", ScheduleClock()).deliver("shipments", "e3")
    assert kept(postgres_url, "floored") == [("shipment", "e3")]
