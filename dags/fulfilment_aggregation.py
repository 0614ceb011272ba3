"""
### fulfilment_aggregation

**Purpose:** Turn what left the warehouse into one fulfilment per shipment, carrier and location, and call an order
fulfilled only when every line is shipped or cancelled.

**Trigger:** Every 5 minutes, and when a webhook tells of a shipment; by hand for named orders or as a dry run.

**Reads:** The warehouse's changed shipments and short closures.

**Writes:** Fulfilments with tracking and our status metafield in the shop; quantities and tickets in the store.

**Safe to rerun because:** Quantities are folded from the totals of all shipments, a fulfilment's key is unique, and the
shop is looked at before each create.

**When it fails:** docs/runbooks/fulfilment_aggregation.md
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task, task_group

from include.fulfilment.orchestration.assets import SHIPMENT_CHANGED, every_or_when
from include.fulfilment.orchestration.defaults import DEFAULT_ARGS, DRY_RUN, ORDER_IDS, SITE, plan_sites
from include.fulfilment.orchestration.operators import (
    CollectShipmentsOperator,
    DecideFulfilmentsOperator,
    SubmitFulfilmentsOperator,
)


@dag(
    schedule=every_or_when(timedelta(minutes=5), SHIPMENT_CHANGED),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"site": SITE, "order_ids": ORDER_IDS, "dry_run": DRY_RUN},
    render_template_as_native_obj=True,
    tags=["fulfilment", "shipments"],
    doc_md=__doc__,
)
def fulfilment_aggregation() -> None:
    sites = task(plan_sites, task_id="sites")("{{ params.site }}")

    @task_group(group_id="aggregate")
    def one_site(site: str) -> None:
        collect = CollectShipmentsOperator(task_id="collect", site=site, pool="warehouse")
        decide = DecideFulfilmentsOperator(
            task_id="decide", site=site, order_ids="{{ params.order_ids }}", dry_run="{{ params.dry_run }}"
        )
        submit = SubmitFulfilmentsOperator(
            task_id="submit", site=site, dry_run="{{ params.dry_run }}", pool="storefront"
        )
        collect >> decide >> submit

    one_site.expand(site=sites)


fulfilment_aggregation()
