"""Paths with places in them: `/orders/{id}` stands for `/orders/7`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(each) for each in parts))


def fits(template: str, path: str) -> bool:
    """Whether the path is one of those that the template stands for."""
    return _pattern(template).fullmatch(path) is not None


def describes(theirs: str, ours: str) -> bool:
    """Whether a vendor's template is ours: a place of ours may be fixed in theirs, but no word of ours a place."""
    pairs = list(zip(theirs.split("/"), ours.split("/"), strict=False))
    same = all(one == other or other.startswith("{") for one, other in pairs)
    return same and theirs.count("/") == ours.count("/")


def best(templates: Iterable[str], path: str) -> str | None:
    """The template that the path is of: the one with the fewest places, where several fit."""
    found = [each for each in templates if fits(each, path)]
    return min(found, key=lambda each: each.count("{")) if found else None
