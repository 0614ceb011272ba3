"""A unit code means nothing without its scheme."""

from __future__ import annotations

import pytest

from include.fulfilment.errors import DataError
from include.fulfilment.mapping.units import internal_uom, unit_code


@pytest.mark.parametrize(
    ("scheme", "uom", "code"),
    [("x12", "CASE", "CA"), ("shipbob", "CASE", "CS"), ("unece21", "CASE", "CS"), ("shipbob", "INNER", "INP")],
)
def test_each_scheme_writes_our_unit_its_own_way_and_is_read_back(scheme: str, uom: str, code: str) -> None:
    assert unit_code(scheme, uom) == code
    assert internal_uom(scheme, code) == uom


def test_ca_is_a_case_in_x12_and_no_case_in_the_united_nations_list() -> None:
    assert internal_uom("x12", "CA") == "CASE"
    with pytest.raises(DataError, match="unit code 'CA' is not known in the scheme 'unece20'"):
        internal_uom("unece20", "CA")


@pytest.mark.parametrize(("scheme", "uom"), [("unece20", "CASE"), ("x12", "DISPLAY"), ("x12", "")])
def test_a_unit_without_a_code_is_refused(scheme: str, uom: str) -> None:
    with pytest.raises(DataError, match="has no code in the scheme"):
        unit_code(scheme, uom)


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match="unit scheme 'ansi' is not known; known: ours, shipbob, unece20"):
        unit_code("ansi", "EA")


def test_other_words_for_a_single_are_read() -> None:
    assert [internal_uom("x12", "UN"), internal_uom("unece20", "C62")] == ["EA", "EA"]
