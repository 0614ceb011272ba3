"""An order arrives once, whole and unaltered, or is refused by name."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.domain.carriage import Mode, Payer
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import ConfigError, DataError, TerminalError
from include.fulfilment.ports import (
    SELDOM_CARRIED,
    AlreadyExists,
    Created,
    Pending,
    Rejected,
    SubmitAnswer,
    WarehouseRecord,
)
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import (
    LATE,
    SHOP,
    accepted,
    an_order,
    goods,
    holds,
    only,
    placed,
    record,
    sent,
    ship,
    shipments,
    submit,
)
from tests.contract.wire import connected_otherwise


@warehouse_check()
def check_a_new_order_is_held_once_and_whole(bench: Bench) -> None:
    one, two = goods(bench, 50, 50)
    order = placed(bench, (one, 24), (two, 5))
    held = only(holds(bench, order))
    first, second = (line.line_id for line in order.lines)
    assert dict(held.ordered) == {first: 24, second: 5}
    assert held.po_number == order.po_number
    found = record(bench, order)
    assert (found.external_ref, found.po_number, dict(found.lines)) == (
        order.external_ref,
        order.po_number,
        {first: 24, second: 5},
    )
    assert found.wms_id
    assert found.duplicates == ()


@warehouse_check("creates_blindly")
def check_a_second_submit_answers_that_it_exists_and_in_nothing_differs(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 24))
    for warehouse in (bench.warehouse, bench.fresh()):
        again = warehouse.submit(order, LATE)
        assert again == AlreadyExists(record(bench, order).wms_id), again
    assert len(holds(bench, order)) == 1


@warehouse_check("creates_blindly")
def check_other_content_under_the_same_reference_is_named(bench: Bench) -> None:
    one, two = goods(bench, 50, 50)
    order = placed(bench, (one, 24), (two, 5))
    line = replace(order.lines[0], base_quantity=12)
    answer = bench.warehouse.submit(replace(order, po_number="PO-other", lines=(line, order.lines[1])), LATE)
    assert isinstance(answer, AlreadyExists), answer
    assert "PO number" in answer.differences
    assert any(line.line_id in words for words in answer.differences), answer.differences
    assert not any(order.lines[1].line_id in words for words in answer.differences), answer.differences
    held = only(holds(bench, order))
    assert held.ordered[line.line_id] == 24


@warehouse_check("no_sku_check")
def check_an_unknown_sku_is_refused_by_name_and_nothing_is_held(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 1), ("NOSUCH-77", 1))
    answer = _settled(bench, order, submit(bench, order))
    assert isinstance(answer, Rejected), answer
    assert "NOSUCH-77" in answer.field + answer.message
    assert holds(bench, order) == []
    assert "NOSUCH-77" not in {level.base_sku for level in bench.warehouse.read_stock().levels}


@warehouse_check()
def check_two_lines_of_one_sku_stay_two_lines(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 24), (sku, 6))
    first, second = (line.line_id for line in order.lines)
    assert dict(only(holds(bench, order)).ordered) == {first: 24, second: 6}
    assert dict(record(bench, order).lines) == {first: 24, second: 6}
    ship(bench, order, {first: 20, second: 1})
    if "products_only" in bench.traits:
        assert sum(sent(bench, order).values()) == 21
    else:
        assert sent(bench, order) == {first: 20, second: 1}


@warehouse_check()
def check_a_line_id_of_any_form_comes_back_or_is_refused(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    ids = ("gid://shopify/LineItem/7", "9f2c61e0-4d55", "0007", "18446744073709551617")
    order = an_order(*((sku, number) for number in range(1, 5)))
    named = zip(order.lines, ids, strict=True)
    order = replace(order, lines=tuple(replace(line, line_id=line_id) for line, line_id in named))
    if _whole_or_refused(bench, order):
        assert dict(record(bench, order).lines) == dict(zip(ids, range(1, 5), strict=True))


@warehouse_check()
def check_the_declared_limits_are_the_true_ones(bench: Bench) -> None:
    limits = bench.warehouse.capabilities.field_limits
    unknown = set(limits) - _SETTERS.keys()
    assert not unknown, f"limits of fields that no order has: {sorted(unknown)}"
    (sku,) = goods(bench, 500)
    for name, limit in limits.items():
        fits = _SETTERS[name](an_order((sku, 1)), "x" * limit)
        answer = submit(bench, fits)
        assert accepted(bench, answer), f"{name} of {limit} characters: {answer}"
        if limit:
            assert _carried(record(bench, fits), fits), f"{name} of {limit} characters came back otherwise"
            over = _SETTERS[name](an_order((sku, 1)), "x" * (limit + 1))
            assert _refused(bench, over, name), f"{name} of {limit + 1} characters was not refused by its name"


@warehouse_check()
def check_what_is_declared_as_carried_is_told_and_nothing_else(bench: Bench) -> None:
    (sku,) = goods(bench, 500)
    limits = bench.warehouse.capabilities.field_limits
    for name in SELDOM_CARRIED:
        told = _sent(bench, _SETTERS[name](an_order((sku, 1)), "KEPT"))
        silent = _sent(bench, an_order((sku, 1)))
        if told is not None and silent is not None:
            assert (told != silent) == (limits.get(name) != 0), f"{name}: declared {limits.get(name, 'carried')}"


@warehouse_check()
def check_a_long_text_is_whole_or_refused_and_never_cut(bench: Bench) -> None:
    (sku,) = goods(bench, 500)
    limits = bench.warehouse.capabilities.field_limits
    for name in ("po_number", "instructions"):
        if limits.get(name) != 0:
            order = replace(an_order((sku, 1)), **{name: "LONG " * 600 + "END"})
            assert _refused(bench, order, name) or _carried(record(bench, order), order), f"{name} was cut"


@warehouse_check()
def check_texts_of_any_script_are_whole_or_refused(bench: Bench) -> None:
    (sku,) = goods(bench, 500)
    for name in ("po_number", "instructions"):
        if bench.warehouse.capabilities.field_limits.get(name) != 0:
            order = replace(an_order((sku, 1)), **{name: "Tür 7 · שלום 🎁 é*~<&\"'"})
            if _whole_or_refused(bench, order):
                assert _carried(record(bench, order), order), f"{name} came back otherwise"


@warehouse_check("no_http")
def check_the_whole_address_reaches_the_remote_with_its_emoji(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    to = replace(SHOP, name="Zoë Quill 🎁", company="Café Łódź", address2="Hinterhaus", phone="+44 113 0000")
    order = an_order((sku, 1), ship_to=to)
    bench.wire.clear()
    if not _whole_or_refused(bench, order):
        return
    told = "\n".join(_texts([_json(each.sent) for each in bench.wire.heard]))
    parts = {each.name: getattr(to, each.name) for each in fields(Address)}
    missing = [name for name, part in parts.items() if not all(word in told for word in part.split())]
    assert missing in ([], ["country_code"]), f"not told to the warehouse: {missing}"


@warehouse_check()
def check_packs_are_sent_as_packs_and_come_back_as_base_units(bench: Bench) -> None:
    if not bench.warehouse.capabilities.uom_on_line:
        return
    one, two, three = goods(bench, 500, 500, 500) if "products_only" in bench.traits else goods(bench, 500) * 3
    assert bench.wire.given is not None
    packing = bench.connect(connected_otherwise(bench.wire.given, line_unit="pack"))
    plain = an_order((one, 24), (two, 30), (three, 5))
    cases = tuple(replace(each, uom="CASE", units_per_uom=12) for each in plain.lines[:2])
    order = replace(plain, lines=(*cases, plain.lines[2]))
    answer = packing.submit(order, LATE)
    assert isinstance(answer, Created | Pending), answer
    bench.settle()
    first, second, third = (line.line_id for line in order.lines)
    units = {first: 24, second: 30, third: 5}
    found = packing.find([order.external_ref])[order.external_ref]
    assert isinstance(found, WarehouseRecord)
    assert dict(found.lines) == units
    assert dict(only(holds(bench, order)).ordered) == units
    ship(bench, order, {first: 12, second: 30})
    told = [page for page in packing.read_shipments(bench.began) for page in page.shipments]
    lines = [line for each in told for line in each.lines if line.external_ref == order.external_ref]
    assert {line.line_id: line.base_quantity for line in lines} == {first: 12, second: 30}


@warehouse_check()
def check_an_order_of_many_lines_goes_in_whole(bench: Bench) -> None:
    skus = goods(bench, *[20] * 120)
    order = placed(bench, *((sku, 1 + position % 5) for position, sku in enumerate(skus)))
    wanted = {line.line_id: line.base_quantity for line in order.lines}
    assert dict(record(bench, order).lines) == wanted
    ship(bench, order)
    shipment = only(shipments(bench, order))
    assert {line.line_id: line.base_quantity for line in shipment.lines} == wanted


_SETTERS = {
    "external_ref": lambda order, text: replace(order, external_ref=(order.external_ref + text.upper())[: len(text)]),
    "order_name": lambda order, text: replace(order, order_name=text),
    "po_number": lambda order, text: replace(order, po_number=text),
    "instructions": lambda order, text: replace(order, instructions=text),
    **{
        name: lambda order, text, name=name: replace(order, **{name: text})
        for name in SELDOM_CARRIED
        if name not in ("not_before_on", "cancel_after_on", "payer", "mode", "customs_value")
    },
    **{
        name: lambda order, text, name=name: replace(order, **{name: date(2026, 12, 1) if text else None})
        for name in ("not_before_on", "cancel_after_on")
    },
    "payer": lambda order, text: replace(order, payer=Payer.COLLECT if text else Payer.UNSAID),
    "mode": lambda order, text: replace(order, mode=Mode.PALLET if text else Mode.UNSAID),
    "customs_value": lambda order, text: replace(
        order, customs_value=Decimal("12.55") if text else None, currency="GBP" if text else ""
    ),
    "shipping_service": lambda order, text: replace(order, shipping_service=text),
    **{
        f"ship_to.{each.name}": lambda order, text, name=each.name: replace(
            order, ship_to=replace(order.ship_to, **{name: text})
        )
        for each in fields(Address)
    },
}
"""How a field of `Capabilities.field_limits` is filled."""


def _sent(bench: Bench, order: WarehouseOrder) -> object:
    """The body of the create, with what tells one order from another taken out; None where nothing goes over HTTP."""
    bench.wire.clear()
    assert accepted(bench, submit(bench, order)), order
    known = [order.external_ref, order.order_name, order.po_number, *(line.line_id for line in order.lines)]
    for each in bench.wire.heard:
        if order.external_ref in each.sent and order.lines[0].line_id in each.sent:
            body = each.sent
            for word in known:
                body = body.replace(word, "")
            return body
    return None


def _carried(found: WarehouseRecord, order: WarehouseOrder) -> bool:
    return (found.po_number, found.instructions) == (order.po_number, order.instructions)


def _settled(bench: Bench, order: WarehouseOrder, answer: SubmitAnswer) -> Any:
    """The final answer: of a remote that answers by message what is found after it did."""
    if isinstance(answer, Pending):
        return bench.warehouse.find([order.external_ref])[order.external_ref]
    return answer


def _whole_or_refused(bench: Bench, order: WarehouseOrder) -> bool:
    """Submit; True when it went in, False when it was refused for good and nothing is held."""
    try:
        answer = _settled(bench, order, submit(bench, order))
    except (DataError, TerminalError) as refusal:
        answer = Rejected("refused", str(refusal))
    if isinstance(answer, Rejected):
        assert holds(bench, order) == [], "refused, and held all the same"
        return False
    assert isinstance(answer, Created | WarehouseRecord), answer
    return True


def _refused(bench: Bench, order: WarehouseOrder, name: str) -> bool:
    """Whether the order was refused for good, by the field's name, and nothing is held."""
    try:
        answer = _settled(bench, order, submit(bench, order))
    except (ConfigError, DataError, TerminalError) as refusal:
        answer = Rejected("refused", str(refusal), getattr(refusal, "subject", ""))
    if not isinstance(answer, Rejected):
        return False
    if holds(bench, order):
        pytest.fail(f"{name} too long: refused, and held all the same")
    last = name.rpartition(".")[2].replace("_", "")
    return last in (answer.field + answer.message).lower().replace("_", "").replace(" ", "")


def _json(sent: str) -> Any:
    try:
        return json.loads(sent)
    except ValueError:
        return sent


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [str(value)]
