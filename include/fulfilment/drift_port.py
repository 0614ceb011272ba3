"""What drift_report asks of the store: the rows compared at each cut-off, kept for replay, and the verdicts on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from include.fulfilment.domain.discrepancy import Discrepancy
from include.fulfilment.domain.drift_inputs import OrderLineOurs, OrderLineShown, StockOurs, StockShown


@dataclass(frozen=True, slots=True)
class DriftEvidence:
    """The four row sets that one drift comparison reads."""

    stock_ours: Sequence[StockOurs]
    stock_shown: Sequence[StockShown]
    lines_ours: Sequence[OrderLineOurs]
    lines_shown: Sequence[OrderLineShown]


@dataclass(frozen=True, slots=True)
class DriftNight:
    """An earlier report: its cut-off, counts by cause and the keys of its rows."""

    cut_off: datetime
    counts: Mapping[str, int]
    keys: frozenset[str]


class DriftRows(Protocol):
    """The rows compared at each cut-off, kept for replay, and the verdicts on them."""

    def stock_ours(self, warehouse: str, cut_off: datetime, leaves_from: str = "") -> list[StockOurs]: ...
    def stock_shown(self, places: Sequence[str] = ("",)) -> list[StockShown]: ...
    def lines_ours(self, finished_since: datetime) -> dict[str, list[OrderLineOurs]]: ...
    def left_to_others(self, order_ids: Sequence[str]) -> dict[tuple[str, str], int]: ...
    def keep(self, cut_off: datetime, evidence: DriftEvidence) -> None: ...
    def evidence(self, cut_off: datetime) -> DriftEvidence: ...
    def save(
        self,
        cut_off: datetime,
        found: Sequence[Discrepancy],
        digest: str,
        headline: str,
        counts: Mapping[str, int],
        now: datetime,
    ) -> None: ...
    def digest(self, cut_off: datetime) -> str: ...
    def history(self, before: datetime, days: int) -> list[DriftNight]: ...
