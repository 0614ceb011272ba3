"""The operator of release_what_if: reads, judges and writes the report in one task, as only counts travel in XCom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from include.fulfilment.orchestration.operators import BeatOperator

if TYPE_CHECKING:
    from include.fulfilment.orchestration.wiring import Wiring

PRESENT = "present"


class PublishWhatIfOperator(BeatOperator):
    """Judges the orders of the last days under another release policy or site file and writes what would flip, and why,
    as HTML, CSV and Parquet. Without either what is in force is compared with itself, which proves the replay."""

    template_fields: Sequence[str] = ("site", "days", "policy", "site_file")
    flow, beat_name = "release_what_if", "publish"

    def __init__(self, *, days: Any, policy: Any = "", site_file: Any = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.days = days
        self.policy = policy
        self.site_file = site_file

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.proposed import proposed_policy, proposed_site
        from include.fulfilment.reports.what_if import write_what_if
        from include.fulfilment.services import release_what_if
        from include.fulfilment.settings import Environment

        site, names = rooms.site, [str(each) for each in (self.site_file, self.policy) if each]
        candidate = proposed_site(site.code, str(self.site_file)) if self.site_file else site
        if self.policy:
            candidate = candidate.model_copy(update={"release": proposed_policy(site.code, str(self.policy))})
        found = release_what_if.replay(
            rooms.store, site, rooms.warehouses, candidate, rooms.storefronts_as, int(self.days), rooms.clock
        )
        called = "-".join(name.removesuffix(".yaml").replace(".", "-") for name in names) or PRESENT
        files = write_what_if(found, Environment().reports_uri, called)
        self.log.info("%s Report: %s", found.headline, files["html"])
        return {
            "orders": found.orders,
            "decisions": found.decisions,
            "flips": len(found.flips),
            "read_otherwise": found.read_otherwise,
            "agreeing": found.agreeing,
            "files": len(files),
        }
