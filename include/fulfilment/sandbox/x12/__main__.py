"""Serve the sandbox: `python -m include.fulfilment.sandbox.x12 --port 8084 --db x12.sqlite --mailbox DIR`."""

from __future__ import annotations

import sys

from ..serve import WAREHOUSE_VARIABLES, main
from .app import create_app

if __name__ == "__main__":
    sys.exit(main("x12", WAREHOUSE_VARIABLES, create_app, {"mailbox": "folder that it shares with the merchant"}))
