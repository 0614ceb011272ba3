"""Setting what a SparkLayer site shows: read before it is written, and nothing else of a stock record lost."""

from __future__ import annotations

from typing import Any

import pytest

from include.fulfilment.adapters.storefront.sparklayer.problems import ProblemError
from include.fulfilment.errors import ConfigError, RetryableError, TerminalError
from include.fulfilment.ports import AvailabilityChange
from tests.adapters.storefront.sparklayer.kit import SKUS, Shop

UPDATE, FETCH = "updateBatchStock", "getBatchStock"
NAMELESS = ProblemError("refused", "a row is wrong", "")


def change(sku: str, quantity: int, change_from: int, location: str = "default") -> AvailabilityChange:
    return AvailabilityChange(sku, sku, location, quantity, change_from)


def stocked(shop: Shop, **levels: int) -> None:
    shop.control.load(variants=[{"sku": sku, "title": sku, "available": level} for sku, level in levels.items()])


def shown(shop: Shop) -> dict[str, int | None]:
    return {each["sku"]: each["available"] for each in shop.control.state("variants")["variants"]}


def outcomes(shop: Shop, *changes: AvailabilityChange) -> list[tuple[str, str]]:
    return [(each.outcome, each.message) for each in shop.storefront().set_available(changes, "key")]


def test_each_row_is_applied_stale_or_rejected_on_its_own(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=50, PLATE=4, TEA=9)
    sparklayer.control.set_inventory("PLATE", 3)
    answers = outcomes(
        sparklayer,
        change("MUG", 26, 50),
        change("PLATE", 2, 4),
        change("TEA", 1, 9, location="elsewhere"),
        change("MUG-12", 2, 0),
    )
    assert answers == [
        ("applied", ""),
        ("stale", "the shop shows 3"),
        ("rejected", "location elsewhere is not the site's"),
        ("rejected", "the shop has no stock record of this SKU at the location"),
    ]
    assert shown(sparklayer) == {"MUG": 26, "PLATE": 3, "TEA": 9}


def test_the_same_change_again_writes_nothing_more(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=50)
    assert outcomes(sparklayer, change("MUG", 26, 50)) == [("applied", "")]
    assert outcomes(sparklayer, change("MUG", 26, 50)) == [("applied", "")]
    assert sparklayer.control.calls()[UPDATE] == 1


def test_restock_date_and_oversell_floor_are_sent_again_as_they_were(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=0)
    client, location = sparklayer.client(), "stock_location_external_id"
    record = {"sku": "MUG", "stock_level": 0, "restock_date": "2026-12-01", "min_stock_level": -9, location: "default"}
    client.post("/api/v1/batch-update-stock", UPDATE, [record], safe=True)
    assert outcomes(sparklayer, change("MUG", -4, 0)) == [("applied", "")]
    (row,) = client.post("/api/v1/batch-fetch-stock", FETCH, {"skus": ["MUG"]}, safe=True)
    (level,) = row["stock_levels"]
    assert (level["stock_level"], level["restock_date"], level["min_stock_level"]) == (-4, "2026-12-01", -9)


@pytest.mark.parametrize("kind", ["5xx_after", "reset_after", "malformed"])
def test_a_lost_reply_is_settled_by_reading_again(sparklayer: Shop, kind: str) -> None:
    stocked(sparklayer, MUG=50)
    sparklayer.fault(UPDATE, kind)
    assert outcomes(sparklayer, change("MUG", 26, 50)) == [("applied", "")]
    assert (sparklayer.control.calls()[UPDATE], shown(sparklayer)) == (1, {"MUG": 26})


def test_a_lost_request_is_stale_and_was_not_applied(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=50)
    sparklayer.fault(UPDATE, "reset_before")
    (answer,) = outcomes(sparklayer, change("MUG", 26, 50))
    assert answer == ("stale", "NO_ANSWER: the shop gave no clear answer and shows another figure")
    assert shown(sparklayer) == {"MUG": 50}


