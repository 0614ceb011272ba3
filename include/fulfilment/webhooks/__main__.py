"""`python -m include.fulfilment.webhooks --port 8085`: the webhook door, with its settings from the environment."""

from __future__ import annotations

import argparse
import os
import sys

from include.fulfilment.clock import system_clock
from include.fulfilment.errors import ConfigError
from include.fulfilment.store.inbox import PostgresInbox
from include.fulfilment.webhooks.app import create_door
from include.fulfilment.webhooks.server import serve
from include.fulfilment.webhooks.settings import VARIABLE, load_settings


def main() -> int:
    """Read the settings and serve; 2 when they are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m include.fulfilment.webhooks",
        description=f"The webhook door. Its settings stand in {VARIABLE}; see docs/webhook-door.md.",
    )
    parser.add_argument("--port", type=int, required=True, help="the port to listen on")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine alone)")
    given = parser.parse_args()
    try:
        settings = load_settings(os.environ)
        inbox = PostgresInbox(settings.store.get_secret_value())
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    endpoints = [each.endpoint() for each in settings.endpoints]
    serve(create_door(endpoints, inbox.put, system_clock), given.host, given.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
