"""Packs: which SKU is sold in packs, how, and the merchant's pack catalogue that proves it.

A description's "SET OF 6" is never read as a pack: there, one sold unit is the whole set.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from demo.orders_chance import percent
from demo.orders_file import read_columns
from demo.orders_rules import Invoice, is_non_stock, parse_quantity
from demo.orders_types import GoodsLine, LoadLine, LoadMetafield, LoadVariant, PackCatalogueRow, Tally
from include.fulfilment.errors import ConfigError

MIN_LINES = 10
MIN_SHARE_PERCENT = 20
MAX_PACK = 1_000
CASE_SHARE_PERCENT = 50
CATALOGUE_VERSION = "1"
UOM_SCHEME = "x12"
CATALOGUE_COLUMNS = ("sku", "uom", "uom_scheme", "base_sku", "units_per_uom", "version")


@dataclass(frozen=True, slots=True)
class Selling:
    """How one base SKU is sold: singles, singles in multiples of `pack_size`, or also as the pack variant `case_sku`
    of `pack` base units."""

    sku: str
    pack: int = 1
    pack_size: int | None = None
    case_sku: str = ""

    def line(self, goods: GoodsLine) -> LoadLine:
        """The shop's line for these singles: packs where it is whole packs and a pack is sold, else singles."""
        in_packs = bool(self.case_sku) and goods.quantity % self.pack == 0
        units = self.pack if in_packs else 1
        return {
            "sku": self.case_sku if in_packs else self.sku,
            "title": f"{goods.title} (case of {self.pack})" if in_packs else goods.title,
            "quantity": goods.quantity // units,
            "unit_price": f"{goods.price * units:f}",
            "custom_attributes": {"Charged Price": f"{goods.price * goods.quantity:f}"},
        }

    def catalogue_rows(self) -> list[PackCatalogueRow]:
        rows = [_catalogue_row(self.sku, "EA", self.sku, 1)]
        return [*rows, _catalogue_row(self.case_sku, "CA", self.sku, self.pack)] if self.case_sku else rows

    def step(self, goods: GoodsLine) -> int:
        """Base units by which this line can be divided without opening a pack."""
        if self.case_sku and goods.quantity % self.pack == 0:
            return self.pack
        return self.pack_size or 1


def commonest_packs(table: pa.Table) -> dict[str, int]:
    """Pack per SKU from the commonest quantity over account lines (rows with a CustomerID, sold on plain invoices):
    over 1, on at least 10 lines and on at least 20 % of them; of two that are as common the smaller counts."""
    plain = pc.invert(pc.match_substring_regex(table["InvoiceNo"], r"^[CcAa]"))
    whole = pc.match_substring_regex(table["Quantity"], r"^\d{1,9}(\.0*)?$")
    account = pc.and_(pc.and_(plain, whole), pc.not_equal(table["CustomerID"], ""))
    lines = table.filter(account).select(["StockCode", "Quantity"])
    groups = lines.group_by(["StockCode", "Quantity"]).aggregate([([], "count_all")]).to_pylist()
    counts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for group in groups:
        quantity = parse_quantity(group["Quantity"])[1]
        if quantity > 0:
            counts[group["StockCode"]][quantity] += group["count_all"]
    found = {sku: _commonest(by_quantity) for sku, by_quantity in counts.items() if not is_non_stock(sku)}
    return {sku: pack for sku, pack in found.items() if pack > 1}


def _commonest(by_quantity: Mapping[int, int]) -> int:
    total = sum(by_quantity.values())
    quantity = min(by_quantity, key=lambda q: (-by_quantity[q], q))
    often = total >= MIN_LINES and by_quantity[quantity] * 100 >= total * MIN_SHARE_PERCENT
    return quantity if often and quantity <= MAX_PACK else 1


