"""Serve a ShipBob account on 127.0.0.1 until it is stopped."""

from __future__ import annotations

import sys

from ..serve import WAREHOUSE_VARIABLES, main
from .app import create_app

if __name__ == "__main__":
    sys.exit(main("python -m include.fulfilment.sandbox.shipbob", WAREHOUSE_VARIABLES, create_app))
