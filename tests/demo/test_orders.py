"""The rules of demo/orders.py on small files of the test's own, and the bundled sample."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.orders import read_orders
from demo.orders_buyers import country_code
from demo.orders_packs import Selling, plan_selling, read_packs, write_pack_catalogue
from demo.orders_rules import parse_quantity
from demo.orders_sample import LONG_PO, LONG_TEXT, NASTY_TEXT
from demo.orders_types import GoodsLine, LoadedOrders, Tally
from include.fulfilment.errors import ConfigError
from include.fulfilment.sandbox.shopify.load_models import LoadIn

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
UK = "United Kingdom"


def row(invoice: str = "1", sku: str = "A", quantity: object = 1, **other: object) -> str:
    cells = {"description": "Mug", "at": "2011-01-04 10:00", "price": "2.50", "customer": "77", "country": UK} | other
    values = (invoice, sku, cells["description"], quantity, cells["at"], cells["price"], cells["customer"])
    return ",".join(map(str, (*values, cells["country"])))


def load(folder: Path, *rows: str, limit: int | None = None, packs: Path | None = None) -> LoadedOrders:
    path = folder / "orders.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return read_orders(path, limit, packs)


def skus(loaded: LoadedOrders) -> list[list[str]]:
    return [[line["sku"] for line in order["lines"]] for order in loaded.orders]


def test_orders_load_by_date_then_number_and_what_comes_after_the_last_is_not_counted(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        row("9", at="2011-01-04 11:00"),
        row("C1", at="2011-01-04 09:30"),
        row("8", at="2011-01-04 10:00"),
        row("7", at="2011-01-04 10:00"),
        row("C2", at="2011-01-04 10:30"),
        limit=2,
    )
    assert [order["name"] for order in loaded.orders] == ["#7", "#8"]
    assert loaded.skipped == {"cancellation_orders": 1}


def test_rows_that_are_no_sale_are_left_out_and_counted(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        row("1", "A"),
        row("1", "BB", price="0"),
        row("1", "C", price="-1.00"),
        row("1", "D1", quantity=-3),
        row("A2", "B", price="99.00"),
        row("3", "E", quantity=-7, price="0"),
    )
    assert skus(loaded) == [["A"]]
    assert loaded.skipped == {
        "bad_debt_orders": 1,
        "negative_price_rows": 1,
        "not_positive_quantity_rows": 2,
        "nothing_left_orders": 1,
        "zero_price_rows": 1,
    }


def test_control_characters_spoil_their_row_alone(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        row("1", "A", customer="7\x007", country="U\0K"),
        row("1", "B\x1bB"),
        row("1", "C", description="Mug\0"),
        row("1", "E", description="Mug\x0bred", country="UK"),
        row("2\x073", "E"),
    )
    assert skus(loaded) == [["E"]]
    assert loaded.orders[0]["shipping_address"]["country_code"] == "GB"
    assert loaded.skipped == {"control_character_rows": 4, "nothing_left_orders": 1}
    assert loaded.bad_rows[3].detail == r"invoice '2\x073', StockCode 'E'"


def test_money_of_non_stock_lines_stays_on_the_order(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        row("1", "A", 2),
        row("1", "POST", 2, price="18.00"),
        row("1", "m", -1, price="2.50"),
        row("1", "gift_0001_20", 1, price="20.00"),
    )
    order = loaded.orders[0]
    assert [line["sku"] for line in order["lines"]] == ["A"]
    assert order["shipping_line"]["price"] == "36.00"
    assert order["custom_attributes"]["Adjustment"] == "17.50"
    assert loaded.skipped == {"non_stock_rows": 3}


def test_rows_equal_in_every_column_are_both_kept(tmp_path: Path) -> None:
    loaded = load(tmp_path, row("1", "A", 3), row("1", "A", 3))
    assert [line["quantity"] for line in loaded.orders[0]["lines"]] == [3, 3]
    assert loaded.kept == {"duplicate_rows": 1, "same_sku_on_two_lines_orders": 1}
    assert loaded.stock.first["A"] >= 3


def test_codes_that_differ_by_case_stay_two_products_and_are_named(tmp_path: Path) -> None:
    loaded = load(tmp_path, row("1", "85123A"), row("1", "85123a"), row("1", "85124A"))
    assert skus(loaded) == [["85123A", "85123a", "85124A"]]
    assert loaded.case_collisions == [("85123A", "85123a")]
    assert loaded.kept["case_collision_skus"] == 2


def test_lines_stamped_in_two_minutes_are_one_order_at_the_earlier_in_utc(tmp_path: Path) -> None:
    loaded = load(tmp_path, row("1", "A", at="2011-07-01 10:01"), row("1", "BB", at="2011-07-01 10:00"))
    assert skus(loaded) == [["A", "BB"]]
    assert loaded.orders[0]["created_at"] == "2011-07-01T09:00:00+00:00"
    assert loaded.kept == {"two_minutes_orders": 1}


def test_a_slip_of_80995_reaches_the_shop(tmp_path: Path) -> None:
    assert load(tmp_path, row("1", "A", 80995)).orders[0]["lines"][0]["quantity"] == 80995


def test_bad_rows_are_listed_by_number_and_the_rest_goes_through(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        row("1", "A", "2.5"),
        row("1", "BB", "six"),
        row("1", "C", 10**12),
        row("1", "D1", price="dear"),
        row("1", "", 1),
        row("1", "E", at="2011-02-31 10:00"),
        row("", "F"),
        row("1", "G") + ",ninth",
        row("1", "H", description="x" * 1001),
        row("1", "I", "6.0"),
    )
    assert skus(loaded) == [["I"]]
    assert {(bad.row, bad.reason) for bad in loaded.bad_rows} == {
        (1, "fractional_quantity_rows"),
        (2, "unreadable_quantity_rows"),
        (3, "absurd_quantity_rows"),
        (4, "unreadable_price_rows"),
        (5, "missing_sku_rows"),
        (6, "unreadable_date_rows"),
        (7, "missing_invoice_rows"),
        (8, "wrong_width_rows"),
        (9, "overlong_cell_rows"),
    }
    assert sum(loaded.skipped.values()) == 9


def test_a_customer_number_means_on_account_and_none_means_card(tmp_path: Path) -> None:
    loaded = load(tmp_path, row("1", customer="77.0"), row("2", customer=""))
    kinds = [order["custom_attributes"]["sparkPaymentType"] for order in loaded.orders]
    assert kinds == ["paymentOnAccount", "upfrontPayment"]
    assert [order["customer_key"] for order in loaded.orders] == ["77", "WEB-2"]
    assert "payment_terms" in loaded.orders[0]
    assert "payment_terms" not in loaded.orders[1]
    assert loaded.kept == {"without_customer_orders": 1}


def test_countries_become_codes_and_what_is_none_is_unknown(tmp_path: Path) -> None:
    assert [country_code(name) for name in ("EIRE", "RSA", "Channel Islands")] == ["IE", "ZA", "JE"]
    loaded = load(tmp_path, row("1", country="Unspecified"), row("2", country="EIRE"))
    assert [order["shipping_address"]["country_code"] for order in loaded.orders] == ["ZZ", "IE"]
    assert loaded.kept == {"two_countries_customers": 1, "unknown_country_orders": 1}
    assert len(loaded.customers) == 1


@pytest.mark.parametrize("stamp", ["2011-01-04T10:00:00", "1/4/2011 10:00", "01/04/11 10:00", "2011-01-04 10:00:00.0"])
def test_dates_are_read_in_every_known_form(tmp_path: Path, stamp: str) -> None:
    assert load(tmp_path, row(at=stamp)).orders[0]["created_at"] == "2011-01-04T10:00:00+00:00"


def test_csv_gzip_and_parquet_load_the_same(tmp_path: Path) -> None:
    rows = [row("1", "A", 12, price="0.29"), row("2", "BB", 3, customer="")]
    plain = load(tmp_path, *rows)
    packed = tmp_path / "o.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "orders.csv").read_bytes()))
    table = tmp_path / "o.parquet"
    columns = [list(column) for column in zip(*(each.split(",") for each in rows), strict=True)]
    typed = dict(zip(HEADER.split(","), columns, strict=True))
    numbers = {"Quantity": [12.0, 3.0], "UnitPrice": [0.29, 2.5], "CustomerID": [77.0, None]}
    pq.write_table(pa.table(typed | numbers), table)
    assert read_orders(packed, None).orders == plain.orders
    assert plain.orders[1]["lines"][0]["unit_price"] == "2.50"
    from_parquet = read_orders(table, None).orders
    assert from_parquet[0] == plain.orders[0]
    assert Decimal(from_parquet[1]["lines"][0]["unit_price"]) == Decimal("2.50")


def test_a_file_that_is_not_utf8_is_read_as_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(f"{HEADER}\n{row(description='Voucher £10')}\n".encode("cp1252"))
    assert read_orders(path, None).orders[0]["lines"][0]["title"] == "Voucher £10"


def test_a_missing_column_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "march.csv"
    path.write_text("InvoiceNo,StockCode\n1,A\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"march\.csv has no column 'Description'"):
        read_orders(path, None)


@pytest.mark.parametrize(("name", "content"), [("a.parquet", b"no"), ("a.csv.gz", b"no"), ("a.csv", b"")])
def test_an_unreadable_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=f"{name} cannot be read"):
        read_orders(tmp_path / name, None)


def test_a_file_that_is_not_there_and_one_without_orders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.csv cannot be read"):
        read_orders(tmp_path / "gone.csv", None)
    with pytest.raises(ConfigError, match=r"holds no order that loads; skipped: \{'cancellation_orders': 1\}"):
        load(tmp_path, row("C1"))
    with pytest.raises(ConfigError, match="the limit is 0"):
        load(tmp_path, row("1"), limit=0)


def test_the_commonest_account_quantity_is_the_pack(tmp_path: Path) -> None:
    rows = [row(str(number), "A", 12) for number in range(100, 108)]
    rows += [row(str(number), "A", 1, customer="") for number in range(200, 220)]
    rows += [row("300", "A", 24), row("301", "A", 5)]
    loaded = load(tmp_path, *rows)
    case = next(entry for entry in loaded.pack_rows if entry["uom"] == "CA")
    assert (case["sku"], case["base_sku"], case["units_per_uom"]) == ("A-CASE12", "A", 12)
    ordered = Counter[str]()
    for order in loaded.orders:
        for line in order["lines"]:
            ordered[line["sku"]] += line["quantity"]
    assert ordered == {"A-CASE12": 10, "A": 25}


def test_too_few_lines_prove_no_pack(tmp_path: Path) -> None:
    loaded = load(tmp_path, *(row(str(number), "A", 12) for number in range(100, 109)))
    assert [entry["uom"] for entry in loaded.pack_rows] == ["EA"]


def test_a_pack_file_is_used_and_its_bad_rows_are_counted(tmp_path: Path) -> None:
    packs = tmp_path / "packs.csv"
    packs.write_text("sku,pack\nA,6\nB,x\nC,4\nC,5\nD,1\n", encoding="utf-8")
    tally = Tally()
    assert read_packs(packs, tally) == {"A": 6}
    assert tally.skipped == {"unusable_pack_rows": 1, "ambiguous_pack_skus": 1}
    packs.write_text("code,n\nA,6\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"packs\.csv is no pack file: it needs the columns sku and pack"):
        load(tmp_path, row(), packs=packs)


@given(st.integers(1, 100_000), st.integers(2, 1_000), st.decimals("0.01", "999.99", places=2))
def test_a_line_never_loses_units_or_money(quantity: int, pack: int, price: Decimal) -> None:
    goods = GoodsLine("1-1", "A", "Mug", quantity, price)
    line = Selling("A", pack, case_sku=f"A-CASE{pack}").line(goods)
    units = pack if line["sku"] != "A" else 1
    assert line["quantity"] * units == quantity
    assert Decimal(line["unit_price"]) * line["quantity"] == price * quantity
    assert (line["sku"] == f"A-CASE{pack}") == (quantity % pack == 0)


@given(st.integers(-(10**9), 10**9))
def test_whole_quantities_are_read_as_they_are(quantity: int) -> None:
    assert parse_quantity(str(quantity)) == ("", quantity)
    assert parse_quantity(f"{quantity}.0") == ("", quantity)
    assert parse_quantity(f"{quantity}.5")[0] != ""


def test_the_sample_loads_the_same_twice_and_the_shop_takes_it() -> None:
    first, second = read_orders(None, None), read_orders(None, None)
    assert first == second
    shop = LoadIn.model_validate(first.body)
    assert (len(shop.orders), len(shop.variants), len(shop.customers)) == (48, 78, 32)
    assert len({order.name for order in shop.orders}) == 48
    assert len({variant.sku for variant in shop.variants}) == 78
    assert {order.customer_key for order in shop.orders} == {customer.key for customer in shop.customers}


def test_the_sample_holds_every_kind_of_trouble() -> None:
    loaded = read_orders(None, None)
    assert Counter(remedy.hold for remedy in loaded.remedies.values()) == {
        "payment_pending": 6,
        "po_missing": 4,
        "credit_limit_exceeded": 1,
    }
    assert loaded.stays_held == {
        "#700158": "address_incomplete",
        "#900001": "order_malformed",
        "#900002": "pack_unknown",
        "#900003": "pack_size_violated",
        "#900004": "field_too_long",
        "#900005": "field_too_long",
        "#900006": "quantity_threshold",
    }
    assert loaded.case_collisions == [("71040A", "71040a")]
    assert loaded.skipped["wrong_width_rows"] == 1
    notes = {order["name"]: order["note"] for order in loaded.orders}
    assert len(LONG_PO) == 45
    assert LONG_PO in notes["#900004"]
    assert len(LONG_TEXT) >= 10_000
    assert NASTY_TEXT in notes["#900007"]


def test_a_limit_counts_the_awkward_orders_too() -> None:
    assert [order["name"] for order in read_orders(None, 3).orders] == ["#700101", "#700103", "#700105"]
    assert [order["name"] for order in read_orders(None, 42).orders][-1] == "#900001"


def test_the_pack_file_has_one_row_per_sku_that_the_shop_sells(tmp_path: Path) -> None:
    loaded = read_orders(None, None)
    assert sorted(entry["sku"] for entry in loaded.pack_rows) == sorted(each["sku"] for each in loaded.variants)
    write_pack_catalogue(loaded.pack_rows, tmp_path / "packs.csv")
    lines = (tmp_path / "packs.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "sku,uom,uom_scheme,base_sku,units_per_uom,version"
    assert len(lines) == 79
    assert all(line.split(",")[2] == "x12" for line in lines[1:])


def test_goods_received_cover_all_that_can_be_shipped() -> None:
    loaded = read_orders(None, None)
    wanted = Counter[str]()
    for (order, _), (sku, units) in loaded.base_units.items():
        wanted[sku] += 0 if order in loaded.stays_held else units
    received = Counter(loaded.stock.first) + Counter(loaded.stock.second)
    assert all(received[sku] >= units for sku, units in wanted.items())


def test_a_payment_brings_the_account_under_its_limit_and_keeps_the_limit() -> None:
    loaded = read_orders(None, None)
    remedy = next(each for each in loaded.remedies.values() if each.hold == "credit_limit_exceeded")
    fields = next(each["metafields"] for each in loaded.customers if each["key"] == remedy.customer_key)
    text = next(field["value"] for field in fields if field["key"] == "payment_on_account")
    before, after = (json.loads(value, parse_float=Decimal) for value in (text, remedy.metafield_value))
    assert before["balance"] > before["credit_limit"] > after["balance"]
    assert before["credit_limit"] == after["credit_limit"]


def test_a_sku_ordered_in_whole_packs_only_may_force_multiples(tmp_path: Path) -> None:
    loaded = read_orders(None, None)
    sizes = {each["sku"]: int(each["metafields"][0]["value"]) for each in loaded.variants if each["metafields"]}
    assert len(sizes) == 5
    lines = [
        line
        for order in loaded.orders
        if order["name"] not in loaded.stays_held
        for line in order["lines"]
        if line["sku"] in sizes
    ]
    assert lines
    assert all(line["quantity"] % sizes[line["sku"]] == 0 for line in lines)
    assert plan_selling([], {"A": 6}) == {}
