"""The operator of release_what_if: reads, judges and writes the report in one task, as only counts travel in XCom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.fulfilment.orchestration.operators import BeatOperator

if TYPE_CHECKING:
    from include.fulfilment.orchestration.wiring import Wiring

PRESENT = "present"


class PublishWhatIfOperator(BeatOperator):
    """Judges the orders of the last days under another release policy and writes what would flip, and why, as HTML, CSV
    and Parquet. Without a policy the one in force is compared with itself, which proves the replay."""

    template_fields: Sequence[str] = ("site", "days", "policy")
    flow, beat_name = "release_what_if", "publish"

    def __init__(self, *, days: Any, policy: Any = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.days = days
        self.policy = policy

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.reports.what_if import write_what_if
        from include.fulfilment.services import release_what_if
        from include.fulfilment.settings import Environment, proposed_policy

        name = str(self.policy or "")
        candidate = proposed_policy(rooms.site.code, name) if name else rooms.site.release
        found = release_what_if.replay(
            rooms.store, rooms.site, rooms.warehouses, candidate, int(self.days), rooms.clock
        )
        files = write_what_if(found, Environment().reports_uri, Path(name).stem or PRESENT)
        self.log.info("%s Report: %s", found.headline, files["html"])
        return {
            "orders": found.orders,
            "decisions": found.decisions,
            "flips": len(found.flips),
            "agreeing": found.agreeing,
            "files": len(files),
        }
