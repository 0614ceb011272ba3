"""For one order: what was found where, what the warehouse is told of it, and what preflight says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from include.fulfilment.domain.correction import Correction, corrected, counting
from include.fulfilment.domain.credit import CreditQueue
from include.fulfilment.domain.details import Found
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.domain.preflight import LABELS, Target, Told, goods_value, stated, tell
from include.fulfilment.domain.preflight_rules import PREFLIGHT, details_agree
from include.fulfilment.domain.release_case import Place, ReleaseCase, Surroundings
from include.fulfilment.domain.release_policy import ReleasePolicy
from include.fulfilment.errors import DataError
from include.fulfilment.mapping.text import shown
from include.fulfilment.store_port import Store

_NOTHING_ELSE = Surroundings(
    policy=ReleasePolicy("", frozenset(), None, 1, keep_backorder=True, buffer=0),
    accounts={},
    queue=CreditQueue(()),
    places={},
    now=datetime.min.replace(tzinfo=UTC),
    credit_max_age=timedelta(),
)
"""These rules look at no policy and no credit."""
_PERSONAL = frozenset({"instructions", "mark_for", "sales_rep"})


def mapping_report(store: Store, target: Target, order: str) -> list[str]:
    """The report, line by line. Texts that may name people are given by their length alone, as is the address.

    Raises:
        DataError: no order, or more than one, goes by this name.
    """
    with store.transaction() as rows:
        found = rows.orders.named(order)
        if len(found) != 1:
            what = "is not in the store" if not found else f"is the number of {len(found)} orders; name one by its id"
            raise DataError(f"order {order!r} {what}", order)
        made = rows.people.corrections([found[0].order_id]).get(found[0].order_id, {})
        corrections = counting(found[0], made)
    return list(_lines(found[0], corrections, target))


def _lines(order: SalesOrder, corrections: Mapping[str, Correction], target: Target) -> Iterator[str]:
    counts = corrected(order, corrections)
    value = goods_value(counts)
    told = tell(counts, target, value)
    places = {each.field: each for each in order.details.found}
    yield f"order {order.name} ({order.order_id}), shipping method {shown(order.shipping_method)}"
    for name, text in stated(counts, target, value).items():
        if text or target.declaration(name):
            yield f"{name}: {_said(name, text)}"
            yield from (f"    {words}" for words in _about(name, corrections.get(name), places.get(name)))
            yield f"    warehouse: {_carried(name, text, target, told)}"
    yield from (f"cannot be read: {problem}" for problem in order.problems)
    yield f"preflight: {_verdict(counts, target)}"


def _said(name: str, text: str) -> str:
    if not text:
        return "nothing"
    return f"{len(text)} characters" if name in _PERSONAL or name not in LABELS else shown(text)


def _about(name: str, correction: Correction | None, found: Found | None) -> Iterator[str]:
    if correction is not None:
        yield f"corrected by {correction.person}"
    if found is None:
        return
    yield f"{'in the shop ' if correction else ''}found in {found.place}"
    for place, value in found.elsewhere:
        yield f"also in {place}{': ' + shown(value) if value else ''}"
    if found.differs and correction is None:
        yield "these disagree"


def _carried(name: str, text: str, target: Target, told: Told) -> str:
    limit, declared = target.field_limits.get(name), target.declaration(name)
    fits = "no limit known" if limit is None else "has no field for it" if limit == 0 else f"at most {limit} characters"
    if text and not told.code and not told.values.get(name):
        fits += "; left out" if declared == "not needed" else ""
    return fits + (f"; declared: {declared}" if declared else "")


def _verdict(order: SalesOrder, target: Target) -> str:
    """What the rules on details, record, fields, address and shipping method come to; others may hold it besides."""
    case, around = ReleaseCase(order, (), ""), replace(_NOTHING_ELSE, places={"": Place("", target, None)})
    for rule in (details_agree, *PREFLIGHT):
        result = rule(case, around)
        if not result.passed:
            inputs = ", ".join(f"{name} {value}" for name, value in result.inputs.items())
            return f"held {result.code} ({inputs}). {MATTERS[result.code].next_step}"
    return "everything is there and fits"
