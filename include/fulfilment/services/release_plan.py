"""What a release decision changes in one order: its lines, its state, its warehouse order. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from include.fulfilment.domain.correction import ADOPTS, FACTOR, Correction, confirmed_factor, corrected
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.quantity import (
    KIT,
    LineQuantities,
    PackCatalogue,
    Proof,
    Refusal,
    changed_since_order,
    prove_quantity,
)
from include.fulfilment.domain.release import OrderDecision, Outcome
from include.fulfilment.domain.release_case import Lift, LineState, Place, ReleaseCase
from include.fulfilment.domain.release_policy import ReleasePolicy
from include.fulfilment.domain.standing import OrderState, order_state
from include.fulfilment.domain.telling import told_fields
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine, external_ref
from include.fulfilment.mapping.units import SINGLE
from include.fulfilment.store_port import LineUpdate, OrderUpdate, Proven, StoredLine, StoredOrder


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of an order beside its record: holds that people ended, what they corrected, the name of an order
    of the same account, PO number and lines placed shortly before, the rows of the pack catalogue, by SKU, as they were
    when it was placed, and who asked to stop it."""

    lifts: Mapping[str, Lift] = field(default_factory=dict)
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    like: str = ""
    packs_then: PackCatalogue = field(default_factory=dict)
    stop_asked_by: str = ""


def release_case(stored: StoredOrder, packs: PackCatalogue, beside: Beside, retry: bool) -> ReleaseCase:
    """The order as its rules look at it, with people's corrections: every line that counts, proven or refused, with
    what the shop asks for now. `retry`: a person names the order, so an earlier refusal by the warehouse is no reason
    to wait, nor is what was seen of it in the warehouse: it is looked for again. Only an order of which nothing was
    released yet can be one placed twice. One that a warehouse was seen to hold by another route is so until something
    of it was sent there."""
    lines = [_line_state(line, packs, beside) for line in stored.lines if line.quantity]
    untouched = not any(line.quantities.released for line in stored.lines)
    unsettled = untouched or bool(stored.already_at and stored.already_at not in stored.held_at)
    case = ReleaseCase(
        order=corrected(stored.order, beside.corrections),
        lines=tuple(lines),
        content_hash=stored.content_hash,
        refused_hash="" if retry else stored.refused_hash,
        lifts=beside.lifts,
        like=beside.like if untouched else "",
        stop_asked_by=beside.stop_asked_by,
        already_as=stored.already_as if unsettled and not retry else "",
        adopts=adopted.value if unsettled and (adopted := beside.corrections.get(ADOPTS)) else "",
        adopts_at=stored.already_at,
        elsewhere=sum(map(is_elsewhere, stored.lines)) if untouched else 0,
    )
    if stored.order.is_draft:
        return case
    return replace(case, lines=tuple(replace(line, quantities=_amended(line)[0]) for line in lines))


def is_elsewhere(line: StoredLine) -> bool:
    """Whether the line leaves from a place that is none of ours, and nothing of it is left to us."""
    return line.leaves_from is None and not line.quantity


def _line_state(line: StoredLine, packs: PackCatalogue, beside: Beside) -> LineState:
    confirmed = beside.corrections.get(FACTOR + line.line_id)
    proof = confirmed_factor(prove_quantity(line.sku, line.quantity, line.pack_size, packs), confirmed)
    if confirmed is None and isinstance(proof, Proof):
        then, now = beside.packs_then.get(line.sku, ()), packs.get(line.sku, ())
        proof = changed_since_order(line.sku, then, now) or proof
    first = line.proof.units_per_uom if line.proof else None
    first = int(confirmed.value) if confirmed else first
    return LineState(line.line_id, proof, line.quantities, first, line.leaves_from)


def _amended(line: LineState) -> tuple[LineQuantities, int]:
    """Quantities after an edit in the shop; a line that can't be proven, or whose factor moved, stays as it was."""
    if isinstance(line.proof, Refusal) or line.first_units not in (None, line.proof.units_per_uom):
        return line.quantities, 0
    return line.quantities.amended(line.proof.base)


