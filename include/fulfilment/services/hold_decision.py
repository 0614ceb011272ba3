"""hold_decision: a hold that only a person's judgement ends is asked about, once, and the answer is the row that the
desk would have written.

Without an answer nothing moves: the order stays held, the stock sync stopped, and the ticket open with its owner.
"""

from __future__ import annotations

from datetime import timedelta

from include.fulfilment.clock import Clock
from include.fulfilment.domain.hold_decision import READING, Decision, Question, Seen, Verdict, decider
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.errors import Overtaken
from include.fulfilment.services.people import accept_reading, lift_hold, refuse_hold, refuse_reading
from include.fulfilment.settings import Site
from include.fulfilment.store_port import Store

WAIT = timedelta(hours=24)
"""How long Airflow waits for an answer. Longer than any of these holds may last; then it is asked anew."""
AT_MOST = 20
"""Questions that one run asks of a site; the next run asks the others."""
LIFT, KEEP = "Lift the hold", "Keep it held"
_THEN = {
    Verdict.LIFTED: {
        READING: "this one reading is used, and the shop is told what follows from it",
        "": "the order is judged at once by every other rule, and goes to the warehouse if they pass",
    },
    Verdict.REFUSED: {
        READING: "the shop stays as it is until a complete reading comes",
        "": "the order stays held until somebody lifts the hold on the desk or it is cancelled in the shop",
    },
}


def collect(store: Store, site: Site, run_id: str, clock: Clock) -> list[Question]:
    """The questions that this run asks: those that wait for a verdict and that nobody asks yet. A question whose run
    ended without an answer is asked again once its time is over."""
    with store.transaction() as rows:
        return rows.questions.claim(site.asked(), run_id, clock(), clock() + WAIT, AT_MOST)


def waiting(store: Store, code: str, subject: str, version: str) -> Question | None:
    """The question as it stands; None once it was answered elsewhere or its cause is gone."""
    with store.transaction() as rows:
        return rows.questions.question(code, subject, version)


def headline(question: Question) -> str:
    """What the question is, in one line."""
    what = question.name if question.code == READING else f"Order {question.name}"
    return f"{what}: {MATTERS[question.code].words[0].lower()}{MATTERS[question.code].words[1:]}"


def explanation(question: Question, site: Site) -> str:
    """What a person needs to know to answer, as Markdown: the evidence, and what each answer does."""
    kind = READING if question.code == READING else ""
    evidence = [f"- {_plain(name)}: `{_plain(value)}`" for name, value in question.evidence.items()]
    lines = [
        f"Site {site.code}, asked of {decider(question.code).replace('_', ' ')}. {MATTERS[question.code].next_step}",
        "\n".join(evidence),
        f"- **{LIFT}**: {_THEN[Verdict.LIFTED][kind]}.\n- **{KEEP}**: {_THEN[Verdict.REFUSED][kind]}.",
        f"Without an answer in {WAIT // timedelta(hours=1)} hours it stays held. Whoever answers first decides, here "
        "or on the desk.",
    ]
    return "\n\n".join(filter(None, lines))


def _plain(text: str) -> str:
    """Words that cannot leave their place in the Markdown."""
    return " ".join(text.replace("`", "'").split())[:300]


def answer(
    store: Store, code: str, subject: str, version: str, verdict: Verdict, person: str, reason: str, clock: Clock
) -> Decision | None:
    """Store a person's answer as the desk would. None when there was nothing left to decide; a decision that somebody
    else took first is answered as `late`."""
    seen, lifted = Seen(version), verdict is Verdict.LIFTED
    try:
        if code == READING:
            return (accept_reading if lifted else refuse_reading)(store, subject, person, reason, clock, seen)
        return (lift_hold if lifted else refuse_hold)(store, subject, code, person, reason, clock, seen)
    except Overtaken:
        return None
