"""
### hold_decision

**Purpose:** Ask a person about every hold that only their judgement ends: a stock reading that shrank, an unusually
large line or order, an order that was perhaps placed twice, an invoice order that nobody has approved.

**Trigger:** When such a hold is found that nobody is asked about yet; never by the clock, so no scheduled run waits for
a person. By hand to ask at once.

**Reads:** Open tickets of these holds in the store.

**Writes:** Decision rows: the same that the desk writes, and whoever is first decides. The answer wakes order_release
or stock_sync.

**Safe to rerun because:** Each question is asked by one run at a time, an answer names what was seen, and a second one
changes nothing. Nobody's silence ends a hold: after a day the question closes, and the ticket stays with its owner.

**When it fails:** docs/runbooks/hold_decision.md
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag

from include.fulfilment.orchestration.assets import QUESTION_OPEN
from include.fulfilment.orchestration.defaults import DEFAULT_ARGS, SITE
from include.fulfilment.orchestration.question_operators import AskPersonOperator, CollectQuestionsOperator


@dag(
    schedule=[QUESTION_OPEN],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=16,  # one that waits for a person keeps no other question waiting
    default_args=DEFAULT_ARGS,
    params={"site": SITE},
    render_template_as_native_obj=True,
    tags=["fulfilment", "people"],
    doc_md=__doc__,
)
def hold_decision() -> None:
    collect = CollectQuestionsOperator(task_id="collect", site="{{ params.site }}")
    AskPersonOperator.partial(task_id="ask").expand(question=collect.output)


hold_decision()
