"""Customers as the Customers API answers them (field list:
https://docs.sparklayer.io/developers/api/customers/create-or-update-a-customer). That one customer is read with GET on
the same path is presumed: the page that says so could not be read."""

from __future__ import annotations

import json

from ..errors import Refused
from .problems import ApiRefusal
from .state import Json, SiteState, stored, uuid_of

_COLUMNS = {"sparklayer": "id", "platform": "external_id", "email": "email"}
PO_SUFFIX = "-po"


def read(state: SiteState, lookup: str, identifier: str) -> Json:
    """Return one customer; raises ApiRefusal where there is none."""
    if lookup not in _COLUMNS:
        raise ApiRefusal(404, f"lookupBy must be one of {', '.join(_COLUMNS)}")
    row = state.one(f"SELECT body FROM customer WHERE {_COLUMNS[lookup]} = ?", identifier)  # noqa: S608  one of _COLUMNS
    if row is None:
        raise ApiRefusal(404, "there is no such customer")
    return json.loads(row["body"])


def add(state: SiteState, key: str, name: str, email: str | None) -> None:
    """Add a customer under the loader's key."""
    first, _, last = name.partition(" ")
    number = uuid_of("customer", key)
    body: Json = {
        "id": number,
        "legacy_id": f"cu_{state.next_id('customer')}",
        "external_id": None,
        "accounting_id": key,
        "email": email,
        "first_name": first,
        "last_name": last,
        "company_name": None,
        "status": "active",
        "group": "base",
        "role": "main",
        "parent_customer_id": None,
        "addresses": [],
        "currency_code": "gbp",
        "payment_on_account": None,
    }
    state.insert("customer", id=number, key=key, external_id=None, email=email, body=stored(body))


def change(state: SiteState, key: str, **fields: Json) -> None:
    """Set fields of the customer with the loader's key."""
    row = state.one("SELECT body FROM customer WHERE key = ?", key)
    if row is not None:
        state.run("UPDATE customer SET body = ? WHERE key = ?", stored(json.loads(row["body"]) | fields), key)


def set_metafield(state: SiteState, key: str, name: str, value: Json) -> None:
    """Set the customer's field that a Shopify metafield of this name stands for; raises Refused for any other name.

    That a customer must give a PO number has no field here: such customers are in a group `<group>-po`.
    """
    row = state.one("SELECT body FROM customer WHERE key = ?", key)
    if row is None:
        raise Refused(f"there is no customer with the key {key!r} in the shop")
    group = json.loads(row["body"])["group"]
    match name:
        case "sparklayer.payment_on_account":
            change(state, key, payment_on_account=json.loads(value) if isinstance(value, str) else value)
        case "sparklayer.group":
            change(state, key, group=str(value) + (PO_SUFFIX if group.endswith(PO_SUFFIX) else ""))
        case "fulfilment.po_required":
            plain = group.removesuffix(PO_SUFFIX)
            change(state, key, group=plain + PO_SUFFIX if _yes(value) else plain)
        case "fulfilment.on_stop":
            change(state, key, status="inactive" if _yes(value) else "active")
        case _:
            raise Refused(f"a customer of SparkLayer has no field for the metafield {name!r}")


def _yes(value: Json) -> bool:
    return str(value).strip().lower() not in ("", "false")