def test_a_row_that_sparklayer_names_is_taken_out_and_the_rest_goes_through_in_two_calls(
    sparklayer: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(sparklayer, MUG=50, PLATE=50, TEA=50)
    storefront = sparklayer.storefront()
    row = storefront._stock._row

    def odd(each: AvailabilityChange, level: Any) -> Any:
        return row(each, level) | ({"min_stock_level": "many"} if each.sku == "PLATE" else {})

    monkeypatch.setattr(storefront._stock, "_row", odd)
    answers = storefront.set_available([change(sku, 7, 50) for sku in ("MUG", "PLATE", "TEA")], "key")
    words = "invalidNumber: it must be a 32-bit whole number"
    assert [(each.outcome, each.message) for each in answers] == [("applied", ""), ("rejected", words), ("applied", "")]
    assert (shown(sparklayer), sparklayer.control.calls()[UPDATE]) == ({"MUG": 7, "PLATE": 50, "TEA": 7}, 2)


def test_a_bad_row_that_is_not_named_is_found_by_halves(sparklayer: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    stocked(sparklayer, **dict.fromkeys(SKUS, 50))
    storefront = sparklayer.storefront()
    location = "00000000-0000-4000-8000-000000000000"
    row = storefront._stock._row

    def elsewhere(each: AvailabilityChange, level: Any) -> Any:
        return row(each, level) | ({"stock_location_id": location} if each.sku == "TEA" else {})

    monkeypatch.setattr(storefront._stock, "_row", elsewhere)
    monkeypatch.setattr("include.fulfilment.adapters.storefront.sparklayer.problems._error", lambda raw: NAMELESS)
    answers = storefront.set_available([change(sku, 7, 50) for sku in SKUS], "key")
    assert [each.outcome for each in answers] == ["applied", "applied", "applied", "rejected"]
    assert shown(sparklayer) == {"MUG": 7, "MUG-12": 7, "PLATE": 7, "TEA": 50}


def test_the_same_sku_twice_in_a_call_counts_once(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=50)
    first, second = outcomes(sparklayer, change("MUG", 26, 50), change("MUG", 20, 50))
    assert (first, second[0]) == (("applied", ""), "stale")
    assert shown(sparklayer) == {"MUG": 26}


def test_more_rows_than_the_port_allows_are_not_sent(sparklayer: Shop) -> None:
    with pytest.raises(TerminalError, match="251 availability changes in one call"):
        sparklayer.storefront().set_available([change(f"S{number}", 1, 0) for number in range(251)], "key")


def test_a_figure_beyond_what_sparklayer_can_hold_is_rejected(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=50)
    assert outcomes(sparklayer, change("MUG", 2**31, 50)) == [
        ("rejected", "quantity 2147483648 is beyond what the shop can hold")
    ]


def test_another_writer_at_the_same_stock_is_waited_for(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=50)
    sparklayer.fault(UPDATE, "conflict")
    with pytest.raises(RetryableError, match="is writing the same stock just now"):
        outcomes(sparklayer, change("MUG", 26, 50))


def test_a_location_that_is_none_names_those_there_are(sparklayer: Shop) -> None:
    storefront = sparklayer.site.storefront.model_copy(update={"location_id": "york"})
    sparklayer.site = sparklayer.site.model_copy(update={"storefront": storefront})
    with pytest.raises(ConfigError, match="'york' is no stock location in SparkLayer; known external ids: default"):
        sparklayer.variants()


def test_a_location_may_be_named_by_its_own_id(sparklayer: Shop) -> None:
    stocked(sparklayer, MUG=50)
    (location,) = sparklayer.client().get("/api/v1/stock-locations", "getStockLocations")
    storefront = sparklayer.site.storefront.model_copy(update={"location_id": location["id"]})
    sparklayer.site = sparklayer.site.model_copy(update={"storefront": storefront})
    assert sparklayer.variants()["MUG"].available == 50
    assert outcomes(sparklayer, change("MUG", 3, 50, location=location["id"])) == [("applied", "")]
