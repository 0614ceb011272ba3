"""The customers' accounts: limits that fit most of the time, and some whose latest order goes over.

The balance is what SparkLayer shows: it rises by itself with each order placed, so it contains every loaded order
(docs.sparklayer.io, credit and net terms). A credit source that reads it declares `placed_orders`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from demo.orders_buyers import person
from demo.orders_chance import number, percent, pick
from demo.orders_rules import Invoice
from demo.orders_shape import customer_key, gross, net_days, order_name, po_required
from demo.orders_types import LoadCustomer, LoadMetafield, Remedy, RemedyKind

OVER_CREDIT_PERCENT = 12
HEADROOM_PERCENT = 25
GROUPS = ("base", "silver", "gold")
PENNY = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Account:
    """One customer's credit: pounds owed, loaded orders included, and the limit."""

    key: str
    balance: Decimal
    limit: Decimal
    over: Invoice | None = None

    def metafield(self, balance: Decimal) -> str:
        """SparkLayer's JSON, written by hand because its money is numbers and ours are not floats."""
        terms = f'"currency_code": "GBP", "net_terms": {net_days(self.key)}'
        return f'{{"credit_limit": {self.limit:.2f}, "balance": {balance:.2f}, {terms}}}'

    def payment(self) -> Remedy | None:
        """The payment that brings the account a tenth below its limit, where an order waits for it."""
        if self.over is None:
            return None
        after = (self.limit * Decimal("0.9")).quantize(PENNY)
        name = order_name(self.over)
        return Remedy(RemedyKind.CREDIT, name, "credit_limit_exceeded", self.key, metafield_value=self.metafield(after))


def accounts(invoices: Iterable[Invoice], troubled: Mapping[str, Remedy]) -> dict[str, Account]:
    """An account per customer on account. An order that waits for something else is never the one over credit."""
    by_customer: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        if invoice.customer:
            by_customer[invoice.customer].append(invoice)
    return {key: _account(key, placed, troubled) for key, placed in sorted(by_customer.items())}


def _account(key: str, placed: list[Invoice], troubled: Mapping[str, Remedy]) -> Account:
    balance = sum((gross(invoice) for invoice in placed), Decimal(number("owed", key) % 400))
    latest = max(placed, key=lambda invoice: (invoice.at, invoice.number))
    alone_last = sum(invoice.at == latest.at for invoice in placed) == 1
    chosen = percent("over credit", key) < OVER_CREDIT_PERCENT
    if chosen and alone_last and order_name(latest) not in troubled and gross(latest) >= 2:
        return Account(key, balance, balance - (gross(latest) / 2).quantize(PENNY), over=latest)
    return Account(key, balance, _round_up(balance * (100 + HEADROOM_PERCENT) / 100))


def _round_up(pounds: Decimal) -> Decimal:
    return (pounds / 100).to_integral_value(ROUND_CEILING) * 100


def customers(invoices: Iterable[Invoice], credit: Mapping[str, Account]) -> list[LoadCustomer]:
    """Every buyer of these orders once, with group, PO flag and credit."""
    keys = dict.fromkeys(customer_key(invoice) for invoice in invoices)
    return [customer(key, credit.get(key)) for key in keys]


def customer(key: str, account: Account | None) -> LoadCustomer:
    """A buyer; only one with an account has credit."""
    po = "true" if account and po_required(key) else "false"
    fields = [
        _metafield("sparklayer", "group", "single_line_text_field", pick(GROUPS, "group", key)),
        _metafield("fulfilment", "po_required", "boolean", po),
    ]
    if account:
        fields.append(_metafield("sparklayer", "payment_on_account", "json", account.metafield(account.balance)))
    return {"key": key, "name": person(key), "email": f"buyer-{key.lower()}@example.com", "metafields": fields}


def _metafield(namespace: str, key: str, kind: str, value: str) -> LoadMetafield:
    return {"namespace": namespace, "key": key, "type": kind, "value": value}
