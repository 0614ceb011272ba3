"""The mailbox on a real SFTP server (asyncssh, another implementation than the client's) on this machine."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncssh
import pytest

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.warehouse.x12 import X12Warehouse, mailbox, sftp
from include.fulfilment.adapters.warehouse.x12.mailbox import open_mailbox
from include.fulfilment.errors import ConfigError, RetryableError
from include.fulfilment.ports import Pending, WarehouseRecord
from tests.adapters.warehouse.x12.kit import FOLDERS, LATE, Desk, acknowledgement, interchange, order

LOGIN, PASSWORD = "merchant", "sftp-password-of-the-test"


@dataclass
class Server:
    """A server with one account, whose files are in `folder`."""

    folder: Path
    connection: RemoteConnection
    private_key: str
    end: Any
    opened: list[Any] = field(default_factory=list)

    def mailbox(self, **changes: Any) -> Any:
        self.opened.append(open_mailbox(replace(self.connection, **changes), FOLDERS, lambda *_: None, lambda _: None))
        return self.opened[-1]


class _Accounts(asyncssh.SSHServer):
    key: asyncssh.SSHKey
    sessions: list[asyncssh.SSHServerConnection]

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.sessions.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (LOGIN, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == LOGIN and key == self.key


def _connection(port: int, host_key: asyncssh.SSHKey) -> RemoteConnection:
    known = host_key.export_public_key().decode().strip()
    return RemoteConnection(
        conn_id="warehouse_demo_x12",
        base_url=f"sftp://127.0.0.1:{port}",
        login=LOGIN,
        password=PASSWORD,
        extra={"host_key": known, "path": "/"},
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "files of the merchant"
    folder.mkdir()
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    accounts = type("Accounts", (_Accounts,), {"key": client_key.convert_to_public(), "sessions": []})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=20)

    def files(channel: Any) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(folder).encode())

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[host_key], server_factory=accounts, sftp_factory=files
        )

    listening = run(start())

    async def stop() -> None:
        listening.close()
        for session in accounts.sessions:
            session.abort()
            await session.wait_closed()
        await listening.wait_closed()

    connection = _connection(listening.get_port(), host_key)
    made = Server(folder, connection, client_key.export_private_key().decode(), lambda: run(stop()))
    yield made
    for each in made.opened:
        each.close()
    run(stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=10)
    loop.close()


def test_ours_round_trip_over_sftp(server: Server, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "unused")
    warehouse = X12Warehouse(server.mailbox(), desk.journal, desk.profile, desk.clock)
    assert isinstance(warehouse.submit(order(("L1", "MUG", 24)), LATE), Pending)
    (written,) = (server.folder / "outbound").iterdir()
    assert (written.name, "W05*N*B2B1042*PO-778~" in written.read_text()) == ("940-000000001.edi", True)
    told = ["W06*F*B2B1042*20261123*S1", "LX*1", "W12*BP*24*20*4*EA**SK*MUG", "N9*LI*L1"]
    (server.folder / "inbound" / "997.edi").write_text(acknowledgement(("1", "0001")))
    (server.folder / "inbound" / "945.edi").write_text(interchange("945", told))
    assert isinstance(warehouse.find(["B2B1042"])["B2B1042"], WarehouseRecord)
    (page,) = warehouse.read_shipments(None)
    assert [line.base_quantity for line in page.shipments[0].lines] == [20]
    assert list((server.folder / "inbound").iterdir()) == []
    assert len(list((server.folder / "archive").iterdir())) == 2
    assert [each.name for each in sorted((server.folder / "outbound").iterdir())] == [
        "940-000000001.edi",
        "997-000000002.edi",
    ]


def test_files_are_written_over_listed_fetched_and_moved(server: Server) -> None:
    box = server.mailbox()
    box.write("outbound", "a.edi", b"one")
    box.write("outbound", "a.edi", b"two")
    (server.folder / "outbound" / ".hidden").write_text("x")
    (server.folder / "outbound" / "half.part").write_text("x")
    assert box.names("outbound") == ["a.edi"]
    assert box.fetch("outbound", "a.edi") == b"two"
    assert box.fetch("outbound", "gone.edi") is None
    box.move("outbound", "a.edi", "archive", "b.edi")
    box.move("outbound", "a.edi", "archive", "b.edi")  # another worker was faster
    assert (box.names("outbound"), box.names("archive")) == ([], ["b.edi"])


def test_a_private_key_serves_in_place_of_a_password(server: Server) -> None:
    extra = {**server.connection.extra, "private_key": server.private_key}
    assert server.mailbox(password="", extra=extra).names("inbound") == []


def test_another_host_key_is_refused_before_anything_is_sent(server: Server) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    box = server.mailbox(extra={**server.connection.extra, "host_key": other})
    with pytest.raises(ConfigError, match="its host key is not the one agreed; correct the connection"):
        box.names("inbound")


def test_a_wrong_password_is_a_matter_for_a_person_and_is_not_in_the_words(server: Server) -> None:
    with pytest.raises(ConfigError, match="it refused login or key") as caught:
        server.mailbox(password="wrong-secret").names("inbound")
    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"extra": {}}, "the extra field host_key is needed"),
        ({"extra": {"host_key": "ssh-ed25519 " + "A" * 60}}, "the extra field host_key is damaged"),
        ({"extra": {"host_key": "ssh-ed25519 " + "A" * 41}}, "the extra field host_key is damaged"),
        ({"login": ""}, "a server, a login, and a password"),
        ({"base_url": "ftp://127.0.0.1"}, "its address begins with 'ftp'"),
        ({"password": "", "extra": {"private_key": "nonsense"}}, "host_key is needed"),
    ],
)
def test_a_connection_that_lacks_something_is_named(server: Server, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=f"connection 'warehouse_demo_x12': .*{words}"):
        server.mailbox(**changes)


def test_a_server_that_is_gone_may_come_back(server: Server) -> None:
    box = server.mailbox()
    server.end()
    with pytest.raises(RetryableError, match="did not answer"):
        box.names("inbound")


def test_a_file_name_that_is_not_utf_8_is_a_matter_for_a_person(server: Server) -> None:
    box = server.mailbox()
    assert box.names("inbound") == []
    (server.folder / "inbound" / os.fsdecode(b"945-\xff.edi")).write_text("x")
    with pytest.raises(ConfigError, match="has a name that is not UTF-8; have it renamed"):
        box.names("inbound")


def test_a_file_that_is_longer_than_the_server_says_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    box = server.mailbox()
    box.write("inbound", "a.edi", b"x" * 11)
    monkeypatch.setattr(sftp, "MOST_BYTES", 10)
    monkeypatch.setattr(mailbox, "MOST_BYTES", 10)
    monkeypatch.setattr("paramiko.SFTPClient.stat", lambda *_: SimpleNamespace(st_size=1))
    with pytest.raises(mailbox.TooLarge):
        box.fetch("inbound", "a.edi")
