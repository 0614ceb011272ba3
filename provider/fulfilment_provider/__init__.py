"""The connection types of the B2B fulfilment package, as Airflow's form shows them: one for each storefront and
warehouse dialect. Airflow reads them at the entry point `apache_airflow_provider`.

Nothing is imported here: Airflow reads this in every component, the hooks only where a connection is tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def get_provider_info() -> dict[str, Any]:
    """What Airflow's provider_info.schema.json asks for; `connection-types` is what this is about."""
    return {
        "package-name": "fulfilment-provider",
        "name": "B2B fulfilment",
        "description": "Connections to the storefronts and warehouses of the B2B fulfilment package.",
        "connection-types": [*_storefronts(), *_warehouses()],
    }


def _storefronts() -> list[dict[str, Any]]:
    return [_shopify(), _sparklayer()]


def _shopify() -> dict[str, Any]:
    fields = {
        "host": ("Shop address", "https://your-shop.myshopify.com"),
        "password": ("Admin API access token", "shpat_…"),
    }
    extra = {"api_version": ("API version", "The Admin API's version, as 2026-07. Empty: 2026-07.")}
    return _type("shopify", "Fulfilment: Shopify with SparkLayer", fields, extra)


def _sparklayer() -> dict[str, Any]:
    fields = {
        "host": ("API address", "https://app.sparklayer.io"),
        "login": ("Client ID", "from Settings, API in SparkLayer's Dashboard"),
        "password": ("Client Secret", "from the same page"),
    }
    extra = {"site_id": ("Site ID", "The Site ID beside the Client ID. Needed.")}
    return _type("sparklayer", "Fulfilment: SparkLayer alone", fields, extra)


def _warehouses() -> list[dict[str, Any]]:
    return [
        _tryton(),
        _shipbob(),
        _mintsoft(),
        _shiphero(),
        _x12(),
    ]


def _tryton() -> dict[str, Any]:
    fields = {
        "host": ("Server address", "https://tryton.example.com"),
        "port": ("Port", "only if it is not in the address"),
        "schema": ("Database", "the name of Tryton's database"),
        "password": ("User application key", "a validated key of kind rest"),
    }
    return _type("tryton", "Fulfilment: Tryton", fields, {})


def _shipbob() -> dict[str, Any]:
    fields = {
        "host": ("API address", "https://api.shipbob.com"),
        "password": ("Access token", "a personal access token"),
    }
    extra = {
        "channel_id": ("Channel", "The number of the channel that orders go to (GET /channel). Needed."),
        "api_version": ("API version", "As 2026-01. Empty: 2026-01."),
    }
    return _type("shipbob", "Fulfilment: ShipBob", fields, extra)


def _mintsoft() -> dict[str, Any]:
    fields = {
        "host": ("API address", "https://api.mintsoft.co.uk"),
        "login": ("User", "a user of its own"),
        "password": ("Mintsoft password", "not the password of Access Evo"),
    }
    extra = {"client_id": ("Client", "Only for a 3PL's own user: the number of the client.", "integer")}
    return _type("mintsoft", "Fulfilment: Mintsoft", fields, extra)


def _shiphero() -> dict[str, Any]:
    fields = {
        "host": ("API address", "https://public-api.shiphero.com"),
        "login": ("User (e-mail)", "empty for a developer user's refresh token"),
        "password": ("Password or refresh token", "of a user of its own"),
    }
    extra = {"customer_account_id": ("Client account", "Only for a 3PL's user: the client on whose behalf it calls.")}
    return _type("shiphero", "Fulfilment: ShipHero", fields, extra)


def _x12() -> dict[str, Any]:
    fields = {
        "host": ("Mailbox", "sftp://server or file:///folder"),
        "port": ("Port", "22"),
        "login": ("Account", "on the SFTP server"),
        "password": ("Password", "empty with a private key"),
    }
    extra = {
        "host_key": ("Host key", "The server's key as in known_hosts: ssh-ed25519 AAAA… Needed with sftp."),
        "private_key": ("Private key", "In OpenSSH's form, without a passphrase.", "multiline"),
        "path": ("Folder", "The mailbox's folder on the server. Empty: the account's own."),
    }
    return _type("x12", "Fulfilment: X12 mailbox", fields, extra)


_STANDARD = ("host", "schema", "login", "password", "port")


def _type(
    dialect: str, title: str, fields: Mapping[str, tuple[str, str]], extra: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """One connection type: `fields` are Airflow's own (label, placeholder), all others of them are hidden; `extra` are
    the dialect's (label, what it means, and its kind where that is not plain text)."""
    found: dict[str, Any] = {
        "connection-type": f"fulfilment_{dialect}",
        "hook-class-name": f"fulfilment_provider.hooks.{dialect.capitalize()}Hook",
        "hook-name": title,
        "ui-field-behaviour": {
            "hidden-fields": [name for name in _STANDARD if name not in fields],
            "relabeling": {name: label for name, (label, _) in fields.items()},
            "placeholders": {name: words for name, (_, words) in fields.items()},
        },
    }
    if extra:
        found["conn-fields"] = {name: _extra_field(*given) for name, given in extra.items()}
    return found


def _extra_field(label: str, words: str, kind: str = "string") -> dict[str, Any]:
    schema: dict[str, Any] = {"type": ["integer" if kind == "integer" else "string", "null"]}
    if kind == "multiline":
        schema["format"] = kind
    return {"label": label, "description": words, "schema": schema}
