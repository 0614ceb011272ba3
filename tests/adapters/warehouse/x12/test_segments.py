"""Delimiters, envelopes, and what of a message is refused or noted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.adapters.warehouse.x12.compose import Numbers, Unsendable, write
from include.fulfilment.adapters.warehouse.x12.grammar import ELEMENTS, GRAMMARS, check, element_faults
from include.fulfilment.adapters.warehouse.x12.segments import Incomplete, Segment, Unreadable, read_interchange
from tests.adapters.warehouse.x12.kit import interchange, profile
from tests.stories.world import START

BODY = ["W06*F*B2B1*20261123*S1", "LX*1", "W12*CC*1*1**EA**SK*MUG"]


def test_delimiters_come_from_the_fixed_positions_of_the_header() -> None:
    text = interchange("945", BODY).replace("*", "|").replace(">", "^").replace("~\n", "'")
    found = read_interchange(text)
    assert (found.delimiters.element, found.delimiters.component, found.delimiters.segment) == ("|", "^", "'")
    assert found.control == "000000007"
    assert found.party(5) == ("08", "WH9251")
    assert [each.name for each in found.groups[0].messages[0].segments] == ["W06", "LX", "W12"]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("IEA*1*000000007", "IEA*1*000000008"), "IEA02"),
        (("IEA*1*", "IEA*2*"), "IEA01"),
        (("GS*SW", "GX*SW"), "ISA16"),
        (("SE*5*0007~\n", ""), "GE"),
        (("*T*>", "*Q*>"), "ISA15"),
        (("*261123*", "*261323*"), "ISA09"),
    ],
)
def test_an_envelope_that_cannot_be_trusted_is_refused_by_segment_and_element(
    change: tuple[str, str], place: str, strict: bool
) -> None:
    with pytest.raises(Unreadable) as caught:
        read_interchange(interchange("945", BODY).replace(*change), strict=strict)
    assert caught.value.fault.place == place


def test_a_text_without_its_trailer_may_still_be_on_its_way() -> None:
    with pytest.raises(Incomplete):
        read_interchange(interchange("945", BODY).partition("IEA")[0])


def test_a_second_interchange_in_one_file_is_refused() -> None:
    with pytest.raises(Unreadable, match="one interchange a file is agreed"):
        read_interchange(interchange("945", BODY) + interchange("945", BODY, number=8))


def test_a_header_without_its_component_delimiter_is_read_leniently_and_refused_strictly() -> None:
    damaged = interchange("945", BODY).replace("*T*>~", "*T*~")
    assert read_interchange(damaged, strict=False).groups[0].messages[0].code == "945"
    with pytest.raises(Unreadable, match="ISA16"):
        read_interchange(damaged)


def test_a_header_without_its_padding_is_read_leniently_and_refused_strictly() -> None:
    damaged = interchange("945", BODY).replace(" " * 10, " ")
    assert read_interchange(damaged, strict=False).party(7) == ("ZZ", "MERCHANT")
    with pytest.raises(Unreadable, match="ISA02"):
        read_interchange(damaged)


def test_a_group_whose_numbers_disagree_is_noted_and_its_messages_are_taken() -> None:
    text = interchange("945", BODY).replace("GE*1*7", "GE*2*8")
    (group,) = read_interchange(text).groups
    assert [(each.place, each.code) for each in group.faults] == [("GE02", "4"), ("GE01", "5")]
    assert check(group.messages[0], strict=True) == ()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (["W06*F*B2B1", "LX*1", "N9*BM*7", "W12*CC*1*1**EA"], []),
        (["LX*1", "W12*CC*1*1**EA"], [("W06", True)]),
        (["W06*F*B2B1", "LX*1", "W05*N*1"], [("W05", False)]),
        (["W06*F*B2B1", "LX*1", "W12*CC*1*x**EA"], [("W1203", False)]),
        (["W06*F*B2B1*20261345"], [("W0603", False)]),
        (["W06*F*B2B1", "W27*M", "G62*11*20261123"], [("G62", False)]),
        (["W06*F*B2B1", "LX*1", "W12**1*1**EA"], [("W1201", True)]),
        (["W06*F*B2B1", "LX*1", "LM*1"], [("LM", False)]),
    ],
)
def test_faults_of_a_message_are_told_by_place_and_only_some_are_fatal(
    body: list[str], found: list[tuple[str, bool]]
) -> None:
    (message,) = read_interchange(interchange("945", body)).groups[0].messages
    assert [(each.place, each.fatal) for each in check(message, strict=True)] == found


def test_a_missing_element_is_fatal_only_strictly() -> None:
    (message,) = read_interchange(interchange("945", ["W06**B2B1"])).groups[0].messages
    assert [each.fatal for each in check(message, strict=False)] == [False]


def test_every_segment_that_a_grammar_needs_is_known() -> None:
    needed = {name for loop in GRAMMARS.values() for name in loop.needed}
    assert needed <= ELEMENTS.keys()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a*b", "the text holds the element delimiter agreed with the warehouse"),
        ("a>b", "the text holds the component delimiter agreed with the warehouse"),
        ("a~b", "the text holds the terminator agreed with the warehouse"),
        ("a\nb", "the text holds a line break or a control character"),
        ("Zoë", "the text holds a character outside ascii, which was agreed with the warehouse"),
        ("x" * 61, "61 characters, at most 60 fit"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_segment_and_element_and_never_changed(value: str, words: str) -> None:
    with pytest.raises(Unsendable) as caught:
        write("940", [("W05", "N", "B2B1"), ("N1", "ST", value)], Numbers(1), profile(), START)
    assert (caught.value.fault.place, caught.value.fault.words) == ("N102", words)


@given(
    st.lists(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=22), min_size=1)
)
def test_what_we_write_we_read_back(values: list[str]) -> None:
    segments = [("W05", "N", "B2B1"), *(("NTE", "WHI", value) for value in values)]
    text = write("940", segments, Numbers(56), profile(), START)
    (message,) = read_interchange(text).groups[0].messages
    assert check(message, strict=True) == ()
    assert [each.get(2) for each in message.segments[1:]] == values
    assert (message.code, message.control) == ("940", "0056")


def test_a_segment_that_we_never_look_at_has_no_faults() -> None:
    assert element_faults(Segment("PAL", ("whatever", "x" * 500))) == []
