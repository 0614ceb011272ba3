"""
### stock_sync

**Purpose:** Show buyers what the warehouse has and nobody has ordered yet, counted in what each variant is.

**Trigger:** Every 10 minutes, and when a webhook tells of a stock figure; by hand for named SKUs or as a dry run.

**Reads:** The warehouse's stock and shipments; what the shop shows; the shop's orders, last so that none is missed.

**Writes:** Changed availability only, by compare-and-set.

**Safe to rerun because:** A push that repeats is recognised by its key, one that comes late is refused by the compare,
and an older reading never overwrites a newer one.

**When it fails:** docs/runbooks/stock_sync.md
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task, task_group

from include.fulfilment.orchestration.assets import STOCK_CHANGED, every_or_when
from include.fulfilment.orchestration.defaults import DEFAULT_ARGS, DRY_RUN, SITE, SKUS, plan_sites
from include.fulfilment.orchestration.operators import (
    CollectStockOperator,
    DecideAvailabilityOperator,
    SubmitAvailabilityOperator,
)


@dag(
    schedule=every_or_when(timedelta(minutes=10), STOCK_CHANGED),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"site": SITE, "skus": SKUS, "dry_run": DRY_RUN},
    render_template_as_native_obj=True,
    tags=["fulfilment", "stock"],
    doc_md=__doc__,
)
def stock_sync() -> None:
    sites = task(plan_sites, task_id="sites")("{{ params.site }}")

    @task_group(group_id="sync")
    def one_site(site: str) -> None:
        collect = CollectStockOperator(task_id="collect", site=site, pool="warehouse")
        decide = DecideAvailabilityOperator(task_id="decide", site=site, dry_run="{{ params.dry_run }}")
        submit = SubmitAvailabilityOperator(
            task_id="submit", site=site, skus="{{ params.skus }}", dry_run="{{ params.dry_run }}", pool="storefront"
        )
        collect >> decide >> submit

    one_site.expand(site=sites)


stock_sync()
