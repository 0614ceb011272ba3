"""What-if on the warehouse in memory: orders are decided by the real runs, then judged again under another policy."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from psycopg import sql

from include.fulfilment.domain.what_if import Flip, WhatIf
from include.fulfilment.services import release_what_if
from include.fulfilment.services.people import lift_hold
from tests.stories.world import World


def what_if(world: World, days: int = 30, **changes: Any) -> WhatIf:
    """The answer for a policy that differs from the agreed one in these fields."""
    candidate = world.site.release.model_copy(update={"version": "test-2", **changes})
    return release_what_if.replay(world.store, world.site, world.warehouse, candidate, days, world.clock)


def kinds(found: WhatIf) -> list[tuple[str, str, str]]:
    return [(flip.order_name, flip.present.words, flip.candidate.words) for flip in found.flips]


def whole_database(world: World) -> dict[str, tuple[int, str]]:
    """Row count and digest of every table, whichever the site."""
    found = {}
    with psycopg.connect(world.store_url) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema IN ('fulfilment', 'public')"
        ).fetchall()
        for table in tables:
            query = sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(*table))
            rows = [row[0] for row in connection.execute(query)]
            found[".".join(table)] = (len(rows), sha256("\n".join(rows).encode()).hexdigest())
    return found


def a_mixed_week(world: World) -> dict[str, str]:
    """Orders of every fate: gone whole, gone in part and later, lifted, held by credit, PO and payment, paid later."""
    world.agree(largest_line_base=1_000)
    world.goods("MUG", 100, cases=[12])
    world.goods("CUP", 100_000)
    names = {"whole": world.sell(("MUG-12", 2), ("MUG", 3)), "part": world.sell(("MUG-12", 8))}
    names["later"] = world.sell(("MUG", 10), payment="upfrontPayment")
    names["slip"] = world.sell(("CUP", 2_000), payment="upfrontPayment")
    names["credit"] = world.sell(("CUP", 900), price="9.00")
    names["draft"] = world.sell(("CUP", 5), source="draft")
    names["unknown"] = world.sell(("NOBODY", 5))
    world.release()
    world.control.pay(names["slip"])
    world.control.pay(names["later"])
    world.release()
    lift_hold(world.store, names["slip"], "quantity_threshold", "Ada", "the buyer confirmed", world.clock)
    world.floor.receive({"MUG": 100})
    world.release()
    world.customer_says("po_required")
    names["po"] = world.sell(("CUP", 7))
    world.release()
    world.floor.ship(world.ref(names["whole"]))
    world.aggregate()
    return names


def test_the_present_policy_against_itself_flips_nothing_and_gives_what_was_decided(world: World) -> None:
    names = a_mixed_week(world)
    found = what_if(world)
    assert found.flips == ()
    assert (found.orders, found.agreeing, found.other_versions, found.undecided) == (len(names), len(names), 0, 0)
    assert found.decisions > len(names)


def test_nothing_is_written_anywhere_and_a_write_would_be_refused(world: World) -> None:
    a_mixed_week(world)
    before = whole_database(world)
    assert len(what_if(world, largest_line_base=1).flips) > 3
    assert whole_database(world) == before
    assert before["fulfilment.release_decision"][0] > 8
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), world.store.snapshot() as rows:
        rows.orders.withdraw_cancelled(world.clock())
        rows.log.events([], world.clock())
        rows.log.move_cursor("storefront/orders/shop", world.clock() + timedelta(days=1))
    assert whole_database(world) == before


def one(found: WhatIf) -> Flip:
    (flip,) = found.flips
    return flip


def test_a_lower_line_limit_would_have_asked_a_person_and_says_why(world: World) -> None:
    world.goods("MUG", 5_000)
    small, large = world.sell(("MUG", 10)), world.sell(("MUG", 2_000))
    world.release()
    flip = one(what_if(world, largest_line_base=1_000))
    line = world.line_ids(large)[0]
    assert (flip.order_name, flip.decided, flip.decided_under, flip.agrees) == (large, "Released", "test-1", True)
    assert (flip.present.units, flip.candidate.units, flip.units_difference) == (2_000, 0, -2_000)
    assert flip.candidate.words == "Held: Unusually large quantity"
    assert [(each.rule, each.present, each.candidate) for each in flip.rules] == [
        ("line_size", "asks from 10000", f"Unusually large quantity; line {line}, base units 2000, asks from 1000")
    ]
    assert (flip.currency, flip.total_gross) == ("GBP", Decimal("2000.00"))
    assert small not in {flip.order_name}
