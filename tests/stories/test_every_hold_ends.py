"""R31: every hold has an end that needs no developer. On the real store, each is caused and then ended by its owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.desk.actions import Actions, view_actions
from include.fulfilment.domain.hold_decision import Seen, decider
from include.fulfilment.domain.hold_matters import HOLDS
from include.fulfilment.domain.order import PaymentMethod, PaymentState, SalesOrder
from include.fulfilment.ports import CancelKind, Rejected
from include.fulfilment.services.people import ask_cancel, correct_order, lift_hold
from include.fulfilment.store.desk import PostgresDesk
from tests.fakes import FakeWarehouse
from tests.site_files import CREDIT
from tests.stories.test_release_days import CALENDAR
from tests.stories.world import ADDRESS, World

Story = Iterator[str]
"""Causes the hold and answers the order's name; then ends it, and answers the name if that is another now."""
STORIES: dict[str, Callable[[World], Story]] = {}
WHO = ("Ola", "the buyer confirmed by phone")


def story(*codes: str) -> Callable[[Callable[..., Story]], Callable[..., Story]]:
    def kept(tell: Callable[..., Story]) -> Callable[..., Story]:
        STORIES.update(dict.fromkeys(codes, tell))
        return tell

    return kept


def offered(world: World, name: str) -> tuple[str, Actions]:
    """What the order's page on the desk offers to the hold's owner, with our id of the order."""
    desk = PostgresDesk(world.store_url)
    (found,) = [each for each in desk.find(world.site_code, name) if each.state == "held"]
    rows = desk.order(world.site_code, found.order_id)
    assert rows is not None
    actions = view_actions(rows, [decider(found.reason)])
    assert actions is not None
    return found.order_id, actions


def lift(world: World, name: str) -> None:
    order_id, actions = offered(world, name)
    assert (actions.liftable, actions.lift) == (True, True)
    made = lift_hold(world.store, order_id, actions.code, *WHO, world.clock, Seen(actions.version, actions.after))
    assert not made.late


def correct(world: World, name: str, field: str, value: str) -> None:
    order_id, actions = offered(world, name)
    assert field in dict(actions.fields)
    assert actions.correct
    correct_order(world.store, order_id, field, value, *WHO, world.clock)


def the_shop_says(world: World, change: Callable[[SalesOrder], SalesOrder]) -> None:
    """What the sandbox's shop cannot be made to say. Each reading is of now."""
    own = type(world.storefront).read_orders

    def read(_: Any) -> Iterator[Any]:
        for page in own(world.storefront, None):
            orders = tuple(replace(change(each), updated_at=world.clock()) for each in page.orders)
            yield replace(page, orders=orders)

    world.storefront.read_orders = read  # type: ignore[method-assign, assignment]


def first_line(order: SalesOrder, **changes: Any) -> SalesOrder:
    return replace(order, lines=(replace(order.lines[0], **changes), *order.lines[1:]))


