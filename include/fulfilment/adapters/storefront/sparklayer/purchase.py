"""One purchase as SparkLayer holds it: who it is, what its packages mean, and which of their lines are one line.

A purchase's goods lie in packages, which stand for shipments, returns and cancellations
(https://docs.sparklayer.io/developers/api/purchasing/send-orders): what is ordered is the sum over its packages, and
shipping part of a package makes two of it. So a line of ours is what its pieces in all packages have in common.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from include.fulfilment.adapters.storefront.fields import MOST_UNITS, Fields, decimal_of
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.mapping.text import shown

Json = Any
DRAFTS = frozenset({"quote", "awaiting_approval", "order_unconfirmed"})
ORDER, BASKET = "order", "cart"
LIVE = frozenset({"open", "held", "shipped"})
_NAME = 255
_LOOKUPS = ("sparklayer", "internal", "visible", "platform")


@dataclass(slots=True)
class Line:
    """One line over all packages: units by what their package means, and the net money of those that count."""

    line_id: str
    sku: str
    title: str
    units: dict[str, int] = field(default_factory=dict)
    net: Decimal = Decimal(0)

    @property
    def current(self) -> int:
        """Units that are ordered and neither cancelled nor returned."""
        return sum(units for meaning, units in self.units.items() if meaning in LIVE)

    @property
    def shipped(self) -> int:
        return self.units.get("shipped", 0)


class Purchase:
    """Reads one purchase; what is wrong with it stands in `problems`, in words."""

    def __init__(self, raw: Json, options: Options) -> None:
        self.problems: list[str] = []
        self.fields = Fields(raw, "", self.problems)
        self._options = options
        self._words = options.package_words()

    @property
    def identifiers(self) -> dict[str, str]:
        """Its identifiers that are there, by kind."""
        found = self.fields.inside("purchase_identifiers")
        named = {lookup: found.text(lookup, _NAME).strip() for lookup in _LOOKUPS}
        return {lookup: text for lookup, text in named.items() if text}

    @property
    def platform_id(self) -> str:
        """How the API addresses it: `<kind of identifier>/<identifier>`, by the one that never changes if it has it."""
        found = self.identifiers
        for lookup in _LOOKUPS:
            if text := found.get(lookup):
                return f"{lookup}/{text}"
        self.fields.problem("it has no identifier")
        return f"unreadable/{_digest(self.fields.raw)}"

    @property
    def name(self) -> str:
        """The number the customer sees, else the merchant's own."""
        found = self.identifiers
        return found.get("visible") or found.get("internal") or self.platform_id.partition("/")[2]

    @property
    def kind(self) -> str:
        """`cart`, `quote`, `awaiting_approval`, `order_unconfirmed` or `order`."""
        return self.fields.text("type", _NAME)

    @property
    def lives_elsewhere(self) -> bool:
        """Whether an eCommerce platform holds it too, and is its master."""
        return self._options.platform_purchases == "refuse" and "platform" in self.identifiers

    def packages(self) -> list[tuple[str, Fields]]:
        """(what it means, package) for each; the meaning is empty for a word that the site file does not name."""
        raw = self.fields.raw.get("packages")
        given = [raw] if isinstance(raw, dict) else raw  # one page of the documentation shows a single object
        found: list[tuple[str, Fields]] = []
        for number, each in enumerate(given if isinstance(given, list) else [], start=1):
            package = Fields(each, f"package {number}", self.problems)
            word = package.text("type", _NAME)
            if word not in self._words:
                package.problem(f"its type {shown(word)} is not named in storefront.options of the site file")
            found.append((self._words.get(word, ""), package))
        return found

    def lines(self) -> list[Line]:
        """Its lines, by SKU: packages do not keep the order in which the buyer put them."""
        lines: dict[str, Line] = {}
        for meaning, package in self.packages():
            items = items_of(package.raw)
            for raw, line_id in zip(items, line_ids(items, self._options), strict=True):
                piece = Fields(raw, f"{package.subject}, a line", self.problems)
                sku = piece.inside("identifiers").text("sku", _NAME)
                line = lines.setdefault(line_id, Line(line_id, sku, _title(piece)))
                line.units[meaning] = line.units.get(meaning, 0) + piece.units("quantity")
                if meaning in LIVE:
                    line.net += money(piece.inside("line_total"), "total_net")
        return sorted(lines.values(), key=lambda each: (each.sku, each.line_id))

    def cancelled(self) -> bool:
        """Whether nothing of it is left to ship or shipped."""
        meanings = {meaning for meaning, _ in self.packages()}
        return bool(meanings) and meanings <= {"cancelled", "returned"}

    def shipped(self) -> bool:
        """Whether everything that counts has left."""
        meanings = {meaning for meaning, _ in self.packages() if meaning in LIVE}
        return meanings == {"shipped"}

    def tracking_numbers(self) -> tuple[str, ...]:
        """Of all its shipped packages, each once."""
        name = self._options.tracking_field
        shipped = (package for meaning, package in self.packages() if meaning == "shipped")
        found = (Fields(each, "", []).text(name, _NAME) for each in shipments_of(shipped))
        return tuple(dict.fromkeys(number for number in found if number))


