"""The mailbox on an SFTP server. The only module that imports paramiko, which speaks the protocol."""

from __future__ import annotations

import io
import re
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import RLock
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import paramiko

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.warehouse.x12.mailbox import MOST_BYTES, READABLE, TooLarge, part_name, whole
from include.fulfilment.errors import ConfigError, RetryableError

_CONNECT_SECONDS, _ANSWER_SECONDS = 10.0, 30.0
_KEYS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_Answer = TypeVar("_Answer")


class SftpMailbox:
    """A folder on an SFTP server whose host key is known beforehand. One session, opened when it is needed."""

    def __init__(self, connection: RemoteConnection, folders: Sequence[str]) -> None:
        address = urlsplit(connection.base_url)
        extra = connection.extra
        self._conn_id, self._folders = connection.conn_id, folders
        self._host, self._port = address.hostname or "", address.port or 22
        self._root = str(extra.get("path") or unquote(address.path) or ".").rstrip("/") or "/"
        self._login, self._password = connection.login, connection.password
        self._host_key = self._known_key(str(extra.get("host_key", "")))
        self._key = self._private_key(str(extra.get("private_key", "")))
        if not self._host or not self._login or not (self._password or self._key):
            raise self._wrong("a server, a login, and a password or the extra field private_key are needed")
        self._lock = RLock()
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def names(self, folder: str) -> list[str]:
        def listed(sftp: paramiko.SFTPClient) -> list[str]:
            entries = sftp.listdir_attr(f"{self._root}/{folder}")
            files = [each.filename for each in entries if stat.S_ISREG(each.st_mode or stat.S_IFREG)]
            return sorted(name for name in files if READABLE.fullmatch(name))

        return self._do(listed)

    def fetch(self, folder: str, name: str) -> bytes | None:
        def fetched(sftp: paramiko.SFTPClient) -> bytes | None:
            path = f"{self._root}/{folder}/{name}"
            try:
                if (sftp.stat(path).st_size or 0) > MOST_BYTES:
                    raise TooLarge(name)
                with sftp.open(path, "rb") as handle:
                    return whole(handle.read(MOST_BYTES + 1), name)
            except FileNotFoundError:
                return None

        return self._do(fetched)

    def write(self, folder: str, name: str, content: bytes) -> None:
        def written(sftp: paramiko.SFTPClient) -> None:
            part = f"{self._root}/{folder}/{part_name(name)}"
            sftp.putfo(io.BytesIO(content), part, confirm=True)
            _rename(sftp, part, f"{self._root}/{folder}/{name}")

        self._do(written)

    def move(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        def moved(sftp: paramiko.SFTPClient) -> None:
            try:
                _rename(sftp, f"{self._root}/{folder}/{name}", f"{self._root}/{to_folder}/{to_name}")
            except FileNotFoundError:
                return

        self._do(moved)

    def close(self) -> None:
        """End the session; the next operation opens another."""
        with self._lock:
            client, self._client, self._sftp = self._client, None, None
            if client is not None:
                client.close()

    def _do(self, work: Callable[[paramiko.SFTPClient], _Answer]) -> _Answer:
        with self._lock:
            try:
                return work(self._session())
            except (ConfigError, TooLarge):
                raise
            except UnicodeDecodeError:
                words = f"a file in {self._root} on {self._host} has a name that is not UTF-8; have it renamed"
                raise ConfigError(f"connection {self._conn_id!r}: {words}") from None
            except (paramiko.BadHostKeyException, paramiko.AuthenticationException) as error:
                self.close()
                strange = isinstance(error, paramiko.BadHostKeyException)
                what = "its host key is not the one agreed" if strange else "it refused login or key"
                raise self._wrong(f"{self._host}: {what}") from None
            except PermissionError as error:
                raise self._wrong(f"no permission in {self._root} on {self._host}") from error
            except FileNotFoundError as error:
                raise self._wrong(f"the folders in {self._root} on {self._host} are missing") from error
            except (paramiko.SSHException, OSError, EOFError) as error:
                self.close()
                words = f"{self._host} did not answer ({type(error).__name__}); it will be tried again"
                raise RetryableError(f"connection {self._conn_id!r}: {words}") from None

    def _session(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            client = paramiko.SSHClient()
            name = self._host if self._port == 22 else f"[{self._host}]:{self._port}"
            client.get_host_keys().add(name, self._host_key.get_name(), self._host_key)
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self._client = client
            client.connect(
                self._host, self._port, self._login, self._password or None, self._key,
                timeout=_CONNECT_SECONDS, banner_timeout=_CONNECT_SECONDS, auth_timeout=_CONNECT_SECONDS,
                allow_agent=False, look_for_keys=False,
            )  # fmt: skip
            sftp = client.open_sftp()
            channel = sftp.get_channel()
            if channel is not None:
                channel.settimeout(_ANSWER_SECONDS)
            self._make_folders(sftp)
            self._sftp = sftp
        return self._sftp

    def _make_folders(self, sftp: paramiko.SFTPClient) -> None:
        there = set(sftp.listdir(self._root))
        for folder in self._folders:
            if folder not in there:
                sftp.mkdir(f"{self._root}/{folder}")

    def _known_key(self, line: str) -> paramiko.PKey:
        """The host key out of a line as in known_hosts: `ssh-ed25519 AAAA…`, with or without a host before it."""
        found = re.search(r"((?:ssh|ecdsa|rsa)-\S+) +([A-Za-z0-9+/=]{40,})", line)
        if found is None:
            raise self._wrong("the extra field host_key is needed, as in known_hosts: ssh-ed25519 AAAA…")
        try:
            entry = paramiko.hostkeys.HostKeyEntry.from_line(f"server {found[1]} {found[2]}")
        except (paramiko.SSHException, paramiko.hostkeys.InvalidHostKey, ValueError, IndexError):
            raise self._wrong("the extra field host_key is damaged") from None
        if entry is None or entry.key is None:
            raise self._wrong("the extra field host_key is of no known kind")
        return entry.key

    def _private_key(self, text: str) -> paramiko.PKey | None:
        for kind in _KEYS if text else ():
            try:
                return kind.from_private_key(io.StringIO(text))
            except (paramiko.SSHException, ValueError, IndexError):
                continue
        if text:
            raise self._wrong("the extra field private_key is no OpenSSH key without a passphrase")
        return None

    def _wrong(self, words: str) -> ConfigError:
        return ConfigError(f"connection {self._conn_id!r}: {words}; correct the connection")


def _rename(sftp: paramiko.SFTPClient, source: str, target: str) -> None:
    """Rename over what is there; servers without OpenSSH's extension refuse that, so the old file goes first."""
    try:
        sftp.posix_rename(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        with suppress(FileNotFoundError):
            sftp.remove(target)
        sftp.rename(source, target)