def plan_update(
    stored: StoredOrder,
    case: ReleaseCase,
    decision: OrderDecision | None,
    places: Mapping[str | None, Place],
    policy: ReleasePolicy,
) -> OrderUpdate:
    """Everything one decision writes: proven quantities, units released, the new state and the warehouse orders, one
    for each warehouse that something leaves from. Without a decision the order was cancelled in the shop: what waits is
    cancelled."""
    judged, policy = {line.line_id: line for line in case.lines}, policy.applying_to(stored.order)
    lines = tuple(_line_update(line, judged.get(line.line_id), stored, decision, policy) for line in stored.lines)
    quantities = [line.quantities for line in lines]
    state, reason = _state(stored, judged.values(), quantities, decision)
    orders = _warehouse_orders(stored, case, decision, places) if decision else {}
    changed = (state, reason) != (stored.state, stored.reason)
    return OrderUpdate(
        order_id=stored.order.order_id,
        lines=lines,
        state=state,
        reason=reason,
        event=_event(state, reason, orders, quantities) if changed or orders else "",
        decision=decision,
        decision_digest=decision_digest(decision) if decision else "",
        warehouse_orders=orders,
    )


def _line_update(
    stored: StoredLine,
    judged: LineState | None,
    order: StoredOrder,
    decision: OrderDecision | None,
    policy: ReleasePolicy,
) -> LineUpdate:
    if order.order.is_draft:  # a draft promises nothing: it has no base quantities and is no demand
        code = judged.proof.code if judged is not None and isinstance(judged.proof, Refusal) else ""
        return LineUpdate(stored.line_id, LineQuantities(), Proven(None, code))
    quantities = judged.quantities if judged else stored.quantities.amended(0)[0]
    if decision is None:
        quantities = quantities.cancel_waiting()
    elif decision.outcome is Outcome.HOLD:
        quantities = quantities.hold()
    elif decision.outcome is Outcome.RELEASE:
        quantities = quantities.allocate(decision.allocated.get(stored.line_id, 0))
        if cancels_balance(decision, policy):
            quantities = quantities.cancel_waiting()
    return LineUpdate(stored.line_id, quantities, _proven(stored, judged))


def cancels_balance(decision: OrderDecision, policy: ReleasePolicy) -> bool:
    """Whether what does not go with this release is cancelled; `policy` is that of the order's customer."""
    return bool(decision.allocated) and not policy.keep_backorder


def _proven(stored: StoredLine, judged: LineState | None) -> Proven:
    """The proof to keep: the new one, unless it is refused, its factor moved, or the edit came too late in part (then
    the old one stays, so that the difference is seen again until a person has settled it)."""
    if judged is None:  # nothing of it is wanted: seen again once something is
        return Proven(replace(stored.proof, quantity=0) if stored.proof else None)
    if isinstance(judged.proof, Refusal):
        return Proven(stored.proof, judged.proof.code)
    moved = judged.first_units not in (None, judged.proof.units_per_uom)
    too_late = stored.quantities.amended(judged.proof.base)[1] if not moved else 0
    return Proven(stored.proof if moved or too_late else judged.proof)


def _agrees(line: LineState) -> bool:
    """Whether what the shop asks for now is proven, by the factor that the line was first proven with."""
    return isinstance(line.proof, Proof) and line.first_units in (None, line.proof.units_per_uom)


def _state(
    stored: StoredOrder,
    lines: Iterable[LineState],
    quantities: list[LineQuantities],
    decision: OrderDecision | None,
) -> tuple[str, str]:
    """An order is held while something of it waits, or while a line of it is not proven: such a line is not finished,
    however much of the order has left."""
    if decision is None:
        return order_state(quantities, "", cancelled_in_shop=True)
    if decision.outcome is Outcome.NOT_OURS:
        return OrderState.NOT_OURS, decision.code
    waits = any(row.waiting for row in quantities) or not any(row.released for row in quantities)
    may_hold = waits or any(not _agrees(line) for line in lines)
    return order_state(quantities, decision.code if decision.outcome is Outcome.HOLD and may_hold else "")


