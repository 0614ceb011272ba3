"""What a source of pack factors must be able to do, and how a whole reading of it looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from include.fulfilment.domain.quantity import PackRow
from include.fulfilment.domain.stock import is_suspicious
from include.fulfilment.ports.warehouse import Problem


@dataclass(frozen=True, slots=True)
class PackSnapshot:
    """A complete reading of the pack catalogue. `as_of` is when the catalogue was as read; `version` is its label for
    people. A kit is several rows of one SKU with the unit KIT, one for each component. A SKU of which any row cannot be
    used is left out whole: the row that is left might be the wrong one."""

    rows: tuple[PackRow, ...]
    version: str
    as_of: datetime
    problems: tuple[Problem, ...] = ()

    def is_doubtful(self, previous_skus: int, largest_drop_percent: int = 50) -> bool:
        """Whether the reading is empty, or so much smaller than the one before that it must not be used."""
        skus = len({row.sku for row in self.rows})
        return skus == 0 or is_suspicious(previous_skus, skus, largest_drop_percent)


class PackSource(Protocol):
    """The one pack catalogue of a site."""

    def read(self) -> PackSnapshot:
        """The whole catalogue. Raises DataError when it is incomplete or cannot be used as a whole, RetryableError when
        it is not there yet, ConfigError where a person must change a setting."""
        ...
