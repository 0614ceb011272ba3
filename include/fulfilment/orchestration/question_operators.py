"""The operators of hold_decision: which questions there are, and one that asks a person and stores the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator, Param
from airflow.sdk.exceptions import TaskDeferred

from include.fulfilment.clock import system_clock
from include.fulfilment.errors import RetryableError
from include.fulfilment.orchestration.defaults import plan_sites
from include.fulfilment.orchestration.operators import DeskLink, task_scope
from include.fulfilment.orchestration.question_trigger import GONE, QuestionTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.fulfilment.domain.hold_decision import Question
    from include.fulfilment.settings import Site
    from include.fulfilment.store.database import PostgresStore

FLOW = "hold_decision"
AGAIN = timedelta(seconds=30)
REASON = Param(
    "", type="string", maxLength=500, title="Reason", description="Why. Kept for ever with your name; needed."
)


class CollectQuestionsOperator(BaseOperator):
    """Finds the holds that wait for a person and that nobody is asked about yet."""

    template_fields: Sequence[str] = ("site",)
    flow, beat_name = FLOW, "collect"

    def __init__(self, *, site: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.site = site

    def execute(self, context: Context) -> list[dict[str, str]]:
        from include.fulfilment.services import hold_decision

        found: list[dict[str, str]] = []
        run_id = str(context["run_id"])
        for code in plan_sites(self.site, context["dag"], context["dag_run"]):
            site, store = _rooms(code)
            claimed = hold_decision.collect(store, site, run_id, system_clock)
            found += [
                {"site": code, "code": each.code, "subject": each.subject, "version": each.version} for each in claimed
            ]
            _ended_well(store, self.beat_name)
        self.log.info("%s questions to ask", len(found))
        return found


class AskPersonOperator(HITLOperator):
    """Asks the people of the team that decides, under Required Actions, and stores the first answer as the desk would.
    It holds no worker slot while it waits; without an answer in a day the hold stays."""

    template_fields: Sequence[str] = ()  # a question holds what shops wrote: it is never a template
    operator_extra_links = (DeskLink(),)
    flow, beat_name = FLOW, "ask"

    def __init__(self, *, question: Any, **kwargs: Any) -> None:
        from include.fulfilment.services.hold_decision import KEEP, LIFT, WAIT

        kwargs["params"] = {"reason": REASON}  # not the run's own, which a mapped task is given too
        super().__init__(
            subject="A hold that a person decides",
            options=[LIFT, KEEP],
            defaults=KEEP,
            response_timeout=WAIT,
            **kwargs,
        )
        self.question = question

    @property
    def site(self) -> str:
        """Whose task it is, for the ticket of a failure."""
        return str(self.question["site"]) if isinstance(self.question, dict) else ""

    def execute(self, context: Context) -> str:
        return self._ask(context, "")

    def _ask(self, context: Context, remark: str) -> str:
        """Ask, and wait in the triggerer: Airflow's own wait would not notice that the question is gone."""
        from airflow.sdk.execution_time.hitl import upsert_hitl_detail

        from include.fulfilment.services import hold_decision

        site, store = _rooms(self.question["site"])
        found = hold_decision.waiting(store, *self._key())
        if found is None:
            return GONE
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=self.options,
            subject=hold_decision.headline(found),
            body=remark + hold_decision.explanation(found, site),
            defaults=self.defaults,
            params=self.serialized_params,
            assigned_users=_people(site, found),
        )
        until = (system_clock() + hold_decision.WAIT).isoformat()
        trigger = QuestionTrigger(str(context["ti"].id), dict(self.question), until, hold_decision.KEEP)
        raise TaskDeferred(trigger=trigger, method_name="execute_complete")

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Airflow's answer, or the trigger's word that there will be none."""
        if "ended" in event:
            self.log.info("no answer in Airflow: %s; what was held stays so", event["ended"])
            return str(event["ended"])
        reason = str((event["params_input"] or {}).get("reason") or "").strip()
        if not reason:
            return self._ask(context, "**The last answer had no reason, so it was not taken. Please give one.**\n\n")
        user = event["responded_by_user"] or {}
        answer = {"option": event["chosen_options"][0], "reason": reason, "person": str(user.get("name") or "")}
        return self.store_answer(context, answer=answer)

    def store_answer(self, context: Context, event: Any = None, *, answer: dict[str, str]) -> str:
        """Store it. While the store is away the answer waits here: a retried task would have to ask again."""
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        from include.fulfilment.domain.hold_decision import Verdict
        from include.fulfilment.services import hold_decision

        verdict = Verdict.LIFTED if answer["option"] == hold_decision.LIFT else Verdict.REFUSED
        signed = (answer["person"], answer["reason"])
        try:
            _, store = _rooms(self.question["site"])
            found = hold_decision.answer(store, *self._key(), verdict, *signed, system_clock)
        except RetryableError as error:
            self.log.warning("the answer is kept and stored later: %s", error)
            wait = {"trigger": TimeDeltaTrigger(AGAIN), "kwargs": {"answer": answer}}
            raise TaskDeferred(method_name="store_answer", **wait) from error
        if found is None:
            return GONE
        _ended_well(store, self.beat_name)
        if found.late:
            self.log.warning("too late: %s had decided before (%s at %s)", found.person, found.verdict, found.at)
        return str(found.verdict)

    def _key(self) -> tuple[str, str, str]:
        return self.question["code"], self.question["subject"], self.question["version"]


def _rooms(code: str) -> tuple[Site, PostgresStore]:
    """The site and its store. No shop and no warehouse is needed to ask a person."""
    from include.fulfilment.orchestration.wiring import open_store
    from include.fulfilment.settings import load_site

    site = load_site(code)
    return site, open_store(site)


def _ended_well(store: PostgresStore, beat: str) -> None:
    """Close the ticket of the step's last failure."""
    with store.transaction() as rows:
        rows.log.reconcile_tickets(task_scope(FLOW, beat), [], system_clock())


def _people(site: Site, question: Question) -> list[Any]:
    """Who may answer: nobody else, an administrator neither."""
    from airflow.sdk.execution_time.hitl import HITLUser

    from include.fulfilment.domain.hold_decision import decider

    return [HITLUser(id=each, name=each) for each in site.teams.get(decider(question.code), ())]
