"""Text from outside, made safe to store: bounded, and free of what a database cannot hold."""

from __future__ import annotations

import re

# A NUL is refused by PostgreSQL's text type; half a surrogate pair (an emoji cut in two) cannot be written as UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with each character that cannot be stored replaced by U+FFFD, so that the damage stays visible."""
    return _UNSTORABLE.sub("\ufffd", text)


def shown(value: object, limit: int = 60) -> str:
    """A short quotation of a value for a sentence about it."""
    text = storable(str(value))
    return repr(text if len(text) <= limit else text[:limit] + "…")
