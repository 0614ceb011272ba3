"""The mailbox that we share with a warehouse: a folder of this machine, or one on an SFTP server.

A file is written under a name that nobody reads (`.name….part`) and then renamed, so that none is ever seen half
written. Moving a file that another worker moved already is no fault.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import uuid4

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.transport import Acquire, OnCall
from include.fulfilment.errors import ConfigError, RetryableError

MOST_BYTES = 20 * 1024 * 1024  # of one message; an 846 of 100,000 products has 6 MB
READABLE = re.compile(r"(?!\.)[^/\\\x00-\x1f]{1,200}(?<!\.part)(?<!\.tmp)")


class TooLarge(Exception):
    """A file is larger than any message can be."""


class Mailbox(Protocol):
    """Folders of files. Every method raises RetryableError when the mailbox cannot be reached, and ConfigError when a
    person must mend address, credentials or permissions."""

    def names(self, folder: str) -> list[str]:
        """The files of a folder by name; what is hidden or still being written is left out."""
        ...

    def fetch(self, folder: str, name: str) -> bytes | None:
        """A file's content; None when it is gone. Raises TooLarge."""
        ...

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Put a whole file there, in place of one of the same name."""
        ...

    def move(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        """Move a file, in place of one of the same name."""
        ...

    def close(self) -> None:
        """End the session where there is one."""
        ...


def open_mailbox(connection: RemoteConnection, folders: Sequence[str], on_call: OnCall, acquire: Acquire) -> Mailbox:
    """The mailbox of a connection: host `file:///path`, or an SFTP server: host `sftp://server`, port, login, password
    or the extra field `private_key`, and the extra fields `host_key` (as in known_hosts) and `path`.

    Raises:
        ConfigError: something of it is missing or malformed.
    """
    address = _address(connection)
    box: Mailbox
    if address.scheme == "file":
        box = FolderMailbox(Path(unquote(address.path)), folders, connection.conn_id)
    elif address.scheme == "sftp":
        from include.fulfilment.adapters.warehouse.x12.sftp import SftpMailbox  # a folder needs no SSH library

        box = SftpMailbox(connection, folders)
    else:
        words = f"its address begins with {address.scheme!r}; give file:///folder or sftp://server"
        raise ConfigError(f"connection {connection.conn_id!r}: {words}")
    return MeteredMailbox(box, on_call, acquire)


def _address(connection: RemoteConnection) -> SplitResult:
    """The mailbox's address. Not chained: what stands in the place of the port may be half a password."""
    try:
        address = urlsplit(connection.base_url)
        _ = address.port
    except ValueError:
        raise ConfigError(f"connection {connection.conn_id!r}: its address is no URL; correct it") from None
    if address.username is not None:
        words = "put login and password in their own fields, not in the address"
        raise ConfigError(f"connection {connection.conn_id!r}: {words}")
    return address


class MeteredMailbox:
    """A mailbox whose every operation asks the call budget first and is counted."""

    def __init__(self, inner: Mailbox, on_call: OnCall, acquire: Acquire) -> None:
        self._inner, self._on_call, self._acquire = inner, on_call, acquire

    def names(self, folder: str) -> list[str]:
        with self._counted("list"):
            return self._inner.names(folder)

    def fetch(self, folder: str, name: str) -> bytes | None:
        with self._counted("fetch"):
            return self._inner.fetch(folder, name)

    def write(self, folder: str, name: str, content: bytes) -> None:
        with self._counted("write"):
            self._inner.write(folder, name, content)

    def move(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        with self._counted("move"):
            self._inner.move(folder, name, to_folder, to_name)

    def close(self) -> None:
        """End the session where there is one; the next operation opens another."""
        self._inner.close()

    @contextmanager
    def _counted(self, operation: str) -> Iterator[None]:
        self._acquire(1)
        status = "no_answer"
        try:
            yield
            status = "ok"
        finally:
            self._on_call("x12", operation, status)


class FolderMailbox:
    """A folder of this machine, or one that it mounts."""

    def __init__(self, root: Path, folders: Sequence[str], conn_id: str) -> None:
        self._root, self._folders, self._conn_id = root, folders, conn_id

    def names(self, folder: str) -> list[str]:
        with self._faults():
            entries = [each.name for each in self._at(folder).iterdir() if stat.S_ISREG(each.lstat().st_mode)]
            return sorted(name for name in entries if READABLE.fullmatch(name))

    def fetch(self, folder: str, name: str) -> bytes | None:
        file = self._at(folder) / name
        with self._faults():
            try:
                return whole(read_plainly(file), name)
            except FileNotFoundError:
                return None

    def write(self, folder: str, name: str, content: bytes) -> None:
        with self._faults():
            part = self._at(folder) / part_name(name)
            with part.open("wb") as handle:
                handle.write(content)
            part.replace(self._at(folder) / name)

    def move(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        with self._faults():
            try:
                (self._at(folder) / name).replace(self._at(to_folder) / to_name)
            except FileNotFoundError:
                return

    def close(self) -> None:
        """Nothing: a folder has no session."""

    def _at(self, folder: str) -> Path:
        place = self._root / folder
        if not place.is_dir():
            if not self._root.is_dir():
                raise ConfigError(f"connection {self._conn_id!r}: the mailbox folder {self._root} does not exist")
            for each in self._folders:
                (self._root / each).mkdir(exist_ok=True)
        return place

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            words = f"no permission in the mailbox folder {self._root}; grant it to the account that runs tasks"
            raise ConfigError(f"connection {self._conn_id!r}: {words}") from error
        except OSError as error:
            raise RetryableError(
                f"connection {self._conn_id!r}: the mailbox folder failed: {error.strerror}"
            ) from error


def read_plainly(file: Path) -> bytes:
    """The content, a byte more than any message has at most. Raises OSError for a link: whoever may leave files here
    must not choose which other file of this machine is read."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as handle:
        return handle.read(MOST_BYTES + 1)


def whole(content: bytes, name: str) -> bytes:
    """The content of a file. Raises TooLarge when it is longer than any message."""
    if len(content) > MOST_BYTES:
        raise TooLarge(name)
    return content


def part_name(name: str) -> str:
    return f".{name}.{uuid4().hex[:8]}.part"
