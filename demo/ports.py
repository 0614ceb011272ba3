"""Free TCP ports on 127.0.0.1, remembered so that addresses stay the same from start to start."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from demo.errors import PortInUse

HOST = "127.0.0.1"


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As servers do, so that a port resting after its last connection counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True


class Ports:
    """The ports of one installation, by the name of their server."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def take(self, name: str, wanted: int | None = None) -> int:
        """The port for a server: the wanted one, else last time's, else a free one.

        Raises:
            PortInUse: the wanted port is taken.
        """
        known = self._read()
        if wanted is not None and not is_free(wanted):
            raise PortInUse(wanted)
        port = wanted or known.get(name)
        others = {number for other, number in known.items() if other != name}
        while port is None or (port in others and wanted is None) or not is_free(port):
            port = free_port()
        self._write(known | {name: port})
        return port

    def _read(self) -> dict[str, int]:
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return {name: port for name, port in known.items() if isinstance(port, int)}

    def _write(self, ports: dict[str, int]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(ports, indent=1), encoding="utf-8")
        part.replace(self._file)
