"""When a statement was true: by the rule that the site declares, never by when we happened to read it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import field_validator, model_validator

from include.fulfilment.adapters.tables.cells import Unreadable, at_zone, moment
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Row, Table
from include.fulfilment.yaml_file import Strict

_DATED = frozenset({"column", "file_name"})


class AsOf(Strict):
    """`by` says where the instant stands: in a `column`, in the `file_name`, in the time a file was written
    (`file_time`), or that the source answers with the state of the moment (`reading`).

    A date in words needs its `format` (strptime; for a file name the whole name, `aged_%Y%m%d.csv`) and its `zone`;
    where the format names no hour, `at` says which time of that day the figures show. None of it is guessed.
    """

    by: Literal["column", "file_name", "file_time", "reading"]
    column: str = ""
    format: str = ""
    zone: str = ""
    at: time | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return value and ZoneInfo(value).key
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write it like Europe/London") from error

    @model_validator(mode="after")
    def _complete(self) -> AsOf:
        if (self.by == "column") != bool(self.column):
            raise ValueError("`column` goes with `by: column`, and only with it")
        if self.by in _DATED and not (self.format and self.zone):
            raise ValueError(f"`by: {self.by}` needs the `format` of the date and its `zone`")
        has_hour = any(sign in self.format for sign in ("%H", "%I", "%c", "%X"))
        if self.by in _DATED and has_hour == (self.at is not None):
            raise ValueError("give `at` (HH:MM) where `format` names no hour, and only there")
        return self

    def of_name(self, name: str) -> datetime | None:
        """The instant in a file's name; None where the rule is another or the name is not of this form."""
        if self.by != "file_name":
            return None
        try:
            return moment(name, self.format, self.zone, self.at)
        except Unreadable:
            return None

    def of_table(self, table: Table) -> datetime | None:
        """The instant of the whole reading; None where every row has its own. Raises DataError for one that cannot be
        known or lies in the future."""
        if self.by == "column":
            return None
        found = {
            "file_name": self.of_name(table.name),
            "file_time": table.written_at,
            "reading": table.began_at,
        }[self.by]
        if found is None:
            raise DataError(f"{table.name}: when it was true cannot be known by {self.by!r}; correct as_of", table.name)
        if found > table.began_at:
            words = f"it says that it was true at {found.astimezone(UTC).isoformat()}, which is still to come"
            raise DataError(f"{table.name}: {words}; correct as_of in the site file", table.name)
        return found

    def of_row(self, row: Row, table: Table) -> datetime:
        """The instant of one row. Raises Unreadable."""
        cell = row.get(self.column)
        found = at_zone(cell, self.zone, self.at)
        if found is None:
            found = moment(str(cell or ""), self.format, self.zone, self.at)
        if found > table.began_at:
            raise Unreadable("dated in the future", str(cell))
        return found
