"""The operators and the trigger of hold_decision, run as a task runs them, on a real store."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import DAG
from airflow.sdk.exceptions import TaskDeferred

from include.fulfilment.clock import system_clock
from include.fulfilment.domain.hold_decision import Question
from include.fulfilment.domain.matter import Team
from include.fulfilment.orchestration import question_trigger
from include.fulfilment.orchestration.question_operators import AskPersonOperator, CollectQuestionsOperator
from include.fulfilment.orchestration.question_trigger import QuestionTrigger
from include.fulfilment.services.hold_decision import KEEP, LIFT
from include.fulfilment.services.people import lift_hold
from tests.orchestration.test_operators import run
from tests.site_files import write_site
from tests.stories.world import World

TI = uuid4()
CONTEXT: Any = {
    "run_id": "run 1",
    "ti": SimpleNamespace(id=TI),
    "dag": SimpleNamespace(dag_id="hold_decision", params={"site": None}),
    "dag_run": SimpleNamespace(conf={}),
}


@pytest.fixture
def asked(installed: World, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Airflow is told to ask."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr("airflow.sdk.execution_time.hitl.upsert_hitl_detail", lambda **given: found.append(given))
    return found


def question(world: World) -> dict[str, str]:
    """One order that waits for operations, found by the DAG's first task."""
    world.site = world.site.model_copy(update={"teams": {Team.OPERATIONS: ("ola",)}})
    world.agree(largest_line_base=5)
    write_site(world.folder / "sites", world.site.model_dump(mode="json"))
    world.goods("MUG", 50)
    world.sell(("MUG", 10))
    run(world, "stock_sync")
    run(world, "order_release")
    (found,) = CollectQuestionsOperator(task_id="collect", site=world.site_code).execute(CONTEXT)
    return found


def deferred(act: Any) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as found:
        act()
    return found.value


def answered(option: str, reason: str, name: str = "Ola") -> dict[str, Any]:
    user = {"id": "ola", "name": name}
    given = {"params_input": {"reason": reason}, "responded_by_user": user, "responded_at": system_clock()}
    return given | {"chosen_options": [option], "timedout": False}


def verdicts(world: World) -> list[tuple[str, str, str]]:
    rows = world.query("SELECT person, verdict, reason FROM hold_decision WHERE site = %(site)s ORDER BY decision_id")
    return [(row["person"], row["verdict"], row["reason"]) for row in rows]


def test_a_mapped_question_has_its_own_form_and_not_the_runs_parameters() -> None:
    """Airflow gives a mapped task the DAG's parameters when it makes it."""
    with DAG("asking", params={"site": "demo"}, schedule=None):
        mapped = AskPersonOperator.partial(task_id="ask").expand(question=[{"site": "demo"}])
    made = mapped.unmap({"question": {"site": "demo"}})
    assert (list(made.params), made.question) == (["reason"], {"site": "demo"})


def test_the_people_of_the_team_are_asked_and_refusing_is_the_default(
    installed: World, asked: list[dict[str, Any]]
) -> None:
    ask = AskPersonOperator(task_id="ask", question=question(installed))
    waits = deferred(lambda: ask.execute(CONTEXT))
    (given,) = asked
    assert (given["ti_id"], given["options"], given["defaults"]) == (TI, [LIFT, KEEP], [KEEP])
    assert given["assigned_users"] == [{"id": "ola", "name": "ola"}]
    assert given["subject"].endswith(": unusually large quantity")
    assert "- base units: `10`" in given["body"]
    trigger = waits.trigger
    assert isinstance(trigger, QuestionTrigger)
    assert (trigger.closing, trigger.question, waits.method_name) == (KEEP, ask.question, "execute_complete")
    assert (ask.site, ask.response_timeout) == (installed.site_code, timedelta(hours=24))


@pytest.mark.parametrize(("option", "verdict"), [(LIFT, "lifted"), (KEEP, "refused")])
def test_an_answer_is_kept_with_its_person_and_reason(installed: World, option: str, verdict: str) -> None:
    ask = AskPersonOperator(task_id="ask", question=question(installed))
    assert ask.execute_complete(CONTEXT, answered(option, " by phone ")) == verdict
    assert verdicts(installed) == [("Ola", verdict, "by phone")]


