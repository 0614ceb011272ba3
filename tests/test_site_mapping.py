"""The `mapping` and `warehouse` sections of a site file: what they mean, and errors that name file, line and field."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.fulfilment.domain.carriage import Carriage, Mode, Payer
from include.fulfilment.errors import ConfigError
from include.fulfilment.mapping.extract import DEFAULT_PLACES
from include.fulfilment.mapping.places import Place, PlaceKind
from include.fulfilment.settings import DEMO_SITES, Site, load_sites
from tests.site_files import write_site


def load(folder: Path, mapping: Any = None, **warehouse: Any) -> Site:
    site = yaml.safe_load((DEMO_SITES / "demo.yaml").read_text(encoding="utf-8"))
    site["packs"]["source"]["path"] = str(DEMO_SITES / "demo" / "packs.csv")
    site["release"] = yaml.safe_load((DEMO_SITES / "demo" / "release.yaml").read_text(encoding="utf-8"))
    site["warehouse"] |= warehouse
    if mapping is not None:
        site["mapping"] = mapping
    write_site(folder, site)
    (loaded,) = load_sites(folder).values()
    return loaded


def test_a_site_that_says_nothing_keeps_its_details_where_they_always_were(tmp_path: Path) -> None:
    rules = load(tmp_path).mapping.rules()
    assert rules.places == DEFAULT_PLACES
    assert [str(each) for each in rules.places["po_number"]] == [
        "shop_field po_number",
        "note_pattern PO: {value}",
        "note_pattern PO number: {value}",
        "note_attribute PO number",
        "custom_field PO number",
    ]
    assert rules.date_formats == ("%Y-%m-%d",)


def test_what_a_site_states_of_one_detail_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    metafield = {"metafield": "company_location.custom.dock"}
    rules = load(tmp_path, {"mark_for": [metafield, {"constant": "Main"}], "instructions": []}).mapping.rules()
    assert rules.places["mark_for"] == (
        Place(PlaceKind.METAFIELD, "company_location.custom.dock"),
        Place(PlaceKind.CONSTANT, "Main"),
    )
    assert rules.places["instructions"] == ()
    assert rules.places["po_number"] == DEFAULT_PLACES["po_number"]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"po_number": [{"note_patern": "x"}]}, "mapping.po_number.0.note_patern: Extra inputs are not permitted"),
        ({"po_number": [{}]}, "mapping.po_number.0: Value error, a place is one of shop_field, note_pattern"),
        (
            {"po_number": [{"constant": "a", "custom_field": "b"}]},
            "mapping.po_number.0: Value error, a place is one of",
        ),
        ({"po_number": [{"note_pattern": "PO:"}]}, "mapping.po_number.0.note_pattern: Value error, 'PO:' must have"),
        ({"po_number": [{"metafield": "shop.custom.po"}]}, "mapping.po_number.0.metafield: String should match"),
        ({"date_formats": ["%d/%m"]}, "mapping.date_formats: Value error, '%d/%m' is no form of a whole date"),
        ({"po_numbers": []}, "mapping.po_numbers: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(tmp_path: Path, mapping: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=rf"site file site\.yaml line [0-9]+: {re.escape(words)}"):
        load(tmp_path, mapping)


def test_a_shipping_method_is_a_service_alone_or_says_carrier_payer_and_mode(tmp_path: Path) -> None:
    whole = {"service": "economy", "carrier": "DHLE", "payer": "customer_account", "mode": "pallet"}
    site = load(tmp_path, services={"Standard": "std", "On our account": whole})
    assert site.warehouse.target({}).services == {
        "Standard": Carriage("std"),
        "On our account": Carriage("economy", "DHLE", Payer.CUSTOMER_ACCOUNT, Mode.PALLET),
    }


@pytest.mark.parametrize(
    ("warehouse", "words"),
    [
        ({"services": {"Standard": {"service": "std", "payer": "me"}}}, "warehouse.services.Standard.payer: Input"),
        (
            {"carry": {"colour": "required"}},
            "warehouse.carry: Value error, 'colour' is no field of an order; known: po",
        ),
        ({"carry": {"mark_for": "maybe"}}, "warehouse.carry: Value error, mark_for: 'maybe' is none of `required`"),
        ({"carry": {"mark_for": "carry in lines"}}, "warehouse.carry: Value error, mark_for: 'carry in lines' is none"),
        ({"carry": {"instructions": "carry in instructions"}}, "warehouse.carry: Value error, instructions: 'carry in"),
        (
            {"carry": {"mark_for": "carry in instructions", "instructions": "carry in ship_to.address2"}},
            "warehouse.carry: Value error, mark_for: instructions is itself carried in another field",
        ),
        ({"domestic_countries": ["England"]}, "warehouse.domestic_countries.0: String should match"),
    ],
)
def test_a_mistake_about_the_warehouse_is_named_too(tmp_path: Path, warehouse: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=rf"site file site\.yaml line [0-9]+: {re.escape(words)}"):
        load(tmp_path, **warehouse)


def test_the_tighter_limit_of_a_field_counts(tmp_path: Path) -> None:
    site = load(tmp_path, field_limits={"po_number": 35, "mark_for": 12})
    limits = site.warehouse.target({"po_number": 22, "instructions": 800}).field_limits
    assert limits == {"po_number": 22, "instructions": 800, "mark_for": 12}
