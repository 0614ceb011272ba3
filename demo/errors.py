"""Errors of the demo's runtime: each says what happened and what to do next."""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on; the message is meant for the person at the terminal."""


class PortInUse(DemoError):
    """Something else listens on the port that was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} on 127.0.0.1 is in use: choose another with --port, or leave --port out.")


class AlreadyRunning(DemoError):
    """A demo of this checkout is up; two would share one state folder."""

    def __init__(self, pid: int, address: str) -> None:
        super().__init__(
            f"The demo of this checkout is already running at {address} (process {pid}). "
            f"Use it, or stop it first: kill -TERM {pid}"
        )


class ChildDied(DemoError):
    """A supervised process ended by itself."""

    def __init__(self, name: str, ending: str, log: str, last_lines: str) -> None:
        self.name = name
        super().__init__(f"{name} {ending}; everything else is being stopped. Its last lines in {log}:\n{last_lines}")
