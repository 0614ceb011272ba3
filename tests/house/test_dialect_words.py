"""No word of a dialect stands in the rooms that serve every dialect.

Barred in domain, services, store, orchestration, desk, reports, mapping and dags, in code, comments and texts: the
names of systems, their EDI document numbers, and their id schemes. SparkLayer is the product that this package serves:
it may be named to readers, cited as a source (docs.sparklayer.io), and be the reason why an order is not ours
(`not_sparklayer`); `sparklayer` as the name of a dialect may not. mapping/units.py holds the unit tables by scheme and
names the schemes, which is what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.fulfilment.adapters import registry, storefront, warehouse

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = (
    *(f"include/fulfilment/{room}" for room in ("domain", "services", "store", "orchestration", "desk", "reports")),
    "include/fulfilment/mapping",
    "dags",
)
EXCEPTED = {"include/fulfilment/mapping/units.py"}
KINDS = {".py", ".sql", ".html", ".js", ".css", ".yaml", ".yml", ".md", ".json"}
SYSTEMS = sorted({*registry.dialects(warehouse), *registry.dialects(storefront)} - {"sparklayer"})
_NAMES = re.compile(rf"{'|'.join(SYSTEMS)}|\bedi\b", re.IGNORECASE)
_OTHERS = re.compile(r"(?<!docs\.)(?<!not )sparklayer|gid://|\b(?:940|943|944|945|846|947|997)\b|\bW05\b")


def words(text: str) -> list[tuple[int, str]]:
    """(line number, word) of each dialect word. Underscores part words: `tryton_sale` names Tryton."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        parted = line.replace("_", " ")
        found += [(number, match.group()) for each in (_NAMES, _OTHERS) for match in each.finditer(parted)]
    return found


def files() -> Iterator[Path]:
    for room in ROOMS:
        for file in sorted((CHECKOUT / room).rglob("*")):
            if file.suffix in KINDS and "vendor" not in file.parts and "__pycache__" not in file.parts:
                yield file


def test_no_dialect_word_stands_outside_its_adapter_its_sandbox_and_the_demo() -> None:
    found = []
    for file in files():
        name = file.relative_to(CHECKOUT).as_posix()
        if name not in EXCEPTED:
            found += [f"{name}:{number}: {word}" for number, word in words(file.read_text(encoding="utf-8"))]
    assert found == []


def test_every_dialect_is_among_the_words_that_are_barred() -> None:
    assert {"tryton", "shipbob", "mintsoft", "shiphero", "x12", "shopify"} <= set(SYSTEMS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a plain line", []),
        ("for SparkLayer, credited by edit 9401 on 1940-12-01", []),
        ("the rule of docs.sparklayer.io; not_sparklayer", []),
        ("import tryton_sale", ["tryton"]),
        ("# X12 W05 holds 22; an 856 is none of ours, the 945 is", ["X12", "W05", "945"]),
        ('if site.storefront.dialect == "sparklayer":', ["sparklayer"]),
        ("class ShopifyOrder:", ["Shopify"]),
        ("gid://shopify/Order/1", ["shopify", "gid://"]),
    ],
)
def test_what_counts_as_a_dialect_word(text: str, expected: list[str]) -> None:
    assert [word for _, word in words(text)] == expected
