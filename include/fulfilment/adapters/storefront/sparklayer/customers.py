"""Who a purchase is charged to, and that account's credit, from the Customers API.

`payment_on_account` holds credit limit, currency, net terms, balance and the date of the balance
(https://docs.sparklayer.io/developers/api/customers/create-or-update-a-customer). A login with a parent buys on its
parent's account. How a customer is read is not in the pages that could be read, so its path is an option of the site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

from include.fulfilment.adapters.storefront.fields import Fields, decimal_of
from include.fulfilment.adapters.storefront.sparklayer.client import Json, SparkLayerClient
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.transport import RemoteRefusal
from include.fulfilment.clock import Clock
from include.fulfilment.domain.order import CreditAccount
from include.fulfilment.errors import RetryableError

_NAME = 255


@dataclass(frozen=True, slots=True)
class Customer:
    """The account behind a login, and that login's customer group, empty for the default one; `credit` is None where it
    has none or it cannot be read."""

    account_id: str
    name: str
    po_required: bool
    group: str
    credit: CreditAccount | None


class Customers:
    """Customers as they stand in one reading: each is asked for once. `contains` is what the balance includes."""

    def __init__(self, client: SparkLayerClient, options: Options, contains: str, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._contains = contains
        self._clock = clock
        self._known: dict[str, Fields | None] = {}

    def account(self, customer_id: str, currency: str) -> Customer | None:
        """The account of a customer; where it names no currency, its credit is in the order's `currency`. None where
        SparkLayer has no such customer."""
        login = self._read(customer_id)
        if login is None:
            return None
        account, number = self._account_of(login, customer_id)
        group = login.text("group", _NAME)
        groups = {group, account.text("group", _NAME)}
        return Customer(
            account_id=f"customer:{number}",
            name=account.text("company_name", _NAME) or _person(account),
            po_required=not groups.isdisjoint(self._options.po_required_groups),
            group="" if group == "base" else group,
            credit=self._credit(account, f"customer:{number}", currency),
        )

    def ledger_codes(self, customer_ids: Sequence[str]) -> dict[str, str]:
        """By account of these customers its `accounting_id`; one without is missing."""
        logins = ((each, self._read(each)) for each in customer_ids)
        accounts = [self._account_of(login, each) for each, login in logins if login is not None]
        codes = {f"customer:{number}": account.text("accounting_id", _NAME).strip() for account, number in accounts}
        return {account: code for account, code in codes.items() if code}

    def _account_of(self, login: Fields, customer_id: str) -> tuple[Fields, str]:
        """Who owes what this login orders: its parent where it has one; and that customer's id."""
        parent_id = login.text("parent_customer_id", _NAME).strip()
        parent = self._read(parent_id) if parent_id else None
        account = parent or login
        return account, account.text("id", _NAME) or parent_id or customer_id

    def _read(self, customer_id: str) -> Fields | None:
        if customer_id and customer_id not in self._known:
            self._known[customer_id] = self._asked(customer_id)
        return self._known.get(customer_id)

    def _asked(self, customer_id: str) -> Fields | None:
        path = self._options.customer_path.replace("{id}", quote(customer_id, safe=""))
        try:
            found = self._client.get(path, "getCustomer")
        except RemoteRefusal:  # an id that SparkLayer cannot even read; one odd order stops no other
            return None
        if found is None:
            return None
        if not isinstance(found, dict) or not found.get("id"):
            raise RetryableError("SparkLayer's answer for a customer is none; it will be read again")
        return Fields(found, "", [])

    def _credit(self, account: Fields, account_id: str, currency: str) -> CreditAccount | None:
        given = account.inside("payment_on_account")
        limit, balance = _amount(given.raw.get("credit_limit")), _amount(given.raw.get("balance") or 0)
        code = given.raw.get("currency_code") or account.raw.get("currency_code") or currency
        as_of = self._as_of(given)
        if limit is None or balance is None or as_of is None or not isinstance(code, str) or len(code) != 3:
            return None
        return CreditAccount(
            account_id=account_id,
            credit_limit=limit,
            balance=balance,
            currency=code.upper(),
            on_stop=account.text("status", _NAME) not in self._options.active_statuses,
            as_of=as_of,
            contains=self._contains,
        )

    def _as_of(self, given: Fields) -> datetime | None:
        """When the balance was true: its own date where it has one and the site has not said otherwise."""
        text, now = given.raw.get("balance_date"), self._clock()
        if text is None or self._options.balance_as_of == "reading":
            return now
        try:
            found = datetime.fromisoformat(str(text))
        except ValueError:
            return None
        return min(found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC), now)


def _amount(value: Json) -> Decimal | None:
    """Money as text, as a number, or as a MonetaryObject."""
    return decimal_of(value.get("number") if isinstance(value, dict) else value)


def _person(account: Fields) -> str:
    return f"{account.text('first_name', _NAME)} {account.text('last_name', _NAME)}".strip()
