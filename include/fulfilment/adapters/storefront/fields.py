"""Reading untrusted JSON: each getter answers a safe value of the right type and notes in words what was wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from include.fulfilment.mapping.text import shown, storable

Json = Any
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # stands for an instant that could not be read
MOST_UNITS = 1_000_000_000  # Shopify's own upper bound of a quantity
_MOST_PROBLEMS = 20
_MONEY = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,20})?")


class Fields:
    """One record. `problems` is shared with the records inside it; `subject` starts each sentence."""

    def __init__(self, raw: Json, subject: str, problems: list[str]) -> None:
        self.raw: Mapping[str, Json] = raw if isinstance(raw, dict) else {}
        self.subject = subject
        self.problems = problems
        if not isinstance(raw, dict):
            self.problem("is no record")

    def problem(self, words: str) -> None:
        """Notes a problem, once, and at most twenty of them."""
        sentence = f"{self.subject}: {words}" if self.subject else words
        if sentence not in self.problems and len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(sentence)

    def text(self, key: str, limit: int, required: bool = False) -> str:
        """Text of at most `limit` characters. Longer text is cut to be safe to keep, and noted, so it is never used
        as if it were whole."""
        value = self.raw.get(key)
        if value is None:
            if required:
                self.problem(f"{key} is missing")
            return ""
        if not isinstance(value, str):
            self.problem(f"{key} is {shown(value)} where text was expected")
            return ""
        if len(value) > limit:
            self.problem(f"{key} has {len(value)} characters, more than {limit}")
        return storable(value[:limit])

    def units(self, key: str, least: int = 0) -> int:
        """A whole number from `least` to a thousand million; 0 where it is not one."""
        value = self.raw.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_UNITS:
            self.problem(f"{key} {shown(value)} is not a whole number of {least} or more")
            return 0
        return value

    def instant(self, key: str, required: bool = True) -> datetime | None:
        """An instant in UTC; None where it is absent or unreadable."""
        value = self.raw.get(key)
        if value is None and not required:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.problem(f"{key} {shown(value)} is not an instant with its zone")
        return None

    def money(self, key: str, required: bool = True) -> Decimal:
        """The shop-currency amount of a money bag; 0 where it is not one."""
        amount = self.inside(key).inside("shopMoney").raw.get("amount") if isinstance(self.raw.get(key), dict) else None
        found = decimal_of(amount)
        if found is None:
            if required or amount is not None:
                self.problem(f"{key} {shown(amount)} is not an amount of money")
            return Decimal(0)
        return found

    def inside(self, key: str) -> Fields:
        """The record under `key`; an empty one where there is none."""
        value = self.raw.get(key)
        return Fields(value if isinstance(value, dict) else {}, self.subject, self.problems)


def decimal_of(value: Json) -> Decimal | None:
    """An amount of money from text or a JSON number; None for anything else, binary floats included."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = str(value).strip()
    return Decimal(text) if _MONEY.fullmatch(text) else None
