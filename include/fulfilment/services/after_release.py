"""What the shop changes after release, carried to the warehouse: decided with the releases, asked before them.

`decide` writes what is asked into the outbox, in the transaction of the release decisions; `submit` asks, and moves
quantities only by what the warehouse confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from include.fulfilment.change_port import CancelRequest
from include.fulfilment.domain.after_release import Holder, Move, Plan, SentOrder, Wish, plan_changes, too_many
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.order import SEVERAL, is_named
from include.fulfilment.domain.preflight_rules import PREFLIGHT
from include.fulfilment.domain.quantity import LineQuantities, PackCatalogue, Refusal
from include.fulfilment.domain.release_case import ReleaseCase, Surroundings
from include.fulfilment.services.release_plan import Beside, release_case
from include.fulfilment.store_port import OrderQuantities, Rows, StoredOrder

SCOPE = "after_release"
_TICKETS = {"": "changed_after_release", "cancelled_in_shop": "cancelled_after_release"}


def decide(
    rows: Rows,
    holders: Mapping[str, Holder],
    around: Surroundings,
    packs: PackCatalogue,
    beside: Mapping[str, Beside],
    order_ids: Sequence[str],
    now: datetime,
) -> dict[str, int]:
    """Compare every order that changed since it was released with what the warehouses that hold it, by their codes,
    were told, and ask for the difference. Named orders are asked again what a warehouse would not do before."""
    judge_requests(rows, now)
    touched = [each for each in rows.orders.touched() if is_named(order_ids, each.order.order_id, each.order.name)]
    ids = [each.order.order_id for each in touched]
    sent, corrections = rows.changes.sent(ids), rows.people.corrections(ids)
    stops = stopped(rows, ids)
    named = {place.code: name or "" for name, place in around.places.items()}
    asked, tickets = 0, []
    for stored in touched:
        order_id = stored.order.order_id
        known = beside.get(order_id, Beside(corrections=corrections.get(order_id, {})))
        case = release_case(stored, packs, known, retry=False)
        told = [replace(each, refused="") if order_ids else each for each in sent.get(order_id, [])]
        told = [each for each in told if each.warehouse in holders]
        wish = _wish(stored, case, around, stops)
        plans = plan_changes(told, wish, holders)
        asked += _ask(rows, stored, plans, wish, now)
        more = {} if wish.stop else too_many(told, wish.units)
        moved = {} if wish.stop else _moved(stored, told, named)
        if not more and not moved and all(plan.move is Move.KEEP for plan in plans):
            for each in told:
                rows.changes.looked_at(each.warehouse, [each.order.external_ref])
        tickets += _tickets(stored, plans, wish.stop, more, moved)
    if not order_ids:
        tickets += [
            ExceptionTicket("warehouse_unknown", f"warehouse {code}", evidence={"orders that it holds": str(orders)})
            for code, orders in rows.changes.left_behind(list(holders)).items()
        ]
        rows.log.reconcile_tickets(SCOPE, tickets + _on_stop(rows), now)
    return {"changes_asked": asked}


def _moved(stored: StoredOrder, told: Sequence[SentOrder], named: Mapping[str, str]) -> dict[str, str]:
    """Lines that a warehouse is to send though the shop has moved them to another place since, in words."""
    found = {}
    for line in stored.lines:
        for each in told:
            sent = each.lines.get(line.line_id)
            if sent is not None and sent.open and line.leaves_from != named[each.warehouse]:
                found[f"line {line.line_id}"] = (
                    f"the shop moved it to {_place(line.leaves_from)}; {each.warehouse} sends it with "
                    f"{each.order.external_ref}"
                )
    return found


def _place(name: str | None) -> str:
    if name is None:
        return "a place that is none of ours"
    return "several places" if name == SEVERAL else name or "the first warehouse"


def stopped(rows: Rows, order_ids: Sequence[str]) -> dict[str, CancelRequest]:
    """The requests to stop an order that count: a person who lifted that hold has taken it back."""
    requests = rows.changes.cancel_requests()
    lifts = rows.people.lifts([key for key in order_ids if key in requests])
    return {key: requests[key] for key in order_ids if key in requests and "cancel_asked" not in lifts.get(key, {})}


def _wish(stored: StoredOrder, case: ReleaseCase, around: Surroundings, stops: Mapping[str, CancelRequest]) -> Wish:
    units, doubtful = {}, {}
    proofs = {line.line_id: line.proof for line in case.lines}
    for line in stored.lines:
        if line.proof is not None:
            units[line.line_id] = line.quantity * line.proof.units_per_uom
        proof = proofs.get(line.line_id)
        if isinstance(proof, Refusal):
            doubtful[line.line_id] = proof.code
    failed = next((result for rule in PREFLIGHT if not (result := rule(case, around)).passed), None)
    return Wish(
        order=case.order,
        units=units,
        stop=_stop(stored, stops),
        unfit=failed.code if failed else "",
        doubtful=doubtful,
    )


def _stop(stored: StoredOrder, stops: Mapping[str, CancelRequest]) -> str:
    if stored.order.cancelled_at is not None:
        return "cancelled_in_shop"
    if stored.order.order_id in stops:
        return "cancel_asked"
    return "held_in_shop" if stored.order.held_in_shop else ""


def _ask(rows: Rows, stored: StoredOrder, plans: Sequence[Plan], wish: Wish, now: datetime) -> int:
    events = []
    for plan in plans:
        if plan.move not in (Move.AMEND, Move.CANCEL):
            continue
        told = plan.target if plan.move is Move.AMEND and plan.target else plan.sent.order
        payload: dict[str, Any] = {
            "act": plan.move.value,
            "order": told.to_json(),
            "wish": plan.wish,
            "stop": wish.stop,
            "source_hash": stored.content_hash,
            "asked_at": now.isoformat(),
        }
        rows.changes.ask(plan.sent.warehouse, told.external_ref, plan.move.value, payload, now)
        what = f"change {told.external_ref} to revision {told.revision}"
        what = what if plan.move is Move.AMEND else f"cancel {told.external_ref}"
        found = ", ".join(each.replace("_", " ") for each in plan.differences)
        events.append((stored.order.order_id, "decision", f"Asked the warehouse to {what}: {found}"))
    rows.log.events(events, now)
    return len(events)


def _tickets(
    stored: StoredOrder, plans: Sequence[Plan], stop: str, more: Mapping[str, int], moved: Mapping[str, str]
) -> list[ExceptionTicket]:
    """A matter for a person: where the warehouse cannot be asked, would not, more left than is wanted now, or the goods
    are to leave from another place now."""
    for_people = [plan for plan in plans if plan.move is Move.PERSON]
    under_way = any(plan.move in (Move.WAIT, Move.AMEND, Move.CANCEL) for plan in plans)
    if not for_people and (under_way or not (more or moved)):
        return []
    evidence = dict(moved) | {
        f"line {line_id}": f"{units} EA fewer wanted than the warehouse was told" for line_id, units in more.items()
    }
    for plan in for_people:
        heads = [each.replace("_", " ") for each in plan.differences if not each.startswith("line ")]
        ref = plan.sent.order.external_ref
        evidence |= {ref: ", ".join(heads)} if heads else {}
        evidence[f"why not {ref}"] = plan.because
    return [
        ExceptionTicket(_TICKETS.get(stop, "stop_refused"), stored.order.name, stored.order.order_id, None, evidence)
    ]


def _on_stop(rows: Rows) -> list[ExceptionTicket]:
    """What a person decides of an account that went on stop: its goods that nobody picked yet are listed, never
    cancelled by a machine. What finance let go although the account was on stop is decided."""
    orders = rows.changes.on_stop()
    lifted = rows.people.lifts(sorted(orders))
    orders = {key: each for key, each in orders.items() if "account_on_stop" not in lifted.get(key, {})}
    tickets = []
    for order_id, sent in rows.changes.sent(sorted(orders)).items():
        name, account = orders[order_id]
        unpicked = {each.order.external_ref: f"{each.open} EA not picked" for each in sent if _unpicked(each)}
        if unpicked:
            tickets.append(ExceptionTicket("released_on_stop", name, order_id, None, {"account": account, **unpicked}))
    return tickets


def _unpicked(sent: SentOrder) -> bool:
    return bool(sent.open) and not sent.picked


def judge_requests(rows: Rows, now: datetime) -> None:
    """What became of every order that a person asked to stop, by what left; whoever asked reads it on the order."""
    requests = {key: each for key, each in rows.changes.cancel_requests().items() if each.verdict in ("", "stopped")}
    gone = rows.changes.gone(sorted(requests))
    for order_id, order in rows.orders.quantities(sorted(requests)).items():
        request, verdict = requests[order_id], cancel_verdict(order)
        if not verdict or verdict == request.verdict:
            continue
        rows.changes.judge(order_id, verdict, now)
        asked = f"{request.person} had asked at {_at(request.asked_at)} to stop it"
        words = f"{verdict.replace('_', ' ').capitalize()}: {asked}"
        if order_id in gone:
            words += f"; goods left at {_at(gone[order_id].last_dispatched_at)}"
        rows.log.events([(order_id, "decision", words)], now)


def cancel_verdict(order: OrderQuantities) -> str:
    """`stopped`, `shipped` or `partly_shipped`; empty while the warehouse may still send something."""
    lines: Sequence[LineQuantities] = list(order.lines.values())
    if any(line.open for line in lines):
        return ""
    if not any(line.shipped for line in lines):
        return "stopped"
    return "partly_shipped" if any(line.waiting for line in lines) else "shipped"


def _at(instant: datetime) -> str:
    return f"{instant:%H:%M:%S} UTC"