def _warehouse_orders(
    stored: StoredOrder, case: ReleaseCase, decision: OrderDecision, places: Mapping[str | None, Place]
) -> dict[str, WarehouseOrder]:
    """By the warehouse's code, what is released there: each a part of the order of its own."""
    leaves = {line.line_id: line.leaves_from for line in case.lines}
    released: dict[str | None, dict[str, int]] = {}
    for line_id, units in decision.allocated.items():
        released.setdefault(leaves[line_id], {})[line_id] = units
    return {
        places[name].code: _warehouse_order(stored, case, units, stored.parts + number, places[name])
        for number, (name, units) in enumerate(released.items(), start=1)
    }


def _warehouse_order(
    stored: StoredOrder, case: ReleaseCase, released: Mapping[str, int], part: int, place: Place
) -> WarehouseOrder:
    order, judged = case.order, {line.line_id: line for line in case.lines}
    revision = stored.revision + 1 if part <= stored.rejected_part else max(1, stored.revision)
    titles = {line.line_id: line.title for line in stored.lines}
    lines, ordered = [], {}
    for line_id, units in released.items():
        proof = judged[line_id].proof
        assert isinstance(proof, Proof)  # noqa: S101 - a refused line holds its order, so nothing of it is allocated
        unit = (SINGLE, 1) if proof.uom == KIT else (proof.uom, proof.units_per_uom)
        lines.append(WarehouseOrderLine(line_id, proof.base_sku, units, titles[line_id], proof.text(), *unit))
        ordered[line_id] = proof.base
    return WarehouseOrder(
        external_ref=external_ref(order.name, order.order_id, part, stored.shared_name),
        order_id=order.order_id,
        order_name=order.name,
        revision=revision,
        part=part,
        lines=tuple(lines),
        adopts=case.adopts if case.adopts_at in ("", place.code) else "",
        beside_another="already_in_warehouse" in case.lifts,
        follows=place.code in stored.held_at,
        **told_fields(order, lines, ordered, place.target),
    )


def _event(state: str, reason: str, orders: Mapping[str, WarehouseOrder], quantities: Sequence[LineQuantities]) -> str:
    if orders:
        told = [
            f"{sum(line.base_quantity for line in order.lines)} EA as warehouse order {order.external_ref}"
            + (f" of {code}" if len(orders) > 1 else "")
            for code, order in orders.items()
        ]
        left = sum(row.waiting for row in quantities)
        rest = f"; {left} EA wait for stock" if left else ""
        return f"Released {' and '.join(told)}{rest}"
    words = MATTERS[reason].words if reason in MATTERS else reason
    return f"{state.replace('_', ' ').capitalize()}{': ' + words if words else ''}"


def decision_digest(decision: OrderDecision) -> str:
    """Equal verdicts on equal inputs have equal digests, so that a rerun writes no second decision."""
    rules = [[rule.rule, rule.passed, sorted(rule.inputs.items())] for rule in decision.rules]
    text = json.dumps([decision.outcome, decision.code, rules, sorted(decision.allocated.items())])
    return hashlib.sha256(text.encode()).hexdigest()


def release_tickets(stored: StoredOrder, update: OrderUpdate, now: datetime) -> list[ExceptionTicket]:
    """The matter this order raises: its hold or its wait for stock. What the shop cancelled behind the warehouse is
    told where the warehouse is asked, and with the shipments."""
    if update.reason not in MATTERS or update.reason in ("cancelled_after_release", "shipped_after_cancel"):
        return []
    same = (update.state, update.reason) == (stored.state, stored.reason)
    evidence = update.decision.evidence if update.decision else {}
    since = stored.state_since if same else now
    return [ExceptionTicket(update.reason, stored.order.name, stored.order.order_id, since, evidence)]
