"""The operators of drift_report. A replay is the same decide and publish on an older cut-off's kept rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from include.fulfilment.orchestration.operators import BeatOperator

if TYPE_CHECKING:
    from include.fulfilment.orchestration.wiring import Wiring
    from include.fulfilment.reports.drift import DriftReport

HISTORY_DAYS = 30


class CollectDriftOperator(BeatOperator):
    """Reads both systems and keeps the rows to compare; answers the cut-off they are kept under. With `cut_off` given
    nothing is read: that cut-off's rows are replayed."""

    template_fields: Sequence[str] = ("site", "cut_off")
    flow, beat_name = "drift_report", "collect"
    gives_way = True

    def __init__(self, *, cut_off: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cut_off = cut_off

    def covers_all(self) -> bool:
        return not self.cut_off

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import drift_report

        if self.cut_off:
            return {"cut_off": datetime.fromisoformat(self.cut_off).isoformat(), "replay": 1}
        cut_off, figures = drift_report.collect(
            rooms.store, rooms.warehouses, rooms.storefronts, rooms.site, rooms.clock
        )
        return {"cut_off": cut_off.isoformat(), **figures}


class JudgeDriftOperator(BeatOperator):
    """Compares the kept rows, gives every difference its cause and stores the verdict."""

    template_fields: Sequence[str] = ("collected",)
    flow, beat_name = "drift_report", "decide"

    def __init__(self, *, collected: Any, **kwargs: Any) -> None:
        super().__init__(site="", **kwargs)
        self.collected = collected

    def execute(self, context: Any) -> dict[str, Any]:
        self.site = self.collected["site"]
        return super().execute(context)

    def covers_all(self) -> bool:
        """A replay of an older cut-off is no report of last night."""
        return not self.collected.get("replay")

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import drift_report

        cut_off = datetime.fromisoformat(self.collected["cut_off"])
        report = build(rooms, cut_off)
        figures = drift_report.save_verdict(rooms.store, cut_off, report, rooms.clock)
        replay = {} if self.covers_all() else {"replay": 1}
        return {"cut_off": cut_off.isoformat(), "digest": report.hash, **replay, **figures}


class PublishDriftOperator(JudgeDriftOperator):
    """Writes the report's HTML, CSV and Parquet from the kept rows, after proving that they give the stored verdict."""

    beat_name = "publish"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.errors import DataError
        from include.fulfilment.reports.files import write_report
        from include.fulfilment.settings import Environment

        cut_off = datetime.fromisoformat(self.collected["cut_off"])
        report = build(rooms, cut_off)
        with rooms.store.transaction() as rows:
            stored = rows.drift.digest(cut_off)
        if report.hash != stored:
            raise DataError(f"drift report of {cut_off.isoformat()}: the kept rows give another verdict than stored")
        files = write_report(report, Environment().reports_uri)
        return {"files": len(files), "differences": len(report.rows)}


def build(rooms: Wiring, cut_off: datetime) -> DriftReport:
    """The report on the rows kept under `cut_off`."""
    from include.fulfilment.domain.discrepancy import DriftRules
    from include.fulfilment.reports.compare import DriftInputs
    from include.fulfilment.reports.drift import DriftDay, build_report

    with rooms.store.transaction() as rows:
        kept = rows.drift.evidence(cut_off)
        nights = rows.drift.history(cut_off, HISTORY_DAYS)
    inputs = DriftInputs(kept.stock_ours, kept.stock_shown, kept.lines_ours, kept.lines_shown)
    history = [DriftDay(night.cut_off.date(), night.counts, night.keys) for night in nights]
    rules = DriftRules(settling=timedelta(minutes=rooms.site.drift.settling_minutes))
    return build_report(rooms.site.code, cut_off, inputs, history, rules)
