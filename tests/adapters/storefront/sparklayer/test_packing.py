"""Moving shipped units into packages of their own: laws that hold whatever is shipped in whatever order."""

from __future__ import annotations

import copy
from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.storefront.sparklayer.packing import take_out, units_open
from include.fulfilment.adapters.storefront.sparklayer.purchase import Purchase, line_id_of, mark_alike

OPTIONS = Options()


def amount(pennies: int) -> dict[str, str]:
    return {"number": f"{Decimal(pennies) / 100:.2f}", "currency": "GBP"}


def item(sku: str, quantity: int, pennies: int) -> dict[str, Any]:
    totals = {"total_net": amount(pennies), "total_gross": amount(pennies * 6 // 5)}
    return {
        "identifiers": {"sku": sku},
        "quantity": quantity,
        "custom_attributes": [],
        "line_total": totals,
        "tax_lines": [{"title": "VAT", "amount": amount(pennies // 5)}],
    }


ITEMS = st.builds(item, st.sampled_from(["MUG", "TEA", "PLATE"]), st.integers(1, 30), st.integers(0, 99_999))
PACKAGES = st.lists(st.lists(ITEMS, min_size=1, max_size=4), min_size=1, max_size=3)


def line_id(raw: Any) -> str:
    return line_id_of(raw, OPTIONS)


def is_open(package: Any) -> bool:
    return bool(package["type"] == "incoming")


def totals(packages: list[dict[str, Any]]) -> Counter[str]:
    """Units and pennies of all packages by line and kind, exact."""
    found: Counter[str] = Counter()
    for raw in (raw for package in packages for raw in package["line_items"]):
        found[f"{line_id(raw)} units"] += raw["quantity"]
        named = {**raw["line_total"], "tax": raw["tax_lines"][0]["amount"]}
        for name, money in named.items():
            found[f"{line_id(raw)} {name}"] += int(Decimal(money["number"]) * 100)
    return +found


@settings(max_examples=150, deadline=None)
@given(contents=PACKAGES, data=st.data())
def test_units_and_money_are_conserved_and_every_line_stays_itself(contents: Any, data: st.DataObject) -> None:
    packages = [{"type": "incoming", "line_items": items} for items in contents]
    purchase = {"packages": packages}
    read = {each.line_id: each.current for each in Purchase(purchase, OPTIONS).lines()}
    mark_alike(packages, OPTIONS)
    assert {each.line_id: each.current for each in Purchase(purchase, OPTIONS).lines()} == read
    before = totals(packages)
    for _ in range(4):
        left = units_open([each for each in packages if is_open(each)], line_id)
        wanted = {key: data.draw(st.integers(0, units), label=key) for key, units in sorted(left.items())}
        asked = {key: units for key, units in wanted.items() if units}
        kept = copy.deepcopy(packages)
        made = take_out(packages, is_open, asked, line_id)
        assert bool(made) == bool(asked), "nothing asked for, nothing moved"
        assert asked or packages == kept
        for package in made:
            package["type"] = "shipped"
        assert units_open(made, line_id) == asked
        assert totals(packages) == before
        assert all(package["line_items"] for package in packages), "no package is left empty"
