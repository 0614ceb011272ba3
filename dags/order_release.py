"""
### order_release

**Purpose:** Give every sales order that may go to the warehouse exactly one complete warehouse order per part; hold the
rest, each with a reason.

**Trigger:** Every 5 minutes, and when a webhook tells of a changed order; by hand for named orders or as a dry run.

**Reads:** The shop's orders and credit accounts; the pack catalogue; the newest stock reading in the store.

**Writes:** Warehouse orders, and what the shop changed since they were sent; decisions, holds and tickets in the store;
our status metafield on the shop's order.

**Safe to rerun because:** Warehouse orders have derived keys under a unique constraint, a claim is exclusive, and
an order whose answer was lost is looked for before anything is created; a change is safe to ask again.

**When it fails:** docs/runbooks/order_release.md
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task, task_group

from include.fulfilment.orchestration.assets import ORDER_CHANGED, every_or_when
from include.fulfilment.orchestration.defaults import DEFAULT_ARGS, DRY_RUN, ORDER_IDS, SITE, plan_sites
from include.fulfilment.orchestration.operators import (
    CollectOrdersOperator,
    DecideReleasesOperator,
    SubmitWarehouseOrdersOperator,
)


@dag(
    schedule=every_or_when(timedelta(minutes=5), ORDER_CHANGED),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"site": SITE, "order_ids": ORDER_IDS, "dry_run": DRY_RUN},
    render_template_as_native_obj=True,
    tags=["fulfilment", "release"],
    doc_md=__doc__,
)
def order_release() -> None:
    sites = task(plan_sites, task_id="sites")("{{ params.site }}")

    @task_group(group_id="release")
    def one_site(site: str) -> None:
        collect = CollectOrdersOperator(task_id="collect", site=site, pool="storefront")
        decide = DecideReleasesOperator(
            task_id="decide", site=site, order_ids="{{ params.order_ids }}", dry_run="{{ params.dry_run }}"
        )
        submit = SubmitWarehouseOrdersOperator(
            task_id="submit", site=site, dry_run="{{ params.dry_run }}", pool="warehouse"
        )
        collect >> decide >> submit

    one_site.expand(site=sites)


order_release()
