"""What on-call hears of a task that failed for good."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from include.fulfilment.errors import TerminalError
from include.fulfilment.orchestration import operators
from include.fulfilment.orchestration.callbacks import report_failure
from include.fulfilment.orchestration.operators import CollectStockOperator
from tests.stories.world import World


def failed(world: World, task_id: str = "sync.collect", dag_id: str = "stock_sync") -> dict[str, Any]:
    """The context that Airflow hands to a failure callback."""
    task = SimpleNamespace(site=world.site_code)
    ti = SimpleNamespace(dag_id=dag_id, task_id=task_id, task=task, run_id="run-1", log_url="http://airflow/log")
    return {"ti": ti, "exception": TerminalError("the shop refused: no such location")}


def test_a_failed_task_opens_one_ticket_with_cause_run_and_log(installed: World) -> None:
    for _ in range(2):
        report_failure(failed(installed))
    subject = f"stock_sync collect of site {installed.site_code}"
    assert installed.tickets() == [("task_failed", subject, "on_call")]
    assert installed.evidence("task_failed") == {
        "cause": "TerminalError: the shop refused: no such location",
        "run": "run-1",
        "log": "http://airflow/log",
    }


def test_the_ticket_closes_when_the_same_beat_ends_well_and_not_before(installed: World) -> None:
    """F48."""
    installed.goods("MUG", 50)
    report_failure(failed(installed))
    report_failure(failed(installed, "sync.submit"))
    CollectStockOperator(task_id="collect", site=installed.site_code).execute({})  # type: ignore[typeddict-item]
    assert [subject for _, subject, _ in installed.tickets()] == [f"stock_sync submit of site {installed.site_code}"]


def test_a_run_that_cannot_even_plan_its_sites_tells_every_site_until_one_runs_again(installed: World) -> None:
    """F48. The task `sites` belongs to no site."""
    installed.goods("MUG", 50)
    context = failed(installed, "sites")
    context["ti"].task = None
    report_failure(context)
    assert installed.tickets() == [("task_failed", "stock_sync sites", "on_call")]
    CollectStockOperator(task_id="collect", site=installed.site_code).execute({})  # type: ignore[typeddict-item]
    assert installed.tickets() == []


class NotRendered:
    """What a mapped task holds for its site until it runs."""

    def __str__(self) -> str:
        return "MappedArgument(_input=ListOfDictsExpandInput(...), _key='site')"


@pytest.mark.parametrize("site", [NotRendered(), "{{ params.site }}"])
def test_a_killed_task_whose_site_was_never_rendered_tells_every_site(installed: World, site: Any) -> None:
    """Its callback runs in the DAG processor, on the task as parsed."""
    context = failed(installed)
    context["ti"].task = SimpleNamespace(site=site)
    report_failure(context)
    assert installed.tickets() == [("task_failed", "stock_sync collect", "on_call")]


@pytest.mark.parametrize("part", [{"dry_run": True}, {"order_ids": ["1042"]}, {"skus": ["MUG"]}])
def test_a_run_of_a_part_or_a_dry_one_neither_closes_the_ticket_nor_counts_as_a_good_run(
    installed: World, part: dict[str, Any]
) -> None:
    report_failure(failed(installed, "sync.submit"))
    operators.SubmitAvailabilityOperator(task_id="submit", site=installed.site_code, **part).execute({})  # type: ignore[typeddict-item]
    assert [code for code, _, _ in installed.tickets()] == ["task_failed"]
    assert installed.query("SELECT beat FROM run_clock WHERE site = %(site)s") == []


def test_the_notice_says_cause_owner_and_next_step(installed: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        report_failure(failed(installed))
    (notice,) = [each.getMessage() for each in caplog.records if "Subject:" in each.getMessage()]
    assert notice.splitlines() == [
        f"Subject: stock_sync collect of site {installed.site_code} failed",
        "Cause: TerminalError: the shop refused: no such location",
        "Owner: on call",
        "Next step: Read the error in the evidence, mend its cause and rerun the task.",
        "Log: http://airflow/log",
    ]


def test_it_never_raises_whatever_is_broken(
    installed: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FULFILMENT_NOTIFY_EMAIL", "oncall@example.org")
    monkeypatch.delenv("AIRFLOW_CONN_FULFILMENT_DB")
    with caplog.at_level(logging.ERROR):
        report_failure(failed(installed))
    told = [each.getMessage() for each in caplog.records if "on-call could not be told" in each.getMessage()]
    assert told == [
        "on-call could not be told: failed to store the ticket",
        "on-call could not be told: failed to send the mail",
    ]


def test_a_context_without_exception_and_log_still_opens_the_ticket(installed: World) -> None:
    task = SimpleNamespace(site=installed.site_code)
    ti = SimpleNamespace(dag_id="order_release", task_id="release.decide", task=task, run_id="run-1")
    report_failure({"ti": ti})
    assert installed.evidence("task_failed") == {"cause": "NoneType: None", "run": "run-1", "log": ""}
