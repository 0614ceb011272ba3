"""The names of operations are found in the adapters' code, and each of them is declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.truth import scan
from demo.truth.declared import declared
from demo.truth.scan import ADAPTERS, names
from include.fulfilment.adapters import registry, storefront, warehouse
from include.fulfilment.adapters.warehouse.tryton.orders import _STEPS

FOLDERS = {each.name: each for each in ADAPTERS.glob("*/*") if each.name in declared()}
WORKED_OUT = {
    "shopify": "the name in the document",
    "shiphero": "the name in the document",
    "tryton": "the last part of the path",
}
"""Where the code works a name out: the run of the port's checks is what finds one that is not declared."""
UNNAMED = {
    "tryton": {
        "create",
        "search_read",
        "search_count",
        "get_preferences",
        "cancel",
        *(each for each, _ in _STEPS.values()),
    },
    "mintsoft": {"CancelOrder", "UpdateOrder", "AddOrderItem", "UpdateOrderItem", "DeleteOrderItem"},
    "x12": {"940", "997"},
}


def test_every_dialect_declares_what_it_sends() -> None:
    assert declared().keys() == {*registry.dialects(warehouse), *registry.dialects(storefront)} == FOLDERS.keys()
    assert all(declared().values())


@pytest.mark.parametrize("dialect", FOLDERS)
def test_what_the_code_names_is_what_is_declared(dialect: str) -> None:
    found = names(FOLDERS[dialect])
    named = {each.name for each in found if each.name}
    draft = {"draft"} if dialect == "tryton" else set()  # pressed by its name to undo a sale
    assert named | UNNAMED.get(dialect, set()) | draft == declared()[dialect].keys()
    assert {each.place.split("/")[2] for each in found if not each.name} == {dialect} & WORKED_OUT.keys()


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('self._transport.request("GET", "/x", operation="Foo", safe=True)', {"Foo"}),
        ('self._get("/x", "Foo")', {"Foo"}),
        ('self.client.get("/x", operation="Foo")', set()),
        ('answers.get("/x", "Foo")', set()),
        ("self._transport.request(method, path, operation=path[1:])", {""}),
        ("self._transport.request(method, path, operation=operation)", {""}),
        ('document = "query FulfilFoo { orders }"', {"FulfilFoo"}),
        ('document = many("FulfilFoo", 3)', {"FulfilFoo"}),
        ('kind = "FulfillmentOrder"', set()),
    ],
)
def test_what_counts_as_the_name_of_an_operation(
    code: str, found: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "adapters" / "warehouse" / "new"
    folder.mkdir(parents=True)
    monkeypatch.setattr(scan, "ADAPTERS", tmp_path / "adapters")
    passes_on = "    def _get(self, path, operation):\n        self._client.request(path, operation=operation)\n"
    (folder / "client.py").write_text(f"class Client:\n{passes_on}    def ask(self):\n        {code}\n")
    assert {each.name for each in names(folder)} == found
