"""The Tryton adapter against a real Tryton."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from time import monotonic

import pytest

from demo.tryton.floor import Plan
from demo.tryton.install import DATABASE
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.adapters.warehouse.tryton.wire import tryton_transport
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.shipment import LineClosure, Shipment
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.errors import ConfigError, RetryableError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    Created,
    DeductsAt,
    Rejected,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
)
from tests.adapters.warehouse.lossy import lossy
from tests.demo.tryton.kit import Yard

pytestmark = pytest.mark.e2e
_numbers = count(1)
LATE = datetime(2100, 1, 1, tzinfo=UTC)
SHOP = Address(
    "Ann Lee", "Corner Shop Ltd", "1 High Street", "Unit 2", "Leeds", "West Yorkshire", "LS1 1AA", "GB", "0113"
)


def an_order(*lines: tuple[str, int]) -> WarehouseOrder:
    """A new order for (SKU, units); its line ids are gids as the shop has them."""
    number = next(_numbers)
    held = tuple(
        WarehouseOrderLine(f"gid://shopify/LineItem/{number}{n:03d}", sku, units, f"Title {sku}", "")
        for n, (sku, units) in enumerate(lines, start=1)
    )
    ref, words = f"B2BT{number}", "Ring the bell.\nLeave with Sam"
    return WarehouseOrder(
        ref, f"order-{number}", f"#T{number}", 1, 1, f"PO-{number}", words, None, "Standard", SHOP, held
    )


def shipped(warehouse: TrytonWarehouse, ref: str, since: datetime | None = None) -> list[Shipment]:
    found = [each for page in warehouse.read_shipments(since) for each in page.shipments]
    return [each for each in found if ref in {line.external_ref for line in each.lines}]


def closed(warehouse: TrytonWarehouse, ref: str) -> list[LineClosure]:
    return [each for page in warehouse.read_shipments(None) for each in page.closures if each.external_ref == ref]


def test_an_order_is_held_complete(yard: Yard, warehouse: TrytonWarehouse) -> None:
    one, two = yard.goods(50, 50)
    order = replace(an_order((one, 24), (two, 5), (one, 5)), requested_on=date(2099, 11, 26))
    created = warehouse.submit(order, LATE)
    assert isinstance(created, Created)
    assert warehouse.find([order.external_ref]) == {
        order.external_ref: WarehouseRecord(
            external_ref=order.external_ref,
            wms_id=created.wms_id,
            status=WarehouseStatus.RECEIVED,
            raw_status="processing/waiting",
            po_number=order.po_number,
            instructions="Ring the bell.\nLeave with Sam",
            lines={line.line_id: line.base_quantity for line in order.lines},
        )
    }
    fields = ["shipping_date", "comment", "party.name", "shipment_address.full_address", "shipment_address.party_name"]
    (sale,) = yard.rpc.search("sale.sale", [["description", "=", order.external_ref]], fields)
    assert sale["shipping_date"] == date(2099, 11, 26)
    assert sale["comment"] == "Service: Standard\nRing the bell.\nLeave with Sam"
    address = "1 High Street\nUnit 2\nWest Yorkshire\nLEEDS\nLS1 1AA\nUNITED KINGDOM"
    assert (sale["party."]["name"], sale["shipment_address."]["party_name"]) == ("Corner Shop Ltd", "Ann Lee")
    assert sale["shipment_address."]["full_address"] == address


def test_a_second_submit_is_told_that_it_exists_and_in_what_it_differs(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 24))
    created = warehouse.submit(order, LATE)
    assert isinstance(created, Created)
    assert warehouse.submit(order, LATE) == AlreadyExists(created.wms_id)
    line = replace(order.lines[0], base_quantity=12)
    other = replace(order, po_number="PO-other", instructions="", lines=(line,))
    found = ("PO number", "instructions", f"line {line.line_id}: sent 12 EA, holds 24 EA")
    assert warehouse.submit(other, LATE) == AlreadyExists(created.wms_id, found)


def test_an_unknown_reference_is_absent(warehouse: TrytonWarehouse) -> None:
    assert warehouse.find(["B2BNOSUCH", "B2BNEITHER"]) == {"B2BNOSUCH": Absent(), "B2BNEITHER": Absent()}


@pytest.mark.parametrize("lost", ["create", "quote", "confirm"])
def test_a_lost_reply_is_found_and_not_sent_again(yard: Yard, lost: str) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 24))
    with (
        lossy(yard.url) as proxy,
        tryton_transport(proxy.url, DATABASE, yard.home.api_key, connection_id="warehouse_test") as transport,
    ):
        warehouse = TrytonWarehouse(transport, system_clock)
        proxy.lose.append(lost)
        assert isinstance(warehouse.submit(order, LATE), Unknown)
        seen = warehouse.find([order.external_ref])[order.external_ref]
        assert isinstance(seen, WarehouseRecord if lost == "confirm" else Absent)
        again = warehouse.submit(order, LATE)
        found = warehouse.find([order.external_ref])[order.external_ref]
        assert isinstance(found, WarehouseRecord)
        assert again == AlreadyExists(found.wms_id)
        sales = yard.rpc.search("sale.sale", [["description", "=", order.external_ref]], ["state", "shipments"])
        assert [(sale["state"], len(sale["shipments"])) for sale in sales] == [("processing", 1)]
        assert proxy.lose == []


def test_a_half_submitted_sale_that_the_staff_cancelled_is_created_anew_and_not_short(yard: Yard) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 24))
    with (
        lossy(yard.url) as proxy,
        tryton_transport(proxy.url, DATABASE, yard.home.api_key, connection_id="warehouse_test") as transport,
    ):
        warehouse = TrytonWarehouse(transport, system_clock)
        proxy.lose.append("create")
        assert isinstance(warehouse.submit(order, LATE), Unknown)
        (sale,) = yard.rpc.search("sale.sale", [["description", "=", order.external_ref]], ["state"])
        yard.rpc.call("model.sale.sale.cancel", [sale["id"]])
        assert warehouse.find([order.external_ref]) == {order.external_ref: Absent()}
        assert closed(warehouse, order.external_ref) == []
        assert isinstance(warehouse.submit(order, LATE), Created)
        assert closed(warehouse, order.external_ref) == []


def test_an_unknown_sku_is_refused_by_name_and_nothing_is_stored(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 1), ("NOSUCH'; DROP TABLE", 1))
    answer = warehouse.submit(order, LATE)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("sku_unknown", "sku NOSUCH'; DROP TABLE")
    assert 'no product with code "NOSUCH\'; DROP TABLE"' in answer.message
    assert warehouse.find([order.external_ref]) == {order.external_ref: Absent()}


def test_an_unknown_country_is_refused_by_name(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = replace(an_order((sku, 1)), ship_to=replace(SHOP, country_code="QQ"))
    answer = warehouse.submit(order, LATE)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("country_unknown", "ship_to.country_code")


def test_a_line_break_in_the_po_number_is_refused_with_trytons_words(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    answer = warehouse.submit(replace(an_order((sku, 1)), po_number="PO\n1"), LATE)
    assert isinstance(answer, Rejected)
    assert "contains some invalid chars" in answer.message


def test_what_tryton_refuses_at_confirmation_is_taken_away_again(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = replace(an_order((sku, 1)), requested_on=date(2020, 1, 1))
    far_back = lambda: datetime(2019, 1, 1, tzinfo=UTC)  # noqa: E731 - a clock that makes the date look ahead
    with tryton_transport(yard.url, DATABASE, yard.home.api_key, connection_id="warehouse_test") as transport:
        answer = TrytonWarehouse(transport, far_back).submit(order, LATE)
    assert isinstance(answer, Rejected), answer
    assert warehouse.find([order.external_ref]) == {order.external_ref: Absent()}
    assert isinstance(warehouse.submit(order, LATE), Created)


def test_nasty_texts_come_back_as_they_were_sent(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    words = "  שלום \u202e 🎁 '; DROP TABLE sale; -- \r\n\t" + "x" * 10_000
    order = replace(an_order((sku, 1)), po_number="🎁" * 300, instructions=words)
    assert isinstance(warehouse.submit(order, LATE), Created)
    found = warehouse.find([order.external_ref])[order.external_ref]
    assert isinstance(found, WarehouseRecord)
    assert (found.po_number, found.instructions) == ("🎁" * 300, words)


def test_the_same_address_is_one_party(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    orders = [replace(an_order((sku, 1)), ship_to=replace(SHOP, company="Twice Ltd")) for _ in range(2)]
    assert all(isinstance(warehouse.submit(order, LATE), Created) for order in orders)
    assert len(yard.rpc.search("party.party", [["name", "=", "Twice Ltd"]], ["id"])) == 1


def test_the_figure_falls_at_dispatch_and_not_before(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 24))
    warehouse.submit(order, LATE)
    (shipment,) = yard.floor.open_shipments([order.external_ref])

    def figure() -> int:
        (level,) = [each for each in warehouse.read_stock().levels if each.base_sku == sku]
        assert level.location == "WH"
        return level.on_hand

    seen = [figure()]
    for button in ("assign_try", "pack", "do"):
        yard.rpc.call(f"model.stock.shipment.out.{button}", [shipment.id])
        seen.append(figure())
    assert seen == [50, 50, 50, 26]
    assert warehouse.capabilities.deducts_at is DeductsAt.DISPATCH


def test_stock_is_as_of_the_start_of_the_reading(warehouse: TrytonWarehouse) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert before <= warehouse.read_stock().as_of <= datetime.now(UTC)


def test_three_parcels_two_days(yard: Yard, warehouse: TrytonWarehouse) -> None:
    skus = yard.goods(50, 50, 50)
    order = an_order((skus[0], 24), (skus[1], 18), (skus[2], 5))
    ref, (one, two, three) = order.external_ref, [line.line_id for line in order.lines]
    warehouse.submit(order, LATE)
    for carrier, units in (("DPD", {one: 12}), ("Royal Mail", {two: 18}), ("DPD", {one: 12, three: 5})):
        (shipment,) = yard.floor.open_shipments([ref])
        yard.floor.ship({shipment.id: Plan(quantities=units, carrier=carrier)})
    found = shipped(warehouse, ref)
    assert [{line.line_id: line.base_quantity for line in each.lines} for each in found] == [
        {one: 12},
        {two: 18},
        {one: 12, three: 5},
    ]
    assert [[parcel.carrier for parcel in each.parcels] for each in found] == [["DPD"], ["Royal Mail"], ["DPD"]]
    assert [each.parcels[0].contents == each.lines for each in found] == [True, True, True]
    assert len({each.parcels[0].tracking_number for each in found}) == 3
    assert all(each.dispatched_at and not each.voided and each.location == "WH" for each in found)
    assert {line.base_sku for line in found[0].lines} == {skus[0]}
    record = warehouse.find([ref])[ref]
    assert isinstance(record, WarehouseRecord)
    assert record.status is WarehouseStatus.SHIPPED


def test_each_parcel_says_what_is_in_it(yard: Yard, warehouse: TrytonWarehouse) -> None:
    one, two, three = yard.goods(50, 50, 50)
    order = an_order((one, 1), (two, 2), (three, 3))
    warehouse.submit(order, LATE)
    (shipment,) = yard.floor.open_shipments([order.external_ref])
    yard.floor.ship({shipment.id: Plan(parcels=2)})
    (found,) = shipped(warehouse, order.external_ref)
    contents = [{line.base_sku: line.base_quantity for line in parcel.contents} for parcel in found.parcels]
    assert contents == [{one: 1, three: 3}, {two: 2}]


def test_packed_goods_are_progress_and_not_dispatched(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 3))
    warehouse.submit(order, LATE)
    (shipment,) = yard.floor.open_shipments([order.external_ref])
    assert shipped(warehouse, order.external_ref) == []
    for button in ("assign_try", "pack"):
        yard.rpc.call(f"model.stock.shipment.out.{button}", [shipment.id])
    (packed,) = shipped(warehouse, order.external_ref)
    assert (packed.dispatched_at, packed.picked_at is None, packed.voided) == (None, False, False)


def test_a_closed_remainder_is_short_and_an_open_one_is_not(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(100)
    ends, waits = an_order((sku, 40)), an_order((sku, 40))
    for order, close in ((ends, True), (waits, False)):
        warehouse.submit(order, LATE)
        (shipment,) = yard.floor.open_shipments([order.external_ref])
        yard.floor.ship({shipment.id: Plan(quantities={order.lines[0].line_id: 37}, close_rest=close)})
    assert closed(warehouse, ends.external_ref) == [LineClosure(ends.external_ref, ends.lines[0].line_id, 3)]
    assert closed(warehouse, waits.external_ref) == []
    statuses = {ref: answer.status for ref, answer in warehouse.find([ends.external_ref, waits.external_ref]).items()}
    assert statuses == {
        ends.external_ref: WarehouseStatus.SHIPPED,
        waits.external_ref: WarehouseStatus.PARTIALLY_SHIPPED,
    }


def test_a_reissued_label_shows_as_a_change_of_the_same_shipment(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 3))
    warehouse.submit(order, LATE)
    (shipment,) = yard.floor.open_shipments([order.external_ref])
    yard.floor.ship({shipment.id: Plan()})
    (before,) = shipped(warehouse, order.external_ref)
    (package,) = yard.rpc.search("stock.package", [["shipment", "=", f"stock.shipment.out,{shipment.id}"]], ["id"])
    yard.rpc.write("stock.package", [package["id"]], {"shipping_reference": "TRK-NEW"})
    (after,) = shipped(warehouse, order.external_ref)
    assert (after.shipment_id, after.dispatched_at, after.lines) == (
        before.shipment_id,
        before.dispatched_at,
        before.lines,
    )
    assert after.parcels[0].tracking_number == "TRK-NEW"


def test_only_what_changed_since_the_cursor_is_read_with_an_overlap(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    order = an_order((sku, 3))
    warehouse.submit(order, LATE)
    (shipment,) = yard.floor.open_shipments([order.external_ref])
    yard.floor.ship({shipment.id: Plan()})
    (*_, last) = warehouse.read_shipments(None)
    assert len(shipped(warehouse, order.external_ref, last.read_to)) == 1
    later = last.read_to + timedelta(minutes=6)
    (page,) = warehouse.read_shipments(later)
    assert (page.shipments, page.closures) == ((), ())


def test_an_order_of_500_lines_goes_in_whole(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(5000)
    order = an_order(*[(sku, 1 + n % 5) for n in range(500)])
    began = monotonic()
    assert isinstance(warehouse.submit(order, LATE), Created)
    found = warehouse.find([order.external_ref])[order.external_ref]
    assert isinstance(found, WarehouseRecord)
    assert (len(found.lines), sum(found.lines.values())) == (500, 1500)
    assert monotonic() - began < 120


def test_a_wrong_key_is_a_matter_for_a_person_and_does_not_show_the_key(yard: Yard) -> None:
    transport = tryton_transport(yard.url, DATABASE, "wrong-key", connection_id="warehouse_test")
    with transport, pytest.raises(ConfigError) as refusal:
        TrytonWarehouse(transport, system_clock).find(["B2B1"])
    assert "warehouse_test" in str(refusal.value)
    assert "wrong-key" not in str(refusal.value)


def test_a_warehouse_that_is_down_is_tried_later() -> None:
    transport = tryton_transport("http://127.0.0.1:9", DATABASE, "key", connection_id="warehouse_test")
    transport.sleep = lambda seconds: None
    with transport, pytest.raises(RetryableError):
        TrytonWarehouse(transport, system_clock).read_stock()


def test_a_connection_without_database_or_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs the database as schema and a key as password"):
        tryton_transport("http://127.0.0.1:9", "", "key", connection_id="warehouse_test")