def test_an_answer_without_a_reason_is_asked_for_again(installed: World, asked: list[dict[str, Any]]) -> None:
    ask = AskPersonOperator(task_id="ask", question=question(installed))
    deferred(lambda: ask.execute_complete(CONTEXT, answered(LIFT, "  ")))
    assert asked[0]["body"].startswith("**The last answer had no reason, so it was not taken.")
    assert verdicts(installed) == []


def test_an_answer_waits_while_the_store_is_away_and_is_stored_then(
    installed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = AskPersonOperator(task_id="ask", question=question(installed))
    with monkeypatch.context() as away:
        nowhere = '{"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "schema": "x", "login": "y"}'
        away.setenv("AIRFLOW_CONN_FULFILMENT_DB", nowhere)
        waits = deferred(lambda: ask.execute_complete(CONTEXT, answered(LIFT, "by phone")))
    assert isinstance(waits.trigger, TimeDeltaTrigger)
    assert (waits.method_name, verdicts(installed)) == ("store_answer", [])
    assert ask.store_answer(CONTEXT, None, **(waits.kwargs or {})) == "lifted"
    assert verdicts(installed) == [("Ola", "lifted", "by phone")]


@pytest.mark.parametrize("ended", ["gone", "timeout"])
def test_without_an_answer_nothing_is_decided(installed: World, ended: str) -> None:
    ask = AskPersonOperator(task_id="ask", question=question(installed))
    assert ask.execute_complete(CONTEXT, {"ended": ended}) == ended
    assert verdicts(installed) == []


def test_a_question_that_is_gone_before_it_was_asked_is_not_asked(
    installed: World, asked: list[dict[str, Any]]
) -> None:
    found = question(installed)
    lift_hold(installed.store, found["subject"], found["code"], "Ada", "by phone", system_clock)
    ask = AskPersonOperator(task_id="ask", question=found)
    assert (ask.execute(CONTEXT), asked) == ("gone", [])
    assert ask.execute_complete(CONTEXT, answered(KEEP, "late")) == "lifted"  # Ada's stands


def fired(trigger: QuestionTrigger, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[tuple[str, str]]]:
    """The trigger's event, and what it closed in Airflow."""
    closed: list[tuple[str, str]] = []

    async def first() -> Any:
        return (await anext(trigger.run())).payload

    monkeypatch.setattr(question_trigger, "_close", lambda *given: closed.append(given))
    monkeypatch.setattr(question_trigger, "LOOK_SECONDS", 0.01)
    return asyncio.run(asyncio.wait_for(first(), 20)), closed


def trigger_for(found: dict[str, str], seconds: float) -> QuestionTrigger:
    until = (system_clock() + timedelta(seconds=seconds)).isoformat()
    made = QuestionTrigger(str(TI), found, until, KEEP)
    kind, given = made.serialize()
    assert kind == "include.fulfilment.orchestration.question_trigger.QuestionTrigger"
    return QuestionTrigger(**given)


def test_the_trigger_ends_the_question_in_time_with_the_option_that_changes_nothing(
    installed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    trigger = trigger_for(question(installed), 0.5)
    assert fired(trigger, monkeypatch) == ({"ended": "timeout"}, [(str(TI), KEEP)])
    assert verdicts(installed) == []


def test_the_trigger_ends_the_question_that_somebody_answered_on_the_desk(
    installed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = question(installed)
    lift_hold(installed.store, found["subject"], found["code"], "Ada", "by phone", system_clock)
    assert fired(trigger_for(found, 3600), monkeypatch) == ({"ended": "gone"}, [(str(TI), KEEP)])


def test_a_question_without_evidence_still_says_what_each_answer_does(installed: World) -> None:
    from include.fulfilment.services.hold_decision import explanation

    asked = Question("snapshot_suspicious", "main", "v", "", "stock of main", system_clock())
    words = explanation(asked, installed.site)
    assert f"- **{LIFT}**: this one reading is used" in words
    assert f"- **{KEEP}**: the shop stays as it is" in words