def read_packs(path: Path, tally: Tally) -> dict[str, int]:
    """Packs over 1 from a file with the columns `sku` and `pack`, or `StockCode` and `modal_qty` as in a table derived
    from order lines. Unusable rows are counted; a SKU with two different packs is sold as singles, and counted.

    Raises ConfigError naming the file and the column that is missing.
    """
    try:
        table = read_columns(path, ("sku", "pack"), tally)
    except ConfigError:
        try:
            table = read_columns(path, ("StockCode", "modal_qty"), Tally()).rename_columns(["sku", "pack", "row"])
        except ConfigError:
            raise ConfigError(f"{path.name} is no pack file: it needs the columns sku and pack") from None
    found: dict[str, set[int]] = defaultdict(set)
    for row in table.to_pylist():
        reason, pack = parse_quantity(row["pack"])
        if reason or pack < 1 or not row["sku"]:
            tally.bad(row["row"], "unusable_pack_rows", f"pack file: sku {row['sku']!r}, pack {row['pack']!r}")
        else:
            found[row["sku"]].add(pack)
    tally.skipped["ambiguous_pack_skus"] += sum(len(packs) > 1 for packs in found.values())
    return {sku: min(packs) for sku, packs in found.items() if len(packs) == 1 and max(packs) > 1}


def plan_selling(invoices: Iterable[Invoice], packs: Mapping[str, int]) -> dict[str, Selling]:
    """How each ordered SKU is sold. About half of the SKUs with a pack have a pack variant; of the rest, those only
    ever ordered in whole packs force multiples; the others stay singles, because broken packs are normal."""
    quantities: dict[str, list[int]] = defaultdict(list)
    for invoice in invoices:
        for line in invoice.lines:
            quantities[line.sku].append(line.quantity)
    return {sku: _selling(sku, packs.get(sku, 1), quantities) for sku in sorted(quantities)}


def _selling(sku: str, pack: int, quantities: Mapping[str, list[int]]) -> Selling:
    ordered, case_sku = quantities[sku], f"{sku}-CASE{pack}"
    if pack == 1:
        return Selling(sku)
    if percent("case", sku) < CASE_SHARE_PERCENT and case_sku not in quantities:
        return Selling(sku, pack, case_sku=case_sku)
    if all(quantity % pack == 0 for quantity in ordered):
        return Selling(sku, pack, pack_size=pack)
    return Selling(sku)


def variants(
    selling: Mapping[str, Selling], invoices: Iterable[Invoice], on_hand: Mapping[str, int]
) -> list[LoadVariant]:
    """Every SKU the shop sells, with the title of its first line and what `on_hand` base units allow."""
    first: dict[str, GoodsLine] = {}
    for invoice in invoices:
        for line in invoice.lines:
            first.setdefault(line.sku, line)
    made: list[LoadVariant] = []
    for sku, how in selling.items():
        line = first[sku]
        made.append(_variant(sku, line.title, on_hand.get(sku, 0), how.pack_size))
        if how.case_sku:
            title = f"{line.title} (case of {how.pack})"
            made.append(_variant(how.case_sku, title, on_hand.get(sku, 0) // how.pack, None))
    return made


def _variant(sku: str, title: str, available: int, pack_size: int | None) -> LoadVariant:
    fields: list[LoadMetafield] = []
    if pack_size:
        fields.append(
            {"namespace": "sparklayer", "key": "pack_size", "type": "number_integer", "value": str(pack_size)}
        )
    return {"sku": sku, "title": title, "metafields": fields, "available": available}


def _catalogue_row(sku: str, uom: str, base_sku: str, units: int) -> PackCatalogueRow:
    return {
        "sku": sku,
        "uom": uom,
        "uom_scheme": UOM_SCHEME,
        "base_sku": base_sku,
        "units_per_uom": units,
        "version": CATALOGUE_VERSION,
    }


def write_pack_catalogue(rows: Iterable[PackCatalogueRow], path: Path) -> None:
    """Write the merchant's pack file (CSV, UTF-8); an older one at this place is replaced."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CATALOGUE_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
