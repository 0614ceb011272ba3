"""PO number, instructions and requested date, from wherever a site declares them."""

from __future__ import annotations

from datetime import date

import pytest

from include.fulfilment.domain.order import PaymentMethod
from include.fulfilment.errors import ConfigError
from include.fulfilment.mapping.extract import Details, ExtractionRules, Rule, Source, extract_details
from include.fulfilment.mapping.payment import payment_method
from include.fulfilment.mapping.text import shown, storable

RULES = ExtractionRules()


def test_labelled_lines_of_the_note_are_found_whatever_their_case_and_spacing() -> None:
    note = "po :  PO-4711 \nDELIVERY   INSTRUCTIONS: gate 4\nRequested delivery date: 2026-11-26"
    assert extract_details(RULES, "", note, {}) == Details("PO-4711", "gate 4", date(2026, 11, 26))


def test_the_platforms_own_po_field_comes_first_and_attributes_serve_too() -> None:
    attributes = {"PO Number": "A-1", "delivery instructions": "ring", "Requested delivery date": "2026-12-01"}
    assert extract_details(RULES, "P-9", "", attributes) == Details("P-9", "ring", date(2026, 12, 1))
    assert extract_details(RULES, " ", "", attributes).po_number == "A-1"


def test_what_no_label_claims_are_instructions_and_never_the_po_number() -> None:
    found = extract_details(RULES, "", "PO: 7\nLeave at the back door\nthank you: all", {})
    assert (found.po_number, found.instructions) == ("7", "Leave at the back door\nthank you: all")
    assert extract_details(RULES, "", "Leave at the back door", {}).po_number == ""


def test_a_site_whose_whole_note_is_the_po_declares_so() -> None:
    rules = ExtractionRules(po_number=(Rule(Source.NOTE_FIRST_LINE),), instructions=())
    assert extract_details(rules, "", "\n 4711 \nmore", {}).po_number == "4711"


@pytest.mark.parametrize("text", ["26/11/2026", "soon", "2026-02-30"])
def test_a_date_that_cannot_be_read_is_a_problem_and_not_a_guess(text: str) -> None:
    found = extract_details(RULES, "", f"Requested delivery date: {text}", {})
    assert found.requested_on is None
    assert found.problems == (f"the requested date {text!r} cannot be read; write it as 2026-11-26",)


def test_a_declared_date_format_is_read() -> None:
    rules = ExtractionRules(date_formats=("%Y-%m-%d", "%d/%m/%Y"))
    assert extract_details(rules, "", "Requested delivery date: 03/12/2026", {}).requested_on == date(2026, 12, 3)


def test_a_rule_without_its_label_is_refused() -> None:
    with pytest.raises(ConfigError, match="note_line: it needs a label"):
        Rule(Source.NOTE_LINE)
    with pytest.raises(ConfigError, match="platform_po: it needs no label"):
        Rule(Source.PLATFORM_PO, "PO")


def test_a_payment_word_that_is_not_mapped_is_unknown() -> None:
    words = {"upfrontPayment": PaymentMethod.CARD}
    assert payment_method("upfrontPayment", words) is PaymentMethod.CARD
    assert payment_method("UpfrontPayment", words) is PaymentMethod.UNKNOWN


def test_text_a_database_cannot_hold_is_made_visible_and_bounded() -> None:
    assert storable("a\x00b\ud83dc🎁") == "a\ufffdb\ufffdc🎁"
    assert shown("x" * 70) == repr("x" * 60 + "…")
