"""An account with mugs on the shelf for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.truth.swagger import Swagger
from tests.sandbox.mintsoft.account import Account


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = Account(tmp_path / "an account" / "mintsoft.db")
    made.floor.receive({"MUG": 100})
    yield made
    made.close()


@pytest.fixture(scope="session")
def swagger(shared_folder: Path) -> Swagger:
    file = shared_folder / "specs" / "mintsoft" / "mintsoft-swagger2-rebuilt.json"
    if not file.exists():
        pytest.skip(f"the vendor's schema is not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    return Swagger(file)
