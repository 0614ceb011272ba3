"""What every part of the store shares: the open transaction's connection, the site, and rows as JSON parameters.

Sets travel as one JSON parameter, so that the number of statements does not grow with the number of rows. JSON holds
no binary fractions here: money goes in as text and comes out of `numeric` columns as Decimal.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from include.fulfilment.store_port import Json

Row = dict[str, Any]
StoreConnection = Connection[Row]


class SiteRows:
    """Rows of one site inside one open transaction."""

    def __init__(self, connection: StoreConnection, site: str) -> None:
        self._connection = connection
        self._site = site


def as_json(rows: Sequence[Any] | Json) -> str:
    """The rows as JSON text that PostgreSQL takes; instants, dates and decimals as text."""
    text = json.dumps(rows, default=str, ensure_ascii=False)
    if "\\u0000" in text:  # how JSON writes NUL, which no column of PostgreSQL can hold
        text = json.dumps(_without_nul(json.loads(text)), ensure_ascii=False)
    return _well_formed(text)


def plain(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL and halves of surrogate pairs are replaced."""
    return _well_formed(text.replace("\x00", "\ufffd"))


def _well_formed(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(each) for key, each in value.items()}
    return value
