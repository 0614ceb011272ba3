"""Public holidays as the warehouse's country and its part of it keep them."""

from __future__ import annotations

from datetime import date

import pytest

from include.fulfilment.errors import ConfigError
from include.fulfilment.holidays_of import public_holidays


def test_england_has_its_eight_bank_holidays_and_the_monday_in_place_of_a_saturday() -> None:
    days = public_holidays("GB", "ENG", [2026])
    # https://www.gov.uk/bank-holidays, England and Wales 2026; Boxing Day itself is the Saturday
    off = [(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)]
    assert days == {date(2026, month, day) for month, day in off} | {date(2026, 12, 26)}


def test_a_part_of_the_country_has_days_of_its_own() -> None:
    scotland, whole = public_holidays("GB", "SCT", [2026]), public_holidays("GB", "", [2026])
    assert date(2026, 11, 30) in scotland
    assert date(2026, 11, 30) not in whole
    assert date(2026, 4, 6) not in whole


def test_every_year_asked_for_is_there_and_no_other() -> None:
    days = public_holidays("US", "", range(2026, 2029))
    assert {day.year for day in days} == {2026, 2027, 2028}
    assert date(2026, 11, 26) in days
    assert public_holidays("US", "", []) == frozenset()


@pytest.mark.parametrize(
    ("country", "subdivision"),
    [("XX", ""), ("", ""), ("gb", ""), ("England", ""), ("NYSE", ""), ("utils", ""), ("GB", "XYZ"), ("GB", "GB-ENG")],
)
def test_an_unknown_country_or_part_of_it_is_refused_with_what_to_write(country: str, subdivision: str) -> None:
    with pytest.raises(ConfigError) as refused:
        public_holidays(country, subdivision, [2026])
    assert str(refused.value) == (
        f"no public holidays are known for country {country!r}, subdivision {subdivision!r}; write the country as in "
        "ISO 3166-1 (GB) and the subdivision as in ISO 3166-2 without the country (SCT), or leave it empty"
    )