def altered(world: World, change: Callable[[SalesOrder], SalesOrder], **more: Any) -> Story:
    """Wrong in the shop, then mended there."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), **more)
    the_shop_says(world, change)
    world.release()
    yield name
    the_shop_says(world, lambda order: order)


@story("order_malformed")
def malformed(world: World) -> Story:
    return altered(world, lambda order: replace(order, problems=("line 1: no quantity",)))


@story("sku_missing")
def sku_missing(world: World) -> Story:
    return altered(world, lambda order: first_line(order, sku=""))


@story("quantity_not_positive")
def not_positive(world: World) -> Story:
    return altered(world, lambda order: first_line(order, quantity=-1))


@story("payment_failed")
def payment_failed(world: World) -> Story:
    world.agree(card_states=("paid",))
    yield from altered(world, lambda order: replace(order, payment_state=PaymentState.VOIDED), payment="upfrontPayment")
    the_shop_says(world, lambda order: replace(order, payment_state=PaymentState.PAID))


def ended_by(act: Callable[[World, str], None], *lines: tuple[str, int], **more: Any) -> Callable[[World], Story]:
    """10 mugs on account unless told otherwise, held; then `act`."""

    def tell(world: World, lines: Sequence[tuple[str, int]] = lines or (("MUG", 10),)) -> Story:
        world.goods("MUG", 5_000, cases=[12])
        name = world.sell(*lines, **more)
        world.release()
        yield name
        act(world, name)

    return tell


def corrected(field: str, value: str) -> Callable[[World, str], None]:
    return lambda world, name: correct(world, name, field, value)


def given(before: Callable[[World], None], tell: Callable[[World], Story]) -> Callable[[World], Story]:
    def told(world: World) -> Story:
        before(world)
        yield from tell(world)

    return told


def agreed(**release: Any) -> Callable[[World], None]:
    return lambda world: world.agree(**release)


def short_field(world: World) -> None:
    limits = {"po_number": 22}
    world.warehouse.capabilities = replace(world.warehouse.capabilities, field_limits=limits)  # type: ignore[misc]


def no_dates(world: World) -> None:
    limits = {"requested_on": 0}
    world.warehouse.capabilities = replace(world.warehouse.capabilities, field_limits=limits)  # type: ignore[misc]


WANTED = "Requested delivery date: 2026-11-24"
DAYS = agreed(calendar=CALENDAR, cut_off=time(14))
NO_TOWN = {key: value for key, value in ADDRESS.items() if key != "city"}
STORIES |= {
    "payment_pending": ended_by(lift, payment="upfrontPayment"),
    "payment_method_unmapped": ended_by(lift, payment="carrierPigeon"),
    "quantity_threshold": given(agreed(largest_line_base=5), ended_by(lift)),
    "value_threshold": given(agreed(largest_order_gross={"GBP": Decimal(5)}), ended_by(lift)),
    "approval_needed": given(agreed(invoice="approved"), ended_by(lift, payment="paymentByInvoice")),
    "credit_limit_exceeded": given(lambda world: world.credit("5", "0"), ended_by(lift)),
    "account_on_stop": given(lambda world: world.customer_says("on_stop"), ended_by(lift)),
    "minimum_age": given(agreed(minimum_age_minutes=600), ended_by(lift)),
    "not_before": given(DAYS, ended_by(lift, note="Not before: 2026-11-25")),
    "past_cancel_date": given(
        DAYS, ended_by(corrected("cancel_after_on", "2026-12-24"), note="Cancel after: 2026-11-22")
    ),
    "po_missing": given(lambda world: world.customer_says("po_required"), ended_by(corrected("po_number", "PO-4711"))),
    "field_too_long": given(short_field, ended_by(corrected("po_number", "PO-1"), note="PO: " + "P" * 45)),
    "field_missing": given(
        lambda world: world.maps({}, carry={"mark_for": "required"}), ended_by(corrected("mark_for", "Store 12"))
    ),
    "field_not_carried": given(
        no_dates, ended_by(lambda world, _: world.maps({}, carry={"requested_on": "not needed"}), note=WANTED)
    ),
    "details_disagree": ended_by(corrected("po_number", "B-2"), note="PO: A-1\nPO number: B-2"),
    "carrier_account_missing": given(
        lambda world: world.maps({}, services={"Pallet": {"service": "pallet", "payer": "third_party"}}),
        ended_by(corrected("carrier_account", "ACC-9")),
    ),
    "address_incomplete": ended_by(corrected("ship_to.city", "Leeds"), shipping_address=NO_TOWN),
    "shipping_method_unmapped": ended_by(
        corrected("shipping_method", "Pallet"), shipping_line={"title": "By camel", "price": "0"}
    ),
    "credit_currency_mismatch": given(
        lambda world: world.credit(currency="EUR"), ended_by(lambda world, _: world.credit())
    ),
    "invoice_policy_missing": ended_by(lambda world, _: world.agree(invoice="terms"), payment="paymentByInvoice"),
    "awaiting_stock": ended_by(lambda world, _: world.floor.receive({"MUG": 9_000}), ("MUG", 6_000), price="0.10"),
    "pack_size_violated": given(
        lambda world: world.goods("CUP", 100, pack_size=6),
        ended_by(lambda world, name: world.control.edit_line_quantity(name, 1, 18), ("CUP", 17)),
    ),
}


@story("held_in_shop")
def held_in_shop(world: World) -> Story:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.control.hold(name, "HIGH_RISK_OF_FRAUD")
    world.release()
    yield name
    world.control.hold(name, None)


@story("cancel_asked")
def cancel_asked(world: World) -> Story:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.collect()
    ask_cancel(world.store, name, *WHO, world.clock)
    world.release()
    yield name
    lift(world, name)


@story("taken_back")
def taken_back(world: World) -> Story:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    can = replace(world.floor.capabilities, update=False, cancel=CancelKind.ASYNC)
    world.floor.capabilities = can
    world.release()
    world.control.edit_line_quantity(name, 1, 6)
    world.release()
    world.floor.answer_requests()
    world.release()
    yield name


@story("account_unverified")
def account_unverified(world: World) -> Story:
    world.goods("MUG", 50)
    world.control.load(customers=[{"key": "new", "name": "New Buyer"}])
    name = world.sell(("MUG", 10), customer_key="new", company=None)
    world.release()
    yield name
    value = {"credit_limit": "5000", "balance": "0", "currency_code": "GBP", "net_terms": 30}
    world.control.set_customer_metafield("new", "sparklayer", "payment_on_account", "json", value)
    the_shop_says(world, lambda order: order)


@story("credit_data_stale")
def credit_data_stale(world: World) -> Story:
    world.goods("MUG", 50)
    shop, long_ago = type(world.storefront), timedelta(days=30)

    def aged(accounts: Any) -> list[Any]:
        return [replace(each, as_of=each.as_of - long_ago) for each in accounts]

    def pages(_: Any) -> Iterator[Any]:
        for page in shop.read_orders(world.storefront, None):
            yield replace(page, accounts=tuple(aged(page.accounts)))

    def accounts(orders: Any) -> list[Any]:
        return aged(shop.read_accounts(world.storefront, orders))

    name = world.sell(("MUG", 10))
    world.storefront.read_orders = pages  # type: ignore[method-assign, assignment]
    world.storefront.read_accounts = accounts  # type: ignore[method-assign, assignment]
    world.release()
    yield name
    lift(world, name)


def catalogue(world: World, *rows: tuple[str, str, str, int]) -> Story:
    """Rows of the pack catalogue that do not do; then the one that does, from whoever keeps it."""
    world.goods("MUG", 50)
    world.packs(*rows, replace=True)
    name = world.sell(("MUG", 10))
    world.release()
    yield name
    world.packs(("MUG", "EA", "MUG", 1), replace=True)


@story("pack_unknown")
def pack_unknown(world: World) -> Story:
    return catalogue(world)


@story("pack_ambiguous")
def pack_ambiguous(world: World) -> Story:
    return catalogue(world, ("MUG", "EA", "MUG", 1), ("MUG", "CASE", "MUG", 12))


@story("pack_changed")
def pack_changed(world: World) -> Story:
    world.goods("MUG", 100, cases=[12])
    name = world.sell(("MUG-12", 2), payment="upfrontPayment")
    world.release()
    world.packs(("MUG", "EA", "MUG", 1), ("MUG-12", "CASE", "MUG", 10), replace=True)
    world.control.pay(name)
    world.release()
    yield name
    (line,) = world.line_ids(name)
    correct(world, name, f"factor:{line}", "12")


@story("possible_duplicate")
def possible_duplicate(world: World) -> Story:
    world.credit_from(**CREDIT | {"max_age_hours": 744})
    world.goods("MUG", 50)
    world.sell(("MUG", 10), note="PO: PO-7")
    world.release()
    name = world.sell(("MUG", 10), note="PO: PO-7")
    world.release()
    yield name
    lift(world, name)


@story("already_in_warehouse")
def already_in_warehouse(world: World) -> Story:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.floor.take_by_another_route(name, {"MUG": 10})
    world.release()
    yield name
    lift(world, name)  # another order; one that is ours is adopted: test_already_there


@story("warehouse_rejected")
def warehouse_rejected(world: World) -> Story:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    own = world.floor.submit
    world.floor.submit = lambda order, until: Rejected("sku_unknown", "no such product", "sku")
    world.release()
    world.decide()
    yield name
    world.floor.submit = own
    world.decide(order_ids=(name,))  # a run for it, once the warehouse was mended


@story("stock_unknown")
def stock_unknown(world: World) -> Story:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.collect()
    world.decide()
    yield name  # the next run of stock_sync reads it


@story("warehouse_unknown")
def warehouse_unknown(world: World) -> Story:
    """A warehouse is taken out of the site file while a line still leaves from it."""
    world.goods("MUG", 50)
    north = world.further_warehouse("north", FakeWarehouse(world.clock))
    name = world.sell(("MUG", 10))
    world.control.move(name, [1], north)
    world.collect()
    storefront = world.site.storefront.model_copy(update={"more_locations": {}})
    world.site = world.site.model_copy(update={"more_warehouses": (), "storefront": storefront})
    world.more_warehouses = {}
    world.collect_stock()
    world.decide()
    yield name
    world.storefront = world.connect_shop()  # the shop's adapter of a task knows the site file
    world.control.move(name, [1], world.location)


@story("awaiting_completion")
def draft(world: World) -> Story:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), name="#D1", source="draft", payment_terms={"net": 30})
    world.release()
    yield name
    yield world.complete(name)


@story("draft_waiting")
def draft_waiting(world: World) -> Story:
    world.agree(calendar=CALENDAR, cut_off=time(14))
    told = draft(world)
    name = next(told)
    world.pass_time(hours=5)
    world.release()
    yield name
    yield from told


@story("quote_open")
def quote_open(world: World) -> Story:
    """The buyer accepts the quote: the shop then says how it is paid."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), payment="quote")
    world.release()
    yield name
    the_shop_says(world, _accepted)


def _accepted(order: SalesOrder) -> SalesOrder:
    return replace(order, payment_method=PaymentMethod.ACCOUNT, payment_word="paymentOnAccount")


def test_r31_every_hold_has_a_story() -> None:
    assert set(STORIES) == set(HOLDS)


@pytest.mark.parametrize("code", sorted(HOLDS))
def test_r31_every_hold_is_ended_by_its_owner_and_the_order_goes(world: World, code: str) -> None:
    told = STORIES[code](world)
    name = next(told)
    assert world.standing(name)[1] == code
    held = sum(sum(each.ordered.values()) for each in world.held(name))
    name = next(told, None) or name
    world.release()
    assert sum(sum(each.ordered.values()) for each in world.held(name)) > held
    assert world.tickets(name) == []
