"""Holds that a person decides: the desk and Airflow write one row, the first decides, and silence ends nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from include.fulfilment.domain.hold_decision import READING, Question, Seen, Verdict
from include.fulfilment.domain.matter import Team
from include.fulfilment.errors import DataError, Overtaken
from include.fulfilment.services import hold_decision
from include.fulfilment.services.people import accept_reading, lift_hold, refuse_hold, refuse_reading
from tests.stories.world import World

WHY = "the buyer confirmed by phone"
TEAMS = {Team.OPERATIONS: ("ola",), Team.FINANCE: ("fin",), Team.CUSTOMER_SERVICE: ("cleo",)}


def staffed(world: World) -> None:
    world.site = world.site.model_copy(update={"teams": TEAMS})


def asked(world: World, run_id: str = "run 1") -> list[Question]:
    return hold_decision.collect(world.store, world.site, run_id, world.clock)


def hints(world: World, noun: str) -> int:
    """How many hints of this noun wait to be told to Airflow."""
    sql = "SELECT 1 FROM webhook_inbox WHERE site = %(site)s AND noun = %(noun)s AND taken_at IS NULL"
    return len(world.query(sql, noun=noun))


def audit(world: World) -> list[tuple[str, str, bool]]:
    """(person, verdict, whether it counted) of every decision."""
    sql = "SELECT person, verdict, follows FROM hold_decision WHERE site = %(site)s ORDER BY decision_id"
    return [(row["person"], row["verdict"], row["follows"] is not None) for row in world.query(sql)]


def large_order(world: World) -> str:
    """An order of 2,000 where a person is asked above 1,000."""
    world.agree(largest_line_base=1_000)
    world.goods("MUG", 90_000)
    name = world.sell(("MUG", 2_000), payment="upfrontPayment")
    world.control.pay(name)
    world.release()
    return name


def shrunken(world: World) -> Question:
    """Ten SKUs before, three now, SKU0 with 5 more."""
    for number in range(10):
        world.goods(f"SKU{number}", 10)
    world.sync()
    world.floor.hidden = {f"SKU{number}" for number in range(3, 10)}
    world.floor.receive({"SKU0": 5})
    world.sync()
    (question,) = asked(world)
    return question


def test_s5_a_person_accepts_one_reading_and_the_next_is_judged_against_it(world: World) -> None:
    """S5. Three of ten are accepted once: the three are shown, the seven stay; one of three is doubtful again."""
    staffed(world)
    question = shrunken(world)
    assert (question.code, question.subject, question.evidence) == (READING, "main", {"found": "3 SKUs now, 10 before"})
    seen = Seen(question.version)
    made = accept_reading(world.store, "main", "Ola", "the other hall moved out", world.clock, seen)
    assert (made.verdict, made.person, made.late) == (Verdict.LIFTED, "Ola", False)
    assert (world.tickets(), hints(world, "stock")) == ([], 1)
    world.sync()
    assert (world.shown()["SKU0"], world.shown()["SKU9"], world.tickets()) == (15, 10, [])
    world.floor.hidden |= {"SKU1", "SKU2"}
    world.sync()
    assert world.evidence(READING) == {"found": "1 SKUs now, 3 before"}
    assert [each.evidence["found"] for each in asked(world)] == ["1 SKUs now, 3 before"]


def test_s5_a_refused_reading_stays_out_and_nobody_is_asked_again_until_it_is_another_doubt(world: World) -> None:
    staffed(world)
    question = shrunken(world)
    made = refuse_reading(world.store, "main", "Ola", "page 2 failed there", world.clock, Seen(question.version))
    world.sync()
    assert (world.shown()["SKU0"], [code for code, _, _ in world.tickets()]) == (10, [READING])
    assert (asked(world, "run 2"), asked(world)) == ([], [])
    late = accept_reading(world.store, "main", "Ben", "it is complete", world.clock, Seen(question.version))
    assert (late.person, late.late, world.tickets()) == ("Ola", True, [(READING, "stock of main", "warehouse")])
    accept_reading(world.store, "main", "Ola", "it is complete", world.clock, Seen(question.version, made.decision_id))
    assert world.tickets() == []
    assert audit(world) == [("Ola", "refused", True), ("Ben", "lifted", False), ("Ola", "lifted", True)]


@pytest.mark.parametrize("version", ["2020-01-01T00:00:00+00:00", "yesterday", ""])
def test_s5_a_reading_that_is_not_there_cannot_be_accepted(world: World, version: str) -> None:
    staffed(world)
    shrunken(world)
    with pytest.raises(Overtaken, match=r"the stock reading of main of .* is used already, or a newer one is"):
        accept_reading(world.store, "main", "Ola", WHY, world.clock, Seen(version))
    assert (audit(world), world.tickets()) == ([], [(READING, "stock of main", "warehouse")])


def test_s5_a_reading_is_asked_about_until_it_is_decided_though_newer_ones_come(world: World) -> None:
    """The question that a person reads does not change under their eyes; a complete reading ends it."""
    staffed(world)
    question = shrunken(world)
    world.sync()
    assert asked(world, "run 2") == []
    assert hold_decision.waiting(world.store, READING, "main", question.version) is not None
    world.floor.hidden = set()
    world.sync()
    assert hold_decision.waiting(world.store, READING, "main", question.version) is None
    with pytest.raises(Overtaken):
        accept_reading(world.store, "main", "Ola", WHY, world.clock, Seen(question.version))


def test_r21_a_threshold_is_asked_once_by_one_run_and_the_answer_releases_the_order(world: World) -> None:
    staffed(world)
    name = large_order(world)
    assert hints(world, "question") == 1
    (question,) = asked(world)
    assert (question.code, question.name, asked(world, "run 2")) == ("quantity_threshold", name, [])
    assert asked(world) == [question]  # the same run, tried again
    world.release()
    assert hints(world, "question") == 1  # it is asked: nobody else is woken for it
    made = hold_decision.answer(
        world.store, question.code, question.subject, question.version, Verdict.LIFTED, "Ola", WHY, world.clock
    )
    assert made is not None
    assert (made.person, made.late, hints(world, "order")) == ("Ola", False, 1)
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [2_000]
    assert (world.tickets(), asked(world, "run 3")) == ([], [])


def test_d9_who_comes_too_late_is_told_who_decided_and_the_audit_shows_both(world: World) -> None:
    """D9. Refused by a colleague, lifted three seconds later: told; nothing of it reaches the warehouse."""
    world.goods("MUG", 50)
    world.credit("5", "0")
    name = world.sell(("MUG", 10))
    world.release()
    (row,) = world.query("SELECT order_id, content_hash FROM sales_order WHERE site = %(site)s")
    seen, code = Seen(row["content_hash"]), "credit_limit_exceeded"
    refused = refuse_hold(world.store, row["order_id"], code, "Ben", "they owe too much", world.clock, seen)
    world.pass_time(minutes=0.05)
    late = lift_hold(world.store, row["order_id"], code, "Ada", "they will pay", world.clock, seen)
    assert (late.late, late.person, late.verdict, late.at) == (True, "Ben", Verdict.REFUSED, refused.at)
    world.release()
    assert (world.standing(name), world.floor.held()) == (("held", code), [])
    assert audit(world) == [("Ben", "refused", True), ("Ada", "lifted", False)]
    sql = "SELECT words FROM order_event WHERE site = %(site)s AND source = 'person' ORDER BY event_id"
    assert [each["words"] for each in world.query(sql)] == [
        "Ben refused to lift the hold “Over the credit limit”: they owe too much",
        "Too late after Ben: Ada lifted the hold “Over the credit limit”: they will pay",
    ]
    lift_hold(world.store, name, code, "Ada", "paid", world.clock, Seen(row["content_hash"], refused.decision_id))
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [10]
    again = refuse_hold(world.store, row["order_id"], code, "Ben", "too late", world.clock, seen)
    assert (again.late, again.person) == (True, "Ada")  # though the order has nothing to decide any more


def test_a_question_answered_on_the_desk_or_gone_is_gone_and_an_edit_makes_it_another(world: World) -> None:
    staffed(world)
    name = large_order(world)
    (question,) = asked(world)
    key = (question.code, question.subject, question.version)
    world.control.edit_line_quantity(name, 1, 3_000)
    world.release()
    assert hold_decision.waiting(world.store, *key) is None
    assert hold_decision.answer(world.store, *key, Verdict.LIFTED, "Ola", WHY, world.clock) is None
    assert (audit(world), world.standing(name)) == ([], ("held", "quantity_threshold"))
    (newer,) = asked(world, "run 2")
    assert newer.version != question.version
    lift_hold(world.store, name, newer.code, "Ola", WHY, world.clock)
    assert hold_decision.waiting(world.store, newer.code, newer.subject, newer.version) is None
    late = hold_decision.answer(
        world.store, newer.code, newer.subject, newer.version, Verdict.REFUSED, "Ben", WHY, world.clock
    )
    assert late is not None
    assert (late.late, late.person) == (True, "Ola")


def test_silence_ends_nothing_the_ticket_stays_with_its_owner_and_the_question_comes_again(world: World) -> None:
    staffed(world)
    name = large_order(world)
    (question,) = asked(world)
    world.pass_time(hours=23)
    world.release()
    assert asked(world, "run 2") == []
    world.pass_time(hours=2)
    world.release()
    assert (world.standing(name), world.floor.held()) == (("held", "quantity_threshold"), [])
    assert world.tickets() == [("quantity_threshold", name, "operations")]
    assert asked(world, "run 3") == [question]


def test_nobody_is_asked_for_a_team_without_people(world: World) -> None:
    world.site = world.site.model_copy(update={"teams": {Team.FINANCE: ("fin",)}})
    large_order(world)
    assert (asked(world), hints(world, "question")) == ([], 0)


def test_only_holds_that_nothing_but_judgement_ends_are_asked_about(world: World) -> None:
    """An order that waits for its PO number is for the desk; nobody's list of required actions is filled with it."""
    staffed(world)
    world.goods("MUG", 50)
    world.customer_says("po_required")
    world.sell(("MUG", 10))
    world.release()
    assert (asked(world), hints(world, "question")) == ([], 0)


def test_a_reason_has_an_end(world: World) -> None:
    name = large_order(world)
    with pytest.raises(DataError, match="a reason has at most 500 characters; nothing was stored"):
        lift_hold(world.store, name, "quantity_threshold", "Ola", "x" * 501, world.clock)
    assert audit(world) == []


def test_what_a_question_says_cannot_leave_its_place(world: World) -> None:
    staffed(world)
    question = Question("value_threshold", "o", "v", "o", "#1", world.clock(), {"a": "x`\n\n[b](javascript:c)"})
    words = hold_decision.explanation(question, world.site)
    assert "- a: `x' [b](javascript:c)`" in words
    assert hold_decision.headline(question) == "Order #1: worth so much that a person is asked"
    assert timedelta(hours=24) == hold_decision.WAIT
