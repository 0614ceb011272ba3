"""Part of docs/order-states.md: what becomes of a warehouse order whose order changed, and how a hold ends.

The moves are found by asking the rule that the service asks, for every warehouse and every standing of the order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from itertools import product

from demo.docs_text import code, table
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.after_release import Holder, Move, SentLine, SentOrder, Wish, plan_changes
from include.fulfilment.domain.carriage import Carriage
from include.fulfilment.domain.hold_matters import HOLDS, LIFTABLE
from include.fulfilment.domain.order import Address, PaymentMethod, PaymentState, SalesOrder
from include.fulfilment.domain.preflight import Target
from include.fulfilment.domain.warehouse_order import Change, WarehouseOrder, WarehouseOrderLine, WarehouseOrderState

_INTRO = """## What becomes of a warehouse order whose order changed

A revision is what a warehouse order holds. An amended one keeps its reference and becomes the next revision; one that
was cancelled keeps its reference for ever, and its units go as the next revision under the next number (`B2B1042`,
then `B2B1042-2`). A revision is never asked for while the outcome of the one before is open. The table is the answer
of the rule itself."""
_MOVES = {
    Move.KEEP: "nothing to ask; where more left than is wanted now, a ticket says so",
    Move.WAIT: "wait: the outcome of what was sent or asked before is not known yet",
    Move.AMEND: "ask to amend it",
    Move.CANCEL: "ask to cancel it; what is still wanted is decided anew once that is confirmed",
    Move.PERSON: "a ticket: a person agrees with the warehouse",
}
_CODE = "main"
_TARGET = Target({}, {"Pallet": Carriage("pallet")})
_CANS = {
    "amends and cancels": Holder(_TARGET, amend=True, cancel=True),
    "only cancels": Holder(_TARGET, amend=False, cancel=True),
    "does neither": Holder(_TARGET, amend=False, cancel=False),
}
_WISHES = {"something else is wanted": ("", 6), "nothing may leave": ("cancelled_in_shop", 10)}
_UNITS = 10
_NOTHING = Decimal(0)


def changes_blocks() -> tuple[str, ...]:
    """The blocks of the page about changes and holds."""
    return (_INTRO, _table(), "## How a hold ends", _holds())


def _table() -> str:
    rows = []
    for (wish, (stop, units)), (where, sent) in product(_WISHES.items(), _standings().items()):
        by_move: dict[Move, list[str]] = defaultdict(list)
        for able, can in _CANS.items():
            (plan,) = plan_changes([sent], _wish(stop, units), {_CODE: can})
            by_move[plan.move].append(able)
        for move, ables in by_move.items():
            who = "any" if len(ables) == len(_CANS) else ", ".join(ables)
            rows.append((wish, where, who, _MOVES[move]))
    return table(("In the shop", "In the warehouse", "The warehouse", "What is done"), rows)


def _standings() -> dict[str, SentOrder]:
    """The standings of a warehouse order that the rule tells apart."""
    told = SentOrder(_warehouse_order(), _CODE, WarehouseOrderState.ACKNOWLEDGED, {"1": SentLine(_UNITS)})
    return {
        "not acknowledged yet": replace(told, state=WarehouseOrderState.QUEUED),
        "acknowledged, nobody picks": told,
        "asked, no answer yet": replace(told, asked=Change.CANCEL),
        "known to be picked": replace(told, picked=True),
        "all of it left": replace(told, picked=True, lines={"1": SentLine(_UNITS, shipped=_UNITS)}),
    }


def _warehouse_order() -> WarehouseOrder:
    line = WarehouseOrderLine("1", "MUG", _UNITS, "Mug", "10 × EA = 10 EA")
    return WarehouseOrder("B2B1042", "1042", "#1042", 1, 1, "PO-1", "", None, "pallet", Address(), (line,))


def _wish(stop: str, units: int) -> Wish:
    now = system_clock()
    order = SalesOrder(
        order_id="1042",
        platform_id="1042",
        name="#1042",
        is_draft=False,
        is_b2b=True,
        placed_at=now,
        updated_at=now,
        payment_method=PaymentMethod.ACCOUNT,
        payment_state=PaymentState.PENDING,
        payment_word="",
        currency="GBP",
        total_gross=_NOTHING,
        shipping_net=_NOTHING,
        account_id="",
        account_name="",
        po_number="PO-1",
        po_required=False,
        instructions="",
        requested_on=None,
        shipping_method="Pallet",
        ship_to=Address(),
        cancelled_at=None,
        held_in_shop=False,
        fulfilled_in_shop=False,
        lines=(),
    )
    return Wish(order, {"1": units}, stop)


def _holds() -> str:
    """Holds and lifts, from the table that decides who may lift."""
    lifted = [name for name in HOLDS if name in LIFTABLE]
    lines = [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> held: a rule fails",
        "    held --> released: the rule passes, because its inputs changed",
        "    held --> lifted: a person ends it, for the order as it stands",
        "    lifted --> released: every other rule passes",
        "    lifted --> held: another rule fails, or the shop changes the order",
        "    released --> held: the warehouse gives it back, or something of it waits and a rule fails",
        "```",
        "",
        f"A person may lift {', '.join(map(code, lifted))}. Every other hold ends only when its cause is mended.",
    ]
    return "\n".join(lines)
