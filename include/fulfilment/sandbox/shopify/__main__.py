"""Serve the sandbox shop on 127.0.0.1 until it is stopped."""

from __future__ import annotations

import sys

from ..serve import main
from .app import create_app

if __name__ == "__main__":
    variables = ("SANDBOX_SHOP_TOKEN", "SANDBOX_CONTROL_TOKEN")
    sys.exit(main("python -m include.fulfilment.sandbox.shopify", variables, create_app))
