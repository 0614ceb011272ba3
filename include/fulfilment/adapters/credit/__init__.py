"""The credit source that finance names: the shop's own record of each customer, or a statement of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.fulfilment.adapters.connecting import read_options
from include.fulfilment.adapters.credit.options import ShopOptions, StatementOptions
from include.fulfilment.adapters.credit.shop import ShopCredit
from include.fulfilment.adapters.credit.statement import StatementCredit
from include.fulfilment.adapters.tables import TableTools
from include.fulfilment.errors import ConfigError
from include.fulfilment.ports import CreditSource, Storefronts
from include.fulfilment.settings import Site


def connect(options: Mapping[str, Any], tools: TableTools, site: Site, storefronts: Storefronts) -> CreditSource:
    """The source that the site file describes under `credit`. Raises ConfigError naming the field that is wrong."""
    kind = options.get("kind")
    if kind == "shop":
        return ShopCredit(read_options(ShopOptions, options, "credit", site), storefronts)
    if kind != "statement":
        raise ConfigError(
            f"site {site.code}: credit.kind: {kind!r} is neither `shop` nor `statement`; correct it in the site file"
        )
    return StatementCredit(read_options(StatementOptions, options, "credit", site), tools, storefronts)