def shipments_of(packages: Iterator[Fields]) -> Iterator[Json]:
    """What is said of the parcels of these packages."""
    for package in packages:
        raw = package.raw.get("shipments")
        yield from raw if isinstance(raw, list) else []


def items_of(package: Mapping[str, Json]) -> list[Json]:
    """The pieces of lines in a package."""
    raw = package.get("line_items")
    return raw if isinstance(raw, list) else []


def line_ids(items: list[Json], options: Options) -> list[str]:
    """Our id of the line that each piece of one package belongs to, in their order. Pieces alike in everything are told
    apart by their mark, or while they have none by their order."""
    given = [item if isinstance(item, dict) else {} for item in items]
    settled = [bool(_mark(item, options) or _own_id(item, options)) for item in given]
    ids = [line_id_of(item, options) for item in given]
    taken = {line_id for line_id, is_settled in zip(ids, settled, strict=True) if is_settled}
    numbers: dict[str, int] = {}
    for index, base in enumerate(ids):
        if not settled[index]:
            number = numbers.get(base, 1)
            while _numbered(base, number) in taken:
                number += 1
            ids[index] = _numbered(base, number)
            taken.add(ids[index])
            numbers[base] = number + 1
    return ids


def line_id_of(item: Mapping[str, Json], options: Options) -> str:
    """Our id of a piece's line: the site's own where it has one, else made of what tells a line from another, which is
    its SKU, its attributes, and our mark on those that are alike."""
    if own := _own_id(item, options):
        return own
    raw = item.get("identifiers")
    sku = raw.get("sku") if isinstance(raw, dict) else None
    theirs = [each for each in _attributes(item) if not _is_mark(each, options)]
    mark = _mark(item, options)
    return _numbered(_digest([sku, theirs]), int(mark) if mark else 1)


def mark_alike(packages: list[Json], options: Options) -> None:
    """Marks lines of one package that are alike, wherever their pieces lie: once pieces move to other packages, their
    order tells nothing any more."""
    named = [(item, line_id) for package in packages for item, line_id in _named(package, options)]
    several = {line_id.partition("-")[0] for item, line_id in named if line_id != line_id_of(item, options)}
    for item, line_id in named:
        base, _, number = line_id.partition("-")
        if base in several and not _mark(item, options):
            item["custom_attributes"] = [*_attributes(item), {"key": options.line_mark, "value": number or "1"}]


def _own_id(item: Mapping[str, Json], options: Options) -> str:
    """The site's own id of a piece's line, where it keeps one."""
    raw = item.get("identifiers")
    own = raw.get(options.line_id_field) if options.line_id_field and isinstance(raw, dict) else None
    return str(own).strip()[:100] if isinstance(own, str | int) and not isinstance(own, bool) else ""


def _named(package: Json, options: Options) -> list[tuple[dict[str, Json], str]]:
    items = items_of(package) if isinstance(package, dict) else []
    both = zip(items, line_ids(items, options), strict=True)
    return [(item, line_id) for item, line_id in both if isinstance(item, dict)]


def _attributes(item: Mapping[str, Json]) -> list[Json]:
    raw = item.get("custom_attributes")
    return raw if isinstance(raw, list) else []


def _is_mark(attribute: Json, options: Options) -> bool:
    return isinstance(attribute, dict) and attribute.get("key") == options.line_mark


def _mark(item: Mapping[str, Json], options: Options) -> str:
    """Our number on a piece, as a whole number in text; empty where it has none."""
    found = next((str(each.get("value")) for each in _attributes(item) if _is_mark(each, options)), "")
    return found if re.fullmatch("[1-9][0-9]{0,3}", found) else ""


def _numbered(line_id: str, number: int) -> str:
    return line_id if number == 1 else f"{line_id}-{number}"


def units_of(item: Mapping[str, Json]) -> int:
    """Units of a piece; 0 where they cannot be read."""
    value: Json = item.get("quantity")
    whole = isinstance(value, int) and not isinstance(value, bool)
    return int(value) if whole and 0 < value <= MOST_UNITS else 0


def money(fields: Fields, key: str) -> Decimal:
    """The amount of a MonetaryObject `{number: text, currency}`; 0 where there is none, a problem where it is none."""
    if fields.raw.get(key) is None:
        return Decimal(0)
    number = fields.inside(key).raw.get("number")
    found = decimal_of(number)
    if found is None:
        fields.problem(f"{key} {shown(number)} is not an amount of money")
    return found or Decimal(0)


def _title(piece: Fields) -> str:
    parent, child = piece.text("name_parent", 500), piece.text("name_child", 500)
    return " ".join(dict.fromkeys(each for each in (parent, child) if each))[:500]


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]
