"""A fresh door for each test."""

from __future__ import annotations

import pytest

from tests.webhooks.kit import Visit


@pytest.fixture
def visit() -> Visit:
    return Visit()
