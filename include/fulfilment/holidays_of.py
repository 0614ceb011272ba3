"""Public holidays for a warehouse's working calendar, by the library of https://holidays.readthedocs.io."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from include.fulfilment.errors import ConfigError


def public_holidays(country: str, subdivision: str, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of those years, with the days that are off in place of one at the weekend.

    `country` as in ISO 3166-1 (GB), `subdivision` as in ISO 3166-2 without the country (SCT); empty: only what the
    whole country shares, which for GB is without Easter Monday. Raises ConfigError when one of the two is unknown.
    """
    import holidays  # not above: it takes most of a second, and every task reads the site files

    unknown = ConfigError(
        f"no public holidays are known for country {country!r}, subdivision {subdivision!r}; write the country as "
        "in ISO 3166-1 (GB) and the subdivision as in ISO 3166-2 without the country (SCT), or leave it empty"
    )
    if not re.fullmatch("[A-Z]{2}", country):  # stock exchanges and the library's own names are no country
        raise unknown
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=years))
    except NotImplementedError as error:
        raise unknown from error
