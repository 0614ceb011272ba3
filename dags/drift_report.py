"""
### drift_report

**Purpose:** Say where the two systems disagree at one cut-off, why, and who acts next, with evidence that replays.

**Trigger:** Nightly at 02:30 UTC; by hand, also for an older cut-off.

**Reads:** Both systems, into rows kept under the cut-off; with a cut-off given, only those kept rows.

**Writes:** Drift rows and tickets in the store; drift.html, drift.csv and drift.parquet under reports_uri.

**Safe to rerun because:** The verdict depends only on the kept rows; publishing first proves that they still give
the stored digest.

**When it fails:** docs/runbooks/drift_report.md
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag, task, task_group

from include.fulfilment.orchestration.defaults import CUT_OFF, DEFAULT_ARGS, SITE, plan_sites
from include.fulfilment.orchestration.drift_operators import (
    CollectDriftOperator,
    JudgeDriftOperator,
    PublishDriftOperator,
)


@dag(
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"site": SITE, "cut_off": CUT_OFF},
    render_template_as_native_obj=True,
    tags=["fulfilment", "drift"],
    doc_md=__doc__,
)
def drift_report() -> None:
    sites = task(plan_sites, task_id="sites")("{{ params.site }}")

    @task_group(group_id="report")
    def one_site(site: str) -> None:
        collect = CollectDriftOperator(
            task_id="collect", site=site, cut_off="{{ params.cut_off or '' }}", pool="storefront"
        )
        decide = JudgeDriftOperator(task_id="decide", collected=collect.output)
        publish = PublishDriftOperator(task_id="publish", collected=decide.output)
        decide >> publish

    one_site.expand(site=sites)


drift_report()
