"""Run the warehouse's server: the command for the supervisor, and a short-lived one for set-up and tests."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from demo.errors import DemoError
from demo.ports import HOST, free_port
from demo.supervisor import Command
from demo.tryton.install import DATABASE, Home, fresh_database, own_environment, write_config

_POLL_SECONDS = 0.1


def url(port: int) -> str:
    """Where the server answers."""
    return f"http://{HOST}:{port}"


def command(home: Home, port: int, folder: Path | None = None) -> Command:
    """The server on 127.0.0.1:`port`, with the database in `folder` (default: the demo's own).

    An absent database is made from the template; one that is there is kept, also after kill -9: Tryton commits to
    SQLite before it answers.
    """
    data = folder or home.data
    if not home.database_file(data).exists():
        fresh_database(home, data)
    argv = [home.program("trytond"), "-c", str(write_config(home, data, port)), "-d", DATABASE]
    return Command(name="tryton", argv=argv, env=own_environment())


def answers(port: int) -> bool:
    """Whether the server answers for its database."""
    probe = f"{url(port)}/{DATABASE}/rest/model/ir.lang"
    try:
        # 401 is the database's own answer to a caller without a key; before that the server knows no database.
        return httpx.get(probe, timeout=5, trust_env=False).status_code == httpx.codes.UNAUTHORIZED
    except httpx.TransportError:
        return False


def wait_ready(port: int, seconds: float = 60.0, alive: subprocess.Popen[bytes] | None = None) -> None:
    """Return when the server answers for its database.

    Raises:
        DemoError: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if alive is not None and alive.poll() is not None:
            raise DemoError(f"The warehouse's server ended with code {alive.returncode} before it was ready.")
        if answers(port):
            return
        time.sleep(_POLL_SECONDS)
    raise DemoError(f"The warehouse's server did not answer at {url(port)} within {seconds:.0f} s; see its log.")


@contextlib.contextmanager
def running(home: Home, folder: Path) -> Iterator[str]:
    """A server for the length of a `with`; gives its address. Its log is `trytond.log` in the folder."""
    port = free_port()
    serve = command(home, port, folder)
    with (folder / "trytond.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the command above
            serve.argv, env=dict(serve.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            wait_ready(port, alive=process)
            yield url(port)
        finally:
            process.terminate()
            process.wait(timeout=20)
