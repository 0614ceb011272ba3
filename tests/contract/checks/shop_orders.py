"""Orders are read whole, once and with their money exact; what cannot be read is named, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from include.fulfilment.domain.order import PaymentMethod, SalesOrder
from include.fulfilment.errors import ConfigError, DataError, FulfilmentError
from include.fulfilment.ports import OrderPage
from tests.contract.kit import ShopBench, shop_check
from tests.contract.wire import swapped

_numbers = count(7001)
_MANY = 40
MARK = 7919


def place(bench: ShopBench, *lines: tuple[str, int], **more: Any) -> str:
    """An order that the shop holds; answers its name."""
    name = f"#{next(_numbers)}"
    bench.shop.load(orders=[bench.order(name, *lines, **more)])
    bench.clock.pass_time(1)
    return name


def variants(bench: ShopBench, *available: int) -> list[str]:
    """New variants that show so many each; answers their SKUs."""
    made = {f"V{next(_numbers):05d}": units for units in available}
    bench.shop.load(variants=[{"sku": sku, "title": f"Title of {sku}", "available": n} for sku, n in made.items()])
    return list(made)


def read(bench: ShopBench, since: datetime | None = None) -> list[OrderPage]:
    return list(bench.storefront.read_orders(since))


def orders(pages: Sequence[OrderPage]) -> dict[str, SalesOrder]:
    """Orders by name; none may be told twice in one reading."""
    told = [each for page in pages for each in page.orders]
    names = [each.name for each in told]
    assert len(names) == len(set(names)), f"told twice: {sorted({each for each in names if names.count(each) > 1})}"
    return {each.name: each for each in told}


def order(bench: ShopBench, name: str) -> SalesOrder:
    """An order that was placed or changed in this check."""
    found = orders(read(bench, bench.clock()))
    assert name in found, f"{name} was not read"
    return found[name]


@shop_check()
def check_an_order_is_read_whole(bench: ShopBench) -> None:
    one, two = variants(bench, 50, 50)
    note = "PO: PO-4711\nDelivery instructions: ring twice\nRequested delivery date: 2026-12-07"
    found = order(bench, place(bench, (one, 24), (two, 5), price="7.99", note=note))
    assert [(each.sku, each.quantity, each.price) for each in found.lines] == [
        (one, 24, Decimal("7.99")),
        (two, 5, Decimal("7.99")),
    ]
    assert (found.po_number, found.instructions, str(found.requested_on)) == ("PO-4711", "ring twice", "2026-12-07")
    assert found.payment_method is PaymentMethod.ACCOUNT
    assert (found.is_draft, found.cancelled_at, found.problems) == (False, None, ())
    assert (found.ship_to.address1, found.ship_to.city, found.ship_to.country_code) == (
        "99 Zanzibar Crescent",
        "Leeds",
        "GB",
    )
    assert found.updated_at.utcoffset() == found.placed_at.utcoffset() == timedelta(0)
    assert all((found.order_id, found.platform_id, found.account_id, found.shipping_method))


@shop_check()
def check_two_lines_of_one_sku_are_two_lines(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    found = order(bench, place(bench, (sku, 24), (sku, 6)))
    assert [(each.sku, each.quantity) for each in found.lines] == [(sku, 24), (sku, 6)]
    assert len({each.line_id for each in found.lines}) == 2


@shop_check()
def check_money_passes_through_no_binary_float(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    found = order(bench, place(bench, (sku, 3), price="1000000.01"))
    assert (found.lines[0].price, type(found.total_gross)) == (Decimal("1000000.01"), Decimal)


@shop_check()
def check_texts_of_any_script_arrive_as_they_are(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    address = {**bench.order("#0", (sku, 1))["shipping_address"], "company": "Café Łódź 🎁"}
    found = order(bench, place(bench, (sku, 3), note="PO: Tür שלום 🎁", shipping_address=address))
    assert (found.po_number, found.ship_to.company) == ("Tür שלום 🎁", "Café Łódź 🎁")


@shop_check()
def check_every_order_of_many_is_read_once_and_no_cursor_passes_one(bench: ShopBench) -> None:
    (sku,) = variants(bench, 500)
    made = [place(bench, (sku, 1)) for _ in range(_MANY)]
    bench.clock.pass_time(3600)  # no overlap reaches back to what was made before
    pages = read(bench)
    assert set(made) <= orders(pages).keys()
    for number, page in enumerate(pages[:-1]):
        if page.read_to is not None:
            later = {each.name for after in pages[number + 1 :] for each in after.orders}
            assert not (later & set(made)) - orders(read(bench, page.read_to)).keys(), f"page {number} lost some"
    bench.wire.repeat = True
    with pytest.raises(DataError):
        read(bench)


@shop_check()
def check_a_reading_goes_on_from_its_cursor_with_an_overlap(bench: ShopBench) -> None:
    (sku,) = variants(bench, 500)
    first = place(bench, (sku, 1))
    cursor = max(page.read_to for page in read(bench) if page.read_to)
    assert cursor <= bench.clock()
    bench.clock.pass_time(600)
    second = place(bench, (sku, 2))
    assert second in orders(read(bench, cursor))
    late = cursor + timedelta(seconds=60)
    assert first in orders(read(bench, late)), "one minute of overlap at least: a late change would be lost"
    bench.clock.pass_time(7200)
    assert first not in orders(read(bench, bench.clock() - timedelta(hours=1))), "everything is read every time"


@shop_check("no_cancelled_orders")
def check_a_cancelled_order_is_told_as_cancelled(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    name = place(bench, (sku, 3))
    bench.shop.cancel(name)
    found = order(bench, name)
    assert found.cancelled_at is not None
    assert found.cancelled_at.utcoffset() == timedelta(0)


@shop_check("no_edit")
def check_an_edited_line_has_its_new_quantity(bench: ShopBench) -> None:
    one, two = variants(bench, 50, 50)
    name = place(bench, (one, 10), (two, 3))
    before = order(bench, name)
    bench.shop.edit_line_quantity(name, 1, 6)
    after = order(bench, name)
    assert [(each.sku, each.quantity) for each in after.lines] == [(one, 6), (two, 3)]
    assert [each.line_id for each in after.lines] == [each.line_id for each in before.lines]


@shop_check("no_drafts")
def check_a_draft_and_the_order_it_becomes_are_one(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    name = f"#D{next(_numbers)}"
    bench.shop.load(orders=[bench.order(name, (sku, 3), source="draft")])
    draft = order(bench, name)
    completed = str(bench.shop.complete_draft(name, payment_pending=True)["name"])
    found = orders(read(bench, bench.clock()))
    assert name not in found, "the draft is still told beside its order"
    assert (draft.is_draft, found[completed].is_draft) == (True, False)
    assert draft.order_id == found[completed].order_id


@shop_check()
def check_part_of_a_unit_is_a_problem_of_its_order_alone(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    odd, plain = place(bench, (sku, MARK)), place(bench, (sku, 4))
    bench.wire.alter = lambda heard, answer: swapped(answer, MARK, MARK + 0.5)
    found = orders(read(bench, bench.clock()))
    bench.wire.calm()
    assert odd in found, "an order that cannot be read was dropped"
    assert found[odd].problems, f"{MARK}.5 units were read as a quantity"
    assert not {MARK, MARK + 1} & {each.quantity for each in found[odd].lines}
    assert (found[plain].problems, [each.quantity for each in found[plain].lines]) == ((), [4])


@shop_check()
def check_a_reading_that_breaks_off_raises(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    place(bench, (sku, 3))
    bench.wire.clear()
    since = bench.clock()
    list(bench.fresh().read_orders(since))
    calls = len(bench.wire.heard)
    for kind in ("5xx_before", "reset_after", "html_before", "cut_after", "odd_after", "null_after", "401"):
        for spoilt in range(min(calls, 4)):
            bench.wire.spoil(kind, after_calls=spoilt, times=50)
            answer = _outcome(bench, since)
            bench.wire.calm()
            bench.clock.pass_time(30)
            assert isinstance(answer, FulfilmentError), f"{kind} from call {spoilt} on was read as an answer"


@shop_check()
def check_every_attempt_asks_the_budget_and_is_heard(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    place(bench, (sku, 3))
    bench.wire.clear()
    bench.transport_log.clear()
    bench.wire.spoil("429", after_calls=1)
    storefront = bench.fresh()
    list(storefront.read_orders(bench.clock()))
    list(storefront.read_variants())
    calls = len(bench.wire.heard)
    assert len(bench.wire.asked) == len(bench.transport_log) == calls
    assert [status for _, _, status in bench.transport_log].count("429") == 1
    assert {system for system, _, _ in bench.transport_log} == {bench.name}
    assert bench.wire.waits == [1.0], "Retry-After was 1 second"


@shop_check()
def check_nothing_secret_or_personal_is_told(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    place(bench, (sku, 3), note="PO: 1\nDelivery instructions: Knock thrice and ask for Quentin")
    told = []
    for kind in ("5xx_before", "html_before", "cut_after", "401", "429"):
        bench.wire.spoil(kind, after_calls=1, times=50)
        outcome = _outcome(bench, bench.clock())
        told.append(f"{outcome!s} {outcome!r}" if isinstance(outcome, Exception) else "")
        bench.wire.calm()
        bench.clock.pass_time(30)
    told += [each.url for each in bench.wire.heard] + [repr(bench.fresh())]
    text = "\n".join(told)
    assert not [secret for secret in bench.wire.secrets if len(secret) > 3 and secret in text], "a secret was told"
    assert not [part for part in ("Quarrington", "Zanzibar", "0113-555", "Quentin") if part in text], "personal data"


@shop_check()
def check_refused_credentials_are_a_matter_for_a_person_and_are_not_shown(bench: ShopBench) -> None:
    assert bench.wire.given is not None
    wrong = replace(bench.wire.given.connection, password="wrong-" + "Zq7" * 11)
    with pytest.raises(ConfigError) as refusal:
        list(bench.connect(replace(bench.wire.given, connection=wrong)).read_orders(None))
    assert wrong.conn_id in str(refusal.value)
    assert wrong.password not in str(refusal.value)


def _outcome(bench: ShopBench, since: datetime | None = None) -> object:
    try:
        return list(bench.fresh().read_orders(since or bench.clock()))
    except FulfilmentError as error:
        return error
    except Exception as error:  # noqa: BLE001 - anything else is the finding itself
        pytest.fail(f"read_orders raised {type(error).__name__}: {error}")
