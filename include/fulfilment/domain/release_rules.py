"""The rules of a release decision, each a pure function of one order and what is around it.

Every rule is evaluated and kept with its inputs; the first that does not pass names the hold.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from include.fulfilment.domain.order import CreditAccount, PaymentMethod, PaymentState
from include.fulfilment.domain.preflight_rules import (
    address,
    details_agree,
    fits_target,
    record_usable,
    shipping_service,
)
from include.fulfilment.domain.quantity import Proof, Refusal
from include.fulfilment.domain.release_case import ReleaseCase, Rule, RuleResult, Surroundings, passed_or
from include.fulfilment.domain.release_policy import PoRequired
from include.fulfilment.domain.working_time import FURTHEST


def ours(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """Ours to release: from a shop that we release for, made by SparkLayer, placed since we began, not fulfilled by
    somebody else, and with something that leaves from a warehouse of ours."""
    order, start = case.order, around.policy.start
    if order.storefront in around.released_by_others:
        return RuleResult("ours", False, {"shop": order.storefront}, "released_elsewhere")
    if not order.is_b2b:
        return RuleResult("ours", False, {"cart or payment type": "absent"}, "not_sparklayer")
    if start is not None and order.placed_at < start:
        return RuleResult("ours", False, {"placed": order.placed_at.isoformat()}, "placed_before_start")
    if order.fulfilled_in_shop and not any(line.quantities.released for line in case.lines):
        return RuleResult("ours", False, {"fulfilled in the shop": "True"}, "fulfilled_elsewhere")
    if case.elsewhere and not case.lines:
        return RuleResult("ours", False, {"lines": str(case.elsewhere)}, "leaves_from_elsewhere")
    return RuleResult("ours", True, {})


def _completed(case: ReleaseCase, around: Surroundings) -> RuleResult:
    quote = case.order.payment_method is PaymentMethod.QUOTE
    code = "quote_open" if quote else "awaiting_completion"
    if case.order.is_draft and not quote and _has_waited(case, around):
        code = "draft_waiting"
    return passed_or("completed", not case.order.is_draft and not quote, code, draft=case.order.is_draft, quote=quote)


def _has_waited(case: ReleaseCase, around: Surroundings) -> bool:
    """Whether a draft on account lies there for too long: the most common way a trade order is lost."""
    longest, dispatch = around.policy.draft_waiting, around.policy.dispatch
    if longest is None or case.order.payment_method is not PaymentMethod.ACCOUNT:
        return False
    age = around.now - case.order.placed_at
    if dispatch is not None and timedelta() < age < FURTHEST:
        age = dispatch.calendar.working_time(case.order.placed_at, around.now)
    return age >= longest


def _not_held_in_shop(case: ReleaseCase, _: Surroundings) -> RuleResult:
    return passed_or("not_held_in_shop", not case.order.held_in_shop, "held_in_shop", held=case.order.held_in_shop)


def _not_to_be_stopped(case: ReleaseCase, _: Surroundings) -> RuleResult:
    asked = case.stop_asked_by
    return passed_or("not_to_be_stopped", not asked, "cancel_asked", asked_by=asked or "nobody")


def _not_refused(case: ReleaseCase, _: Surroundings) -> RuleResult:
    refused = bool(case.refused_hash) and case.refused_hash == case.content_hash
    return passed_or("not_refused_by_warehouse", not refused, "warehouse_rejected", refused_as_is=refused)


def _not_there_already(case: ReleaseCase, _: Surroundings) -> RuleResult:
    """Not in the warehouse by another route, unless a person adopted what is there."""
    under, adopts = case.already_as, case.adopts
    inputs = {"held_under": under or "nothing", "adopted": adopts or "no"}
    inputs |= {"at": case.adopts_at} if case.adopts_at and len(case.places()) > 1 else {}
    return passed_or("not_already_in_warehouse", not under or bool(adopts), "already_in_warehouse", **inputs)


def _payment(case: ReleaseCase, around: Surroundings) -> RuleResult:
    order, policy = case.order, around.policy
    inputs = {"method": order.payment_method.value, "word": order.payment_word, "state": order.payment_state.value}
    code = ""
    if order.payment_method in (PaymentMethod.CARD, PaymentMethod.HOKODO):
        hokodo = order.payment_method is PaymentMethod.HOKODO
        may_go = policy.hokodo_states if hokodo else policy.card_states
        code = "" if order.payment_state in may_go else _unpaid(order.payment_state)
    elif order.payment_method is PaymentMethod.INVOICE:
        if policy.invoice is None:
            code = "invoice_policy_missing"
        elif policy.invoice == "approved":
            code = "approval_needed"
        elif policy.invoice == "paid_first" and order.payment_state is not PaymentState.PAID:
            code = _unpaid(order.payment_state)
    elif order.payment_method is PaymentMethod.UNKNOWN:
        code = "payment_method_unmapped"
    return RuleResult("payment", not code, inputs, code)


def _unpaid(state: PaymentState) -> str:
    waiting = (PaymentState.PENDING, PaymentState.AUTHORIZED, PaymentState.PARTIALLY_PAID)
    return "payment_pending" if state in waiting else "payment_failed"


def _account(case: ReleaseCase, around: Surroundings) -> CreditAccount | None:
    """The credit account that the order is judged by; None for one that is not on account, and for a draft."""
    on_account = case.order.payment_method is PaymentMethod.ACCOUNT and not case.order.is_draft
    return around.accounts.get(case.order.account_id) if on_account else None


def _account_known(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """On account: there is a credit account, in the order's currency."""
    order, account = case.order, _account(case, around)
    if order.payment_method is not PaymentMethod.ACCOUNT or order.is_draft:
        return RuleResult("account", True, {"applies": "no"})
    if account is None:
        return RuleResult("account", False, {"account": order.account_id or "none"}, "account_unverified")
    inputs = {"account": account.account_id, "currency": account.currency, "order": order.currency}
    ok = account.currency == order.currency
    return RuleResult("account", ok, inputs, "" if ok else "credit_currency_mismatch")


