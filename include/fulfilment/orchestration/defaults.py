"""What all DAGs of the package share: retries, time-outs, callbacks, parameters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, Param, RetryAction, RetryRule

from include.fulfilment.orchestration.callbacks import report_failure

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="include.fulfilment.errors.ConfigError", action=RetryAction.FAIL, reason="settings"),
        RetryRule(exception="include.fulfilment.errors.TerminalError", action=RetryAction.FAIL, reason="refused"),
    ]
)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "operations",
    "retries": 3,
    "retry_delay": timedelta(seconds=15),
    "retry_policy": RETRY_POLICY,
    "execution_timeout": timedelta(minutes=30),
    "on_failure_callback": report_failure,
}

SITE = Param(
    None,
    type=["null", "string"],
    pattern="^[a-z][a-z0-9_]{0,30}$",
    title="Site",
    description="Only this site; empty for all configured sites.",
)
ORDER_IDS = Param(
    [],
    type="array",
    items={"type": "string", "minLength": 1, "maxLength": 200},
    title="Orders",
    description="Only these orders, by number (1042) or by our id; empty for all that wait.",
)
SKUS = Param(
    [],
    type="array",
    items={"type": "string", "minLength": 1, "maxLength": 255},
    title="SKUs",
    description="Push only these SKUs; empty for all that differ.",
)
CUT_OFF = Param(
    None,
    type=["null", "string"],
    format="date-time",
    title="Cut-off to replay",
    description="An earlier report's cut-off (UTC): its kept rows are judged again and nothing is read. Empty: now.",
)
POLICY = Param(
    None,
    type=["null", "string"],
    pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.yaml$",
    title="Policy to try",
    description="Name of a policy file beside the site's own, like release-next.yaml; empty: the one in force against "
    "itself, which must flip nothing.",
)
SITE_FILE = Param(
    None,
    type=["null", "string"],
    pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.next\.yaml$",
    title="Site file to try",
    description="Name of a site file beside the site's own that ends in .next.yaml, with another mapping or other "
    "words to the warehouses; empty: the one in force.",
)
DAYS = Param(
    90,
    type="integer",
    minimum=1,
    maximum=400,
    title="Days",
    description="Orders placed in so many days up to now.",
)
DRY_RUN = Param(
    False,
    type="boolean",
    title="Dry run",
    description="Read and judge, but write no decision and send nothing.",
)


def plan_sites(site: str | None, dag: Any = None, dag_run: Any = None) -> list[str]:
    """The sites of this run. Raises ConfigError when the one asked for is not configured, and for a parameter that the
    DAG does not have: Airflow lets it through, and a misspelt `dry_run` would send everything."""
    from include.fulfilment.errors import ConfigError
    from include.fulfilment.settings import load_site, load_sites

    unknown = sorted(set(dag_run.conf or {}) - set(dag.params)) if dag_run is not None and dag is not None else []
    if unknown:
        raise ConfigError(f"{dag.dag_id} has no parameter {unknown[0]!r}; it has: {', '.join(sorted(dag.params))}")
    return [load_site(site).code] if site else sorted(load_sites())
