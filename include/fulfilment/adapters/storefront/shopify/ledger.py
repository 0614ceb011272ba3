"""The ledger's codes that a shop keeps on its buyers: the external id of the company location or else of its company,
and on a customer without a company the metafield `fulfilment.ledger_account`.

Source: shopify.dev, Admin GraphQL 2026-07, `CompanyLocation.externalId` and `Company.externalId`: "a unique externally-
supplied ID", meant for the ERP's.
"""

from __future__ import annotations

from collections.abc import Sequence

from include.fulfilment.adapters.storefront.fields import Fields
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient
from include.fulfilment.adapters.storefront.shopify.fulfilment import read_nodes
from include.fulfilment.adapters.storefront.shopify.orders import account_id

_NAME = 255


def read_ledger_codes(client: ShopifyClient, platform_ids: Sequence[str]) -> dict[str, str]:
    """By account the code of the ledger, a hundred orders a call; accounts without one, or with two, are left out."""
    found: dict[str, set[str]] = {}
    for node in read_nodes(client, queries.LEDGER_CODES, "Order", platform_ids, queries.ACCOUNTS_PER_READ):
        fields = Fields(node, "", [])
        found.setdefault(account_id(fields), set()).add(_code(fields))
    return {account: codes.pop() for account, codes in found.items() if account and len(codes) == 1 and "" not in codes}


def _code(fields: Fields) -> str:
    buyer = fields.inside("purchasingEntity")
    if buyer.inside("location").raw.get("id"):
        own = buyer.inside("location").text("externalId", _NAME)
        return (own or buyer.inside("company").text("externalId", _NAME)).strip()
    return fields.inside("customer").inside("ledger").text("value", _NAME).strip()
