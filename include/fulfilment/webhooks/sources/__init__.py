"""The systems whose webhooks the door understands, by the name in the address."""

from __future__ import annotations

from collections.abc import Mapping

from include.fulfilment.webhooks.delivery import Source
from include.fulfilment.webhooks.sources import mintsoft, shipbob, shiphero, shopify

SOURCES: Mapping[str, Source] = {each.name: each for each in (m.SOURCE for m in (mintsoft, shipbob, shiphero, shopify))}
