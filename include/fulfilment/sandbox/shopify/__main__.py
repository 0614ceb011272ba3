"""Serve the sandbox shop on 127.0.0.1 until it is stopped."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from .app import create_app

_SHOP, _CONTROL = "SANDBOX_SHOP_TOKEN", "SANDBOX_CONTROL_TOKEN"


def main() -> int:
    """Read the arguments and the two tokens, and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m include.fulfilment.sandbox.shopify",
        description=f"A Shopify shop with SparkLayer on it. The environment gives its tokens: {_SHOP} and {_CONTROL}.",
    )
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--db", type=Path, required=True, help="file that keeps the shop; made when it is not there")
    arguments = parser.parse_args()
    shop, control = os.environ.get(_SHOP, ""), os.environ.get(_CONTROL, "")
    try:
        app = create_app(arguments.db, shop, control)
    except ValueError as error:
        sys.stderr.write(f"{error}: set {_SHOP} and {_CONTROL}\n")
        return 2
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
