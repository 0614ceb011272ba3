"""The sandbox account, known to every test of this folder."""

from __future__ import annotations

from tests.sandbox.shipbob.conftest import account, openapi

__all__ = ["account", "openapi"]
