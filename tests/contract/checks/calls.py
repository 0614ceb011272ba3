"""Every call is asked for, heard of, and silent about what is secret or personal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace

from include.fulfilment.domain.order import Address
from include.fulfilment.errors import ConfigError, FulfilmentError, RetryableError
from include.fulfilment.ports import Created, Unknown
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import SHOP, an_order, as_asked, goods, holds, ship
from tests.contract.wire import AFTER, BEFORE

_PERSONAL = replace(SHOP, name="Wilhelmina Quarrington", address1="99 Zanzibar Crescent", phone="0113-555-0199")
_INSTRUCTIONS = "Knock thrice and ask for Quentin"


@warehouse_check("no_http")
def check_every_attempt_asks_the_budget_and_is_heard(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    bench.wire.clear()
    bench.transport_log.clear()
    bench.wire.spoil("429", after_calls=1)
    order = an_order((sku, 2))
    warehouse = bench.fresh()
    assert isinstance(warehouse.submit(order, bench.clock().replace(year=2100)), Created)
    warehouse.find([order.external_ref])
    warehouse.read_stock()
    list(warehouse.read_shipments(bench.began))
    calls = len(bench.wire.heard)
    assert len(bench.wire.asked) == calls, f"{calls} calls, {len(bench.wire.asked)} asked for"
    assert all(cost >= 1 for cost in bench.wire.asked)
    assert len(bench.transport_log) == calls
    assert {system for system, _, _ in bench.transport_log} == {warehouse.capabilities.name}
    assert [status for _, _, status in bench.transport_log].count("429") == 1
    assert all(operation for _, operation, _ in bench.transport_log)


@warehouse_check("no_http")
def check_a_call_that_the_budget_refuses_is_not_made(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 2))
    bench.wire.refusal = RetryableError("the call budget is spent", retry_after=30)
    bench.wire.clear()
    answer = as_asked(bench.fresh(), order)
    reading = _outcome(bench, "read_stock")
    assert bench.wire.heard == [], "a call was made that the budget refused"
    bench.wire.calm()
    assert isinstance(answer, RetryableError | Unknown), answer
    assert isinstance(reading, RetryableError), reading
    assert reading.retry_after == 30
    assert holds(bench, order) == []


@warehouse_check("no_http")
def check_nothing_secret_or_personal_is_told(bench: Bench) -> None:
    (sku,) = goods(bench, 500)
    told: list[str] = []
    with _logged() as lines:
        for kind in ("", "401", "html_after") if "slow" in bench.traits else ("", *BEFORE, *AFTER):
            for spoilt in (0, 1, 3) if kind else (0,):
                order = an_order((sku, 1), ship_to=_PERSONAL, instructions=_words(bench))
                if kind:
                    bench.wire.spoil(kind, after_calls=spoilt, times=5)
                warehouse = bench.fresh()
                told.append(_said(as_asked(warehouse, order)))
                bench.wire.calm()
                bench.clock.pass_time(5)
                told.append(repr(warehouse))
        if holds(bench, order):
            ship(bench, order)
        told += [_said(_outcome(bench, operation)) for operation in ("read_stock", "shipments")]
    told += lines
    told += [each.url for each in bench.wire.heard]
    _assert_silent(bench, told)


@warehouse_check("no_http")
def check_refused_credentials_are_a_matter_for_a_person_and_are_not_shown(bench: Bench) -> None:
    assert bench.wire.given is not None
    wrong = replace(bench.wire.given.connection, password="wrong-" + "Zq7" * 11)
    with _logged() as lines:
        try:
            bench.connect(replace(bench.wire.given, connection=wrong)).find(["B2BNOSUCH"])
        except ConfigError as refusal:
            text = str(refusal)
        else:
            raise AssertionError("a wrong key was taken")
    assert wrong.conn_id in text, f"the connection is not named: {text}"
    _assert_silent(bench, [text, *lines])


def _words(bench: Bench) -> str:
    return "" if bench.warehouse.capabilities.field_limits.get("instructions") == 0 else _INSTRUCTIONS


def _outcome(bench: Bench, operation: str) -> object:
    warehouse = bench.fresh()
    try:
        return list(warehouse.read_shipments(bench.began)) if operation == "shipments" else warehouse.read_stock()
    except FulfilmentError as error:
        return error


def _said(outcome: object) -> str:
    """What a log or a ticket would show of an answer or an error, with the chain that a traceback prints."""
    if not isinstance(outcome, BaseException):
        return repr(outcome)
    shown, each = [], outcome
    while each is not None:
        shown.append(f"{each!s} {each!r}")
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\n".join(shown)


def _assert_silent(bench: Bench, told: list[str]) -> None:
    text = "\n".join(told)
    assert not [secret for secret in bench.wire.secrets if len(secret) > 3 and secret in text], "a secret was told"
    personal = [getattr(_PERSONAL, each.name) for each in fields(Address)]
    found = [part for part in (*personal, _INSTRUCTIONS) if len(part) > 5 and part in text]
    assert not found, f"personal data or a body was told: {found}"


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Every log line of every logger, as it would be printed."""
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda entry: lines.append(logging.Formatter("%(name)s %(message)s").format(entry))  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    ours = logging.getLogger("include.fulfilment")
    own = ours.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    ours.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        ours.setLevel(own)
