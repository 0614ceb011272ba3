"""The page on what each system can do has a row for each capability and a column for each adapter."""

from __future__ import annotations

import re
from dataclasses import fields

from demo.docs_capabilities import capabilities_page
from include.fulfilment.adapters import registry, storefront, warehouse
from include.fulfilment.ports import Capabilities, StorefrontCapabilities


def test_every_capability_has_a_row_and_every_adapter_a_column() -> None:
    text = capabilities_page()
    rows = re.findall(r"^\| `([^`]+)` \|", text, flags=re.M)
    declared = [*fields(Capabilities), *fields(StorefrontCapabilities)]
    assert rows == [each.name for each in declared if each.name != "name"]
    heads = [line for line in text.splitlines() if line.startswith("| Capability")]
    rooms = (warehouse, storefront)
    assert [re.findall(r"`([^`]+)`", head) for head in heads] == [registry.dialects(each) for each in rooms]


def test_a_cell_says_what_is_declared() -> None:
    text = capabilities_page()
    (row,) = [line for line in text.splitlines() if line.startswith("| `rate`")]
    cells = [cell.strip() for cell in row.split("|")[3:-1]]
    assert dict(zip(registry.dialects(warehouse), cells, strict=True))["shipbob"] == "150 in 60 s (sliding)"
    (webhooks,) = [line for line in text.splitlines() if line.startswith("| `webhooks`")]
    shops = [cell.strip() for cell in webhooks.split("|")[3:-1]]
    assert dict(zip(registry.dialects(storefront), shops, strict=True)) == {"shopify": "yes", "sparklayer": "no"}
