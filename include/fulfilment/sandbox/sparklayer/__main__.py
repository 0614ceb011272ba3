"""Serve the sandbox site on 127.0.0.1 until it is stopped."""

from __future__ import annotations

import sys

from ..serve import main
from .app import create_app

if __name__ == "__main__":
    name = "python -m include.fulfilment.sandbox.sparklayer"
    sys.exit(main(name, ("SANDBOX_SHOP_TOKEN", "SANDBOX_CONTROL_TOKEN"), create_app))
