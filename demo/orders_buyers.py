"""The buyers around the orders: companies, addresses and countries. All of it is invented; the file names only a
customer number and a country, and no real person or company is described."""

from __future__ import annotations

from demo.orders_chance import number, pick

UNKNOWN_COUNTRY = "ZZ"
"""Shopify's and CLDR's code for an unknown region: nothing is guessed, and preflight can see it."""

COUNTRIES = {
    "Australia": "AU",
    "Austria": "AT",
    "Bahrain": "BH",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Channel Islands": "JE",
    "Cyprus": "CY",
    "Czech Republic": "CZ",
    "Denmark": "DK",
    "EIRE": "IE",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Greece": "GR",
    "Hong Kong": "HK",
    "Iceland": "IS",
    "Israel": "IL",
    "Italy": "IT",
    "Japan": "JP",
    "Lebanon": "LB",
    "Lithuania": "LT",
    "Malta": "MT",
    "Netherlands": "NL",
    "Norway": "NO",
    "Poland": "PL",
    "Portugal": "PT",
    "RSA": "ZA",
    "Saudi Arabia": "SA",
    "Singapore": "SG",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "UK": "GB",
    "USA": "US",
    "United Arab Emirates": "AE",
    "United Kingdom": "GB",
}
CITIES = {"GB": ("Leeds", "Bristol", "Norwich", "Cardiff", "York"), "JE": ("Saint Helier",), "IE": ("Dublin", "Cork")}
OTHER_CITIES = ("Newhaven", "Harbourtown", "Millfield")
UK_AREAS = ("LS", "BS", "NR", "CF", "YO")
STREETS = ("Tanner Row", "Mill Lane", "Chapel Street", "Quay Road", "Orchard Way", "Station Parade", "Weavers Yard")
FIRST_WORDS = ("Juniper", "Lantern", "Bramble", "Copper", "Willow", "Harbour", "Thistle", "Marigold", "Pebble", "Fern")
LAST_WORDS = ("Gifts", "Trading", "Home", "& Daughters", "Emporium", "Living", "Garden Shop", "Stationers")
PEOPLE = ("Alex Morgan", "Sam Reid", "Robin Clarke", "Jo Barnes", "Charlie West", "Kim Doyle", "Terry Lane")


def country_code(name: str) -> str:
    """ISO 3166-1 alpha-2 of a country as the file writes it. EIRE is IE; the Channel Islands have no one code and
    become Jersey (JE); what is no country (Unspecified, European Community, anything else) is ZZ."""
    return COUNTRIES.get(name, UNKNOWN_COUNTRY)


def company(key: str) -> str:
    """A trading name, made unique by the customer's key."""
    return f"{pick(FIRST_WORDS, 'first', key)} {pick(LAST_WORDS, 'last', key)} {key}"


def person(key: str) -> str:
    return pick(PEOPLE, "person", key)


def address(key: str, country: str) -> dict[str, str]:
    """Where a customer takes delivery in that country (a code)."""
    cities = CITIES.get(country, OTHER_CITIES)
    first_name, last_name = person(key).split()
    return {
        "first_name": first_name,
        "last_name": last_name,
        "company": company(key),
        "address1": f"{number('house', key) % 180 + 1} {pick(STREETS, 'street', key)}",
        "city": pick(cities, "city", key),
        "zip": _postcode(key, country),
        "country_code": country,
    }


def _postcode(key: str, country: str) -> str:
    digits = number("postcode", key)
    if country != "GB":
        return f"{digits % 90_000 + 10_000}"
    area = UK_AREAS[CITIES["GB"].index(pick(CITIES["GB"], "city", key))]
    return f"{area}{digits % 20 + 1} {digits % 9 + 1}ZZ"
