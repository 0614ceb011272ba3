"""A sandbox account for each test, and ShipBob's own description of its API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.truth.openapi import OpenApi
from tests.sandbox.shipbob.account import Account


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = Account(tmp_path)
    made.floor.load_products({"MUG": "Mug", "LAMP": "Lamp"})
    made.floor.receive({"MUG": 100, "LAMP": 10})
    yield made
    made.floor.close()
    made.http.close()


@pytest.fixture(scope="session")
def openapi(shared_folder: Path) -> OpenApi:
    file = shared_folder / "specs" / "shipbob" / "shipbob-openapi-2026-01.json"
    if not file.exists():
        pytest.skip(f"the vendor's schema is not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    return OpenApi(file)
