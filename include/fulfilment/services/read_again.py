"""Orders read again from their shops under another mapping, to be compared with what was found: nothing is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from include.fulfilment.domain.correction import Correction, corrected, counting
from include.fulfilment.domain.details import TEXTS
from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.domain.what_if import DetailTotal
from include.fulfilment.mapping.extract import Extracted, is_of_mapping
from include.fulfilment.ports import Storefronts

_MAPPED = tuple(each.name for each in fields(Extracted))
"""What a mapping fills of an order; `problems` are what it could not read."""
_EXAMPLES = 5


class ReadAgain:
    """What the shops' orders say under another mapping. `orders` is how many of those asked about say something else,
    `unread` how many of them the shops did not give."""

    def __init__(self, storefronts: Storefronts, since: datetime) -> None:
        """Read every order placed since then from the shops, as these storefronts map it."""
        self._found = {
            (code, order.is_draft, order.platform_id): {name: getattr(order, name) for name in _MAPPED}
            for code, storefront in storefronts.items()
            for page in storefront.read_orders(since)
            for order in page.orders
            if order.placed_at >= since
        }
        self.orders = self.unread = 0
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._examples: dict[str, list[str]] = defaultdict(list)

    def otherwise(self, stored: SalesOrder, corrections: Mapping[str, Correction]) -> dict[str, Any]:
        """The fields of an order that differ from what is stored of it. What a person corrected does not differ."""
        found = self._found.get((stored.storefront, stored.is_draft, stored.platform_id))
        if found is None:
            self.unread += 1
            return {}
        # Problems of another kind, such as an order's twin, no mapping makes or mends.
        problems = [each for each in stored.problems if not is_of_mapping(each)]
        found = found | {"problems": (*problems, *filter(is_of_mapping, found["problems"]))}
        standing = {name: replace(each, instead_of=None) for name, each in counting(stored, corrections).items()}
        ours, theirs = (corrected(each, standing) for each in (stored, replace(stored, **found)))
        different = {name: getattr(theirs, name) for name in _MAPPED if getattr(ours, name) != getattr(theirs, name)}
        details = list(_details(ours, theirs))
        self.orders += bool(details)
        for field, how in details:
            self._counts[field][how] += 1
            self._examples[field].append(stored.name)
            del self._examples[field][_EXAMPLES:]
        return different

    def totals(self) -> tuple[DetailTotal, ...]:
        """The details that differ, those of the most orders first."""
        found = [
            DetailTotal(field, **_all(how), examples=tuple(self._examples[field]))
            for field, how in self._counts.items()
        ]
        return tuple(sorted(found, key=lambda each: (-each.found - each.lost - each.other, each.field)))


def _all(how: Mapping[str, int]) -> dict[str, int]:
    return {name: how[name] for name in ("found", "lost", "other")}


def _details(ours: SalesOrder, theirs: SalesOrder) -> Iterator[tuple[str, str]]:
    """The details that differ, and how. Whence a detail is makes no difference."""
    for name in (*(each for each in _MAPPED if each != "details"), *TEXTS):
        before, after = (getattr(each.details if name in TEXTS else each, name) for each in (ours, theirs))
        if before != after:
            yield name, "found" if not before else "other" if after else "lost"
