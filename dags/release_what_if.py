"""
### release_what_if

**Purpose:** Say which orders of the last days another release policy, mapping or way of telling a warehouse would have
released or held, and why, before anybody agrees to it.

**Trigger:** By hand only: name a policy file beside the site's own, a site file `*.next.yaml` beside the site's own,
both, or none to prove the replay itself.

**Reads:** The kept decisions of those orders with their inputs, in one read-only transaction; no warehouse, and the
shops only for another mapping: their orders of these days are then read again.

**Writes:** what-if-NAME.html, .csv and .parquet under reports_uri; in the store only that the run ended well.

**Safe to rerun because:** It decides nothing and sends nothing; the files are replaced whole.

**When it fails:** docs/runbooks/release_what_if.md
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag, task, task_group

from include.fulfilment.orchestration.defaults import DAYS, DEFAULT_ARGS, POLICY, SITE, SITE_FILE, plan_sites
from include.fulfilment.orchestration.what_if_operator import PublishWhatIfOperator


@dag(
    schedule=None,
    is_paused_upon_creation=False,  # nothing starts it but a person, whose run must not wait to be let go
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"site": SITE, "policy": POLICY, "site_file": SITE_FILE, "days": DAYS},
    render_template_as_native_obj=True,
    tags=["fulfilment", "release"],
    doc_md=__doc__,
)
def release_what_if() -> None:
    sites = task(plan_sites, task_id="sites")("{{ params.site }}")

    @task_group(group_id="what_if")
    def one_site(site: str) -> None:
        PublishWhatIfOperator(
            task_id="publish",
            site=site,
            policy="{{ params.policy or '' }}",
            site_file="{{ params.site_file or '' }}",
            days="{{ params.days }}",
        )

    one_site.expand(site=sites)


release_what_if()
