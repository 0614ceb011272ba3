"""PO number, instructions, dates and trade details, from wherever a site declares them."""

from __future__ import annotations

from datetime import date

import pytest

from include.fulfilment.domain.details import Details, Found
from include.fulfilment.domain.order import PaymentMethod
from include.fulfilment.mapping.extract import DEFAULT_PLACES, Extracted, MappingRules, extract_details
from include.fulfilment.mapping.payment import payment_method
from include.fulfilment.mapping.places import Place, PlaceKind, RawFields
from include.fulfilment.mapping.text import shown, storable

RULES = MappingRules()


def read(note: str = "", po: str = "", attributes: dict[str, str] | None = None) -> Extracted:
    return extract_details(RULES, RawFields(shop_fields={"po_number": po}, note=note, note_attributes=attributes or {}))


def ruled(*places: Place, name: str = "po_number") -> MappingRules:
    return MappingRules({**DEFAULT_PLACES, name: places})


def pattern(text: str) -> Place:
    return Place(PlaceKind.NOTE_PATTERN, text)


def main_values(found: Extracted) -> tuple[str, str, date | None]:
    return found.po_number, found.instructions, found.requested_on


def test_labelled_lines_of_the_note_are_found_whatever_their_case_and_spacing() -> None:
    note = "po :  PO-4711 \nDELIVERY   INSTRUCTIONS: gate 4\nRequested delivery date: 2026-11-26"
    assert main_values(read(note)) == ("PO-4711", "gate 4", date(2026, 11, 26))


def test_the_platforms_own_po_field_comes_first_and_attributes_serve_too() -> None:
    attributes = {"PO Number": "A-1", "delivery instructions": "ring", "Requested delivery date": "2026-12-01"}
    assert main_values(read(po="P-9", attributes=attributes)) == ("P-9", "ring", date(2026, 12, 1))
    assert read(po=" ", attributes=attributes).po_number == "A-1"


def test_what_no_pattern_claims_are_instructions_and_never_the_po_number() -> None:
    found = read("PO: 7\nLeave at the back door\nthank you: all")
    assert (found.po_number, found.instructions) == ("7", "Leave at the back door\nthank you: all")
    assert read("Leave at the back door").po_number == ""
    assert read("PO:\nring").instructions == "ring"


def test_a_site_whose_whole_note_is_the_po_declares_so_and_its_first_line_is_no_instruction() -> None:
    found = extract_details(ruled(pattern("{value}")), RawFields(note="\n 4711 \nmore"))
    assert (found.po_number, found.instructions) == ("4711", "more")


@pytest.mark.parametrize("text", ["26/11/2026", "soon", "2026-02-30"])
def test_a_date_that_cannot_be_read_is_a_problem_and_not_a_guess(text: str) -> None:
    found = read(f"Requested delivery date: {text}")
    assert found.requested_on is None
    assert found.problems == (f"the requested date {text!r} cannot be read; write it as 2026-11-26",)


def test_a_declared_date_format_is_read() -> None:
    rules = MappingRules(date_formats=("%Y-%m-%d", "%d/%m/%Y"))
    raw = RawFields(note="Requested delivery date: 03/12/2026")
    assert extract_details(rules, raw).requested_on == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("place", "raw"),
    [
        (Place(PlaceKind.SHOP_FIELD, "company"), RawFields(shop_fields={"company": " Cobalt "})),
        (pattern("* for store {value} please"), RawFields(note="goods for store Cobalt please")),
        (Place(PlaceKind.NOTE_ATTRIBUTE, "Mark for"), RawFields(note_attributes={"MARK  for": "Cobalt"})),
        (Place(PlaceKind.CUSTOM_FIELD, "Mark for"), RawFields(custom_fields={"mark for": "Cobalt"})),
        (Place(PlaceKind.LINE_PROPERTY, "_mark"), RawFields(line_properties={"_mark": ["", "Cobalt", "Cobalt"]})),
        (Place(PlaceKind.METAFIELD, "order.custom.mark"), RawFields(metafields={"order.custom.mark": "Cobalt"})),
        (Place(PlaceKind.CONSTANT, "Cobalt"), RawFields()),
    ],
    ids=lambda each: str(each) if isinstance(each, Place) else "",
)
def test_a_detail_is_found_in_every_kind_of_place_and_the_place_is_kept(place: Place, raw: RawFields) -> None:
    found = extract_details(ruled(place, name="mark_for"), raw).details
    assert found == Details(mark_for="Cobalt", found=(Found("mark_for", str(place)),))


def test_two_places_that_disagree_on_the_po_number_or_a_date_are_kept_with_what_they_say() -> None:
    found = read("PO: A-1\nNot before: 2026-12-01", "P-9", {"Not before": "2026-12-02", "PO number": "p-9"})
    assert (found.po_number, found.not_before_on) == ("P-9", date(2026, 12, 1))
    assert found.details.disagreements() == (
        Found(
            "po_number",
            "shop_field po_number",
            (("note_pattern PO: {value}", "A-1"), ("note_attribute PO number", "p-9")),
            True,
        ),
        Found(
            "not_before_on", "note_pattern Not before: {value}", (("note_attribute Not before", "2026-12-02"),), True
        ),
    )


def test_the_same_said_twice_is_no_disagreement_and_of_other_details_only_the_place_is_kept() -> None:
    found = read("PO: po-9\nDelivery instructions: ring\nthe rest", "PO-9")
    assert found.details.disagreements() == ()
    assert found.details.found[1] == Found(
        "instructions", "note_pattern Delivery instructions: {value}", (("note_rest", ""),)
    )


def test_a_line_of_the_note_that_is_there_twice_and_differs_is_a_disagreement() -> None:
    found = read("PO: 1\nPO: 2")
    assert (found.po_number, [each.field for each in found.details.disagreements()]) == ("1", ["po_number"])


def test_dates_written_in_two_forms_agree() -> None:
    rules = MappingRules(date_formats=("%Y-%m-%d", "%d/%m/%Y"))
    raw = RawFields(note="Not before: 2026-12-01", note_attributes={"Not before": "01/12/2026"})
    assert extract_details(rules, raw).details.disagreements() == ()


def test_a_payment_word_that_is_not_mapped_is_unknown() -> None:
    words = {"upfrontPayment": PaymentMethod.CARD}
    assert payment_method("upfrontPayment", words) is PaymentMethod.CARD
    assert payment_method("UpfrontPayment", words) is PaymentMethod.UNKNOWN


def test_text_a_database_cannot_hold_is_made_visible_and_bounded() -> None:
    assert storable("a\x00b\ud83dc🎁") == "a\ufffdb\ufffdc🎁"
    assert shown("x" * 70) == repr("x" * 60 + "…")
