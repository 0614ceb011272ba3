"""Serve a sandbox on 127.0.0.1 until it is stopped: what every sandbox's `__main__` does, and what its answers need."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from pathlib import Path

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp

from .database import Clock, wall_clock

WAREHOUSE_VARIABLES = ("WAREHOUSE_SANDBOX_KEY", "SANDBOX_CONTROL_TOKEN")


def main(
    prog: str, variables: tuple[str, str], create_app: Callable[..., ASGIApp], paths: Mapping[str, str] | None = None
) -> int:
    """Read the arguments and the two secrets from the environment, and serve; 2 when a secret is missing.

    `variables` name the remote's secret and the control door's. `create_app(db, key, control_token)` makes the
    application; each of `paths` (argument's name to its help) is one more path that it takes by that name.
    """
    parser = argparse.ArgumentParser(
        prog=prog,
        description=f"A sandbox on 127.0.0.1. Its secrets come from the environment: {' and '.join(variables)}.",
    )
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--db", type=Path, required=True, help="file that keeps its state; made when it is not there")
    for name, meaning in (paths or {}).items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    arguments = parser.parse_args()
    more = {name: getattr(arguments, name) for name in paths or {}}
    key, control = (os.environ.get(name, "") for name in variables)
    try:
        app = create_app(arguments.db, key, control, **more)
    except ValueError as error:
        sys.stderr.write(f"{error}: set {' and '.join(variables)}\n")
        return 2
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False)
    return 0


def two_secrets(key: str, control_token: str) -> None:
    """Return if the two secrets are there and differ.

    Raises:
        ValueError: they are not.
    """
    if not key or not control_token or key == control_token:
        raise ValueError("the sandbox needs two different secrets, one for its API and one for the control door")


def dated(response: Response, clock: Clock) -> Response:
    """Put the sandbox's own time on an answer, where it is not the server's, which is there anyhow."""
    if clock is not wall_clock:
        response.headers["date"] = format_datetime(clock(), usegmt=True)
    return response
