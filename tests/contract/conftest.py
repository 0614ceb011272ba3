"""Asserts inside the checks show their values, as those of tests do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "tests.contract.checks", "tests.contract.orders", "tests.truth.proof", "tests.truth.rest"
)
