"""The operators, run as a task runs them, on a real store and the sandbox shop."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk.exceptions import TaskDeferred

from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.orchestration import drift_operators, operators
from include.fulfilment.orchestration.defaults import plan_sites
from include.fulfilment.orchestration.operators import MOST_DEFERRALS, BeatOperator
from include.fulfilment.orchestration.what_if_operator import PublishWhatIfOperator
from tests.stories.world import World

CONTEXT: Any = {}
FLOWS = {
    "order_release": ("CollectOrdersOperator", "DecideReleasesOperator", "SubmitWarehouseOrdersOperator"),
    "stock_sync": ("CollectStockOperator", "DecideAvailabilityOperator", "SubmitAvailabilityOperator"),
    "fulfilment_aggregation": (
        "CollectShipmentsOperator",
        "DecideFulfilmentsOperator",
        "SubmitFulfilmentsOperator",
    ),
}


def run(world: World, flow: str, **given: Any) -> list[dict[str, Any]]:
    """What each beat of one run of a flow answers."""
    answers = []
    for number, name in enumerate(FLOWS[flow]):
        operator: BeatOperator = getattr(operators, name)(task_id=f"beat{number}", site=world.site_code, **given)
        answers.append(operator.execute(CONTEXT))
    return answers


def calls_made(world: World) -> dict[tuple[str, str], int]:
    """Calls to the shop as they are stored, by operation and outcome."""
    rows = world.query("SELECT operation, outcome, calls FROM remote_call WHERE site = %(site)s AND system = 'shopify'")
    return {(row["operation"], row["outcome"]): row["calls"] for row in rows}


def test_the_beats_take_an_order_to_the_floor_and_back_with_counts_alone_in_xcom(installed: World) -> None:
    installed.goods("MUG", 50)
    name = installed.sell(("MUG", 10), note="PO: PO-1")
    stock = run(installed, "stock_sync")
    released = run(installed, "order_release")
    assert [sum(each.ordered.values()) for each in installed.held(name)] == [10]
    installed.floor.ship(installed.ref(name))
    shipped = run(installed, "fulfilment_aggregation")
    assert installed.status(name) == ("FULFILLED", "fulfilled")
    assert (released[1]["release"], released[2]["created"], shipped[2]["posted"]) == (1, 1, 1)
    for answer in [*stock, *released, *shipped]:
        assert answer.pop("site") == installed.site_code
        assert all(isinstance(value, int) for value in answer.values()), answer


def test_the_clock_of_each_beat_and_the_calls_it_made_are_stored(installed: World) -> None:
    installed.goods("MUG", 50)
    run(installed, "stock_sync")
    clocks = installed.query("SELECT dag_id, beat, figures FROM run_clock WHERE site = %(site)s ORDER BY beat")
    assert [(row["dag_id"], row["beat"]) for row in clocks] == [
        ("stock_sync", "collect"),
        ("stock_sync", "decide"),
        ("stock_sync", "submit"),
    ]
    assert clocks[1]["figures"] == {"variants": 1, "differ": 1}
    assert calls_made(installed)["FulfilmentSetAvailable", "200"] == 1


def test_a_dry_run_submits_nothing(installed: World) -> None:
    installed.goods("MUG", 50)
    installed.sell(("MUG", 10))
    run(installed, "stock_sync", dry_run=True)
    assert run(installed, "order_release", dry_run=True)[2] == {"site": installed.site_code, "dry_run": 1}
    assert (installed.floor.held(), installed.shown()) == ([], {"MUG": -10})


def test_only_the_named_skus_are_pushed(installed: World) -> None:
    installed.goods("MUG", 50)
    installed.goods("CUP", 20)
    run(installed, "stock_sync", skus=["CUP"])
    assert installed.shown() == {"MUG": 0, "CUP": 20}


def collect_stock(world: World) -> BeatOperator:
    return operators.CollectStockOperator(task_id="collect", site=world.site_code)


def test_a_long_wait_that_a_remote_asks_for_takes_no_worker_slot(installed: World) -> None:
    installed.floor.down, installed.floor.asks_to_wait = True, 30.0
    with pytest.raises(TaskDeferred) as deferred:
        collect_stock(installed).execute(CONTEXT)
    trigger = deferred.value.trigger
    assert isinstance(trigger, TimeDeltaTrigger)
    left = trigger.moment - installed.clock()
    assert timedelta(seconds=25) < left <= timedelta(seconds=30)
    assert (deferred.value.method_name, deferred.value.kwargs) == ("resume", {"deferred": 1})


def test_after_the_wait_the_beat_goes_on(installed: World) -> None:
    installed.goods("MUG", 50)
    assert collect_stock(installed).resume(CONTEXT, None, deferred=1)["levels"] == 1


def test_a_short_wait_is_left_to_the_task_s_own_retry(installed: World) -> None:
    installed.floor.down, installed.floor.asks_to_wait = True, 2.0
    with pytest.raises(RetryableError, match="cannot be reached"):
        collect_stock(installed).execute(CONTEXT)


def test_deferring_ends(installed: World) -> None:
    installed.floor.down, installed.floor.asks_to_wait = True, 30.0
    with pytest.raises(RetryableError):
        collect_stock(installed).resume(CONTEXT, None, deferred=MOST_DEFERRALS)


@pytest.mark.parametrize(
    ("variable", "conn_id"), [("FULFILMENT_DB", "fulfilment_db"), ("STOREFRONT_{}", "storefront_")]
)
def test_a_missing_connection_is_named(
    installed: World, variable: str, conn_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_{variable.format(installed.site_code.upper())}")
    with pytest.raises(ConfigError, match=f"connection '{conn_id}[a-z0-9_]*' is not defined in Airflow; add it"):
        collect_stock(installed).execute(CONTEXT)


def test_an_unknown_site_is_answered_with_the_known_ones(installed: World) -> None:
    with pytest.raises(ConfigError, match=f"site 'west' is not configured; known sites: {installed.site_code}"):
        plan_sites("west")
    assert (plan_sites(None), plan_sites(installed.site_code)) == ([installed.site_code], [installed.site_code])


def test_calls_are_counted_even_when_the_beat_fails(installed: World) -> None:
    installed.fault("orders", "5xx_before", times=9)
    with pytest.raises(RetryableError, match="503"):
        operators.CollectOrdersOperator(task_id="collect", site=installed.site_code).execute(CONTEXT)
    assert calls_made(installed)["FulfilmentOrders", "503"] == 4


def drift(world: World, cut_off: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """What judging and publishing one cut-off answer; a new one where none is given."""
    collect = drift_operators.CollectDriftOperator(task_id="collect", site=world.site_code, cut_off=cut_off)
    collected = collect.execute(CONTEXT)
    judged = drift_operators.JudgeDriftOperator(task_id="decide", collected=collected).execute(CONTEXT)
    return judged, drift_operators.PublishDriftOperator(task_id="publish", collected=judged).execute(CONTEXT)


def test_a_drift_report_is_published_and_its_replay_gives_the_same_digest(installed: World, tmp_path: Path) -> None:
    """D5."""
    installed.goods("MUG", 50)
    run(installed, "stock_sync")
    installed.control.set_inventory("MUG", 7)
    judged, published = drift(installed)
    files = {file.name for file in (tmp_path / "reports").rglob("*") if file.is_file()}
    assert {"drift.html", "drift.csv", "drift.parquet"} <= files
    assert published["files"] >= 3
    calls = installed.control.calls()
    clocks = "SELECT beat, good_at FROM run_clock WHERE site = %(site)s AND dag_id = 'drift_report' ORDER BY beat"
    before = installed.query(clocks)
    again, _ = drift(installed, judged["cut_off"])
    assert again["digest"] == judged["digest"]
    assert (len(before), installed.query(clocks)) == (3, before)  # an old night is no report of last night
    assert installed.control.calls() == calls


def test_a_replay_of_an_unknown_cut_off_is_refused(installed: World) -> None:
    with pytest.raises(DataError, match="no drift rows are kept"):
        drift(installed, "2020-01-01T00:00:00+00:00")


def test_a_misspelt_parameter_is_refused_and_not_taken_for_none() -> None:
    dag = SimpleNamespace(dag_id="order_release", params={"site": None, "dry_run": False})
    run = SimpleNamespace(conf={"dryrun": True})
    with pytest.raises(ConfigError, match="order_release has no parameter 'dryrun'; it has: dry_run, site"):
        plan_sites(None, dag, run)


def what_if(world: World, policy: str = "", site_file: str = "") -> dict[str, Any]:
    """What one run of release_what_if answers for the merchant."""
    operator = PublishWhatIfOperator(
        task_id="publish", site=world.site_code, days=30, policy=policy, site_file=site_file
    )
    return operator.execute(CONTEXT)


def test_a_what_if_writes_its_report_calls_nobody_and_leaves_every_order_alone(
    installed: World, tmp_path: Path
) -> None:
    installed.goods("MUG", 50)
    installed.sell(("MUG", 10))
    run(installed, "stock_sync")
    run(installed, "order_release")
    own = next((tmp_path / "sites" / "release").glob("*.yaml"))
    policy = yaml.safe_load(own.read_text(encoding="utf-8")) | {"version": "test-2", "largest_line_base": 5}
    own.with_name("strict.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    before, calls = installed.contents(), installed.control.calls()
    expected = {
        "site": installed.site_code,
        "orders": 1,
        "decisions": 1,
        "agreeing": 1,
        "read_otherwise": 0,
        "files": 3,
    }
    assert what_if(installed) == expected | {"flips": 0}
    assert what_if(installed, "strict.yaml") == expected | {"flips": 1}
    assert (installed.contents(), installed.control.calls()) == (before, calls)
    reports = {file.stem for file in (tmp_path / "reports").rglob("*.html")}
    assert reports == {"what-if-present", "what-if-strict"}


def test_a_what_if_of_another_mapping_reads_the_shop_again_by_it_and_stores_nothing(
    installed: World, tmp_path: Path
) -> None:
    installed.goods("MUG", 50)
    installed.sell(("MUG", 10), note="Our order 4711")
    run(installed, "stock_sync")
    run(installed, "order_release")
    (own,) = (tmp_path / "sites").glob("*.yaml")
    stated = yaml.safe_load(own.read_text(encoding="utf-8"))
    stated["mapping"] = {"po_number": [{"note_pattern": "our order {value}"}]}
    own.with_name("try.next.yaml").write_text(yaml.safe_dump(stated), encoding="utf-8")
    before = installed.contents()
    strict = next((tmp_path / "sites" / "release").glob("*.yaml"))
    policy = yaml.safe_load(strict.read_text(encoding="utf-8")) | {"version": "test-2", "largest_line_base": 5}
    strict.with_name("strict.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    answers = [what_if(installed, site_file="try.next.yaml"), what_if(installed, "strict.yaml", "try.next.yaml")]
    assert [(each["flips"], each["read_otherwise"]) for each in answers] == [(0, 1), (1, 1)]
    assert installed.contents() == before
    reports = {file.stem for file in (tmp_path / "reports").rglob("*.html")}
    assert reports == {"what-if-try-next", "what-if-try-next-strict"}
    assert plan_sites(None) == [installed.site_code]  # the proposed file is none


def test_a_what_if_of_a_policy_that_is_not_there_is_refused_and_writes_nothing(
    installed: World, tmp_path: Path
) -> None:
    for name in ("../sites/site.yaml", "gone.yaml"):
        with pytest.raises(ConfigError, match=r"policy '.+beside site\.yaml"):
            what_if(installed, name)
    assert not (tmp_path / "reports").exists()