def _not_on_stop(case: ReleaseCase, around: Surroundings) -> RuleResult:
    account = _account(case, around)
    ok = account is None or not account.on_stop
    return passed_or("on_stop", ok, "account_on_stop", account=account.account_id if account else "none")


def _credit_fresh(case: ReleaseCase, around: Surroundings) -> RuleResult:
    account = _account(case, around)
    if account is None:
        return RuleResult("credit_age", True, {"applies": "no"})
    if around.now - account.as_of <= around.credit_max_age:
        return RuleResult("credit_age", True, {})  # not the instant: with it every reading would be another decision
    return RuleResult("credit_age", False, {"as_of": account.as_of.isoformat()}, "credit_data_stale")


def _credit(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """On account: inside the limit, in the order in which the account's orders were placed."""
    order, account = case.order, _account(case, around)
    if account is None:
        return RuleResult("credit", True, {"applies": "no"})
    ledger = around.ledger.get(account.account_id, account.account_id)
    used = around.queue.exposure_before(order.order_id, ledger, account.balance, account.contains, account.as_of)
    after: Decimal = used + order.total_gross
    inputs = {
        "account": account.account_id,
        "ledger account": ledger,
        "limit": f"{account.credit_limit} {account.currency}",
        "balance": f"{account.balance} ({account.contains})",
        "exposure_before": str(used),
        "order": str(order.total_gross),
        "after": str(after),
    }
    inside = after <= account.credit_limit
    return RuleResult("credit", inside, inputs, "" if inside else "credit_limit_exceeded")


def _purchase_order(case: ReleaseCase, around: Surroundings) -> RuleResult:
    asked = around.policy.po_required
    required = asked is PoRequired.ALWAYS or (asked is PoRequired.AS_CUSTOMER_SAYS and case.order.po_required)
    ok = bool(case.order.po_number) or not required
    return passed_or("po_number", ok, "po_missing", required=required, given=bool(case.order.po_number))


def _old_enough(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """Edits and cancels of the first minutes are over before the warehouse hears of the order."""
    wanted, inputs = around.policy.minimum_age, {}
    old_enough_at = case.order.placed_at + wanted
    if wanted:
        inputs["goes_at"] = old_enough_at.isoformat()
    if not wanted or around.now >= old_enough_at:
        return RuleResult("minimum_age", True, inputs)
    dispatch = around.policy.dispatch
    if dispatch is None or not dispatch.saves_a_day(around.now, old_enough_at):
        return RuleResult("minimum_age", False, inputs, "minimum_age")
    return RuleResult("minimum_age", True, inputs | {"yields to": f"the cut-off at {dispatch.cut_off.at:%H:%M}"})


def _on_its_day(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """Not before its day, counted back from the day it is wanted, and never after the day the buyer gave it up."""
    order, dispatch = case.order, around.policy.dispatch
    today, first = around.now.astimezone(around.policy.zone).date(), order.not_before_on
    leaves_on = dispatch.due_on(around.now) if dispatch else today
    if order.cancel_after_on is not None and leaves_on > order.cancel_after_on:
        inputs = {"cancel after": order.cancel_after_on.isoformat(), "would leave on": leaves_on.isoformat()}
        return RuleResult("dates", False, inputs, "past_cancel_date")
    if dispatch is None:
        inputs = {"working calendar": "none"}
    else:
        if order.requested_on is not None and order.requested_on > today:
            leaves = dispatch.calendar.working_days_before(order.requested_on, dispatch.lead_days)
            first = max(first or leaves, leaves)
        inputs = {"wanted on": str(order.requested_on or "any day")}
    inputs["goes on"] = str(first or "any day")
    ok = first is None or today >= first
    return RuleResult("dates", ok, inputs, "" if ok else "not_before")


def _not_ordered_twice(case: ReleaseCase, _: Surroundings) -> RuleResult:
    """The same account, PO and lines a few days ago: perhaps a slip, perhaps meant."""
    return passed_or("ordered_once", not case.like, "possible_duplicate", like=case.like or "none")


def _value(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """A person is asked above a value, so that one slip is not a lorry."""
    order = case.order
    most = around.policy.largest_order_gross.get(order.currency)
    inputs = {"order": f"{order.total_gross} {order.currency}", "asks from": "no limit" if most is None else str(most)}
    ok = most is None or order.total_gross <= most
    return RuleResult("value", ok, inputs, "" if ok else "value_threshold")


def _quantities(case: ReleaseCase, _: Surroundings) -> RuleResult:
    for line in case.lines:
        if isinstance(line.proof, Refusal):
            return RuleResult("quantities", False, {"line": line.line_id, "found": line.proof.detail}, line.proof.code)
        if line.first_units is not None and line.first_units != line.proof.units_per_uom:
            inputs = {"line": line.line_id, "at order": str(line.first_units), "now": line.proof.text()}
            return RuleResult("quantities", False, inputs, "pack_changed")
    return RuleResult("quantities", True, {"lines": str(len(case.lines))})


def _line_size(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """A person is asked about a line above so many base units: it may be a slip of the finger."""
    most = around.policy.largest_line_base
    for line in case.lines:
        if isinstance(line.proof, Proof) and line.proof.base > most:
            inputs = {"line": line.line_id, "base units": str(line.proof.base), "asks from": str(most)}
            return RuleResult("line_size", False, inputs, "quantity_threshold")
    return RuleResult("line_size", True, {"asks from": str(most)})


def _stock_known(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """Everything that waits leaves from a warehouse that the site file names, and whose stock was read."""
    for line in case.lines:
        if line.quantities.waiting and line.leaves_from not in around.places:
            inputs = {"line": line.line_id, "leaves from": line.leaves_from or "a place that is none of ours"}
            return RuleResult("stock_known", False, inputs, "warehouse_unknown")
    known = [around.places[each] for each in case.places() if each in around.places]
    unread = [place.code for place in known if place.free is None]
    inputs = {"reading": "none"} | ({"of": ", ".join(unread)} if len(around.places) > 1 else {})
    return RuleResult(
        "stock_known", not unread, inputs if unread else {"reading": "present"}, "stock_unknown" if unread else ""
    )


RULES: tuple[Rule, ...] = (
    record_usable,
    _completed,
    _not_held_in_shop,
    _not_to_be_stopped,
    _old_enough,
    _payment,
    _purchase_order,
    _quantities,
    _line_size,
    _value,
    _not_ordered_twice,
    details_agree,
    _on_its_day,
    fits_target,
    address,
    shipping_service,
    _account_known,
    _not_on_stop,
    _credit_fresh,
    _credit,
    _not_refused,
    _not_there_already,
    _stock_known,
)
