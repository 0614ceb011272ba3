"""A mailbox in a folder of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.warehouse.x12.mailbox import FolderMailbox, TooLarge, open_mailbox
from include.fulfilment.errors import ConfigError, RetryableError
from tests.adapters.warehouse.x12.kit import FOLDERS


@pytest.fixture
def box(tmp_path: Path) -> FolderMailbox:
    return FolderMailbox(tmp_path, FOLDERS, "warehouse_test")


def test_nothing_half_written_is_ever_listed(box: FolderMailbox, tmp_path: Path) -> None:
    box.write("outbound", "a.edi", b"content")
    for name in (".a.edi.123.part", "b.edi.part", "c.tmp", ".hidden"):
        (tmp_path / "outbound" / name).write_text("x")
    (tmp_path / "outbound" / "folder").mkdir()
    assert box.names("outbound") == ["a.edi"]


def test_a_repeat_of_a_write_or_a_move_changes_nothing(box: FolderMailbox) -> None:
    for _ in range(2):
        box.write("inbound", "a.edi", b"content")
    for _ in range(2):
        box.move("inbound", "a.edi", "archive", "1-a.edi")
    assert (box.names("inbound"), box.fetch("archive", "1-a.edi")) == ([], b"content")
    assert box.fetch("inbound", "a.edi") is None


def test_a_file_larger_than_any_message_is_not_fetched(box: FolderMailbox, tmp_path: Path) -> None:
    box.write("inbound", "a.edi", b"")
    with (tmp_path / "inbound" / "a.edi").open("r+b") as file:
        file.truncate(21 * 1024 * 1024)
    with pytest.raises(TooLarge):
        box.fetch("inbound", "a.edi")


def test_a_missing_folder_is_a_matter_for_a_person(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"connection 'warehouse_test': the mailbox folder .* does not exist"):
        FolderMailbox(tmp_path / "gone", FOLDERS, "warehouse_test").names("inbound")


def test_every_operation_is_counted_and_asks_the_budget_first(tmp_path: Path) -> None:
    calls: list[tuple[str, str, str]] = []
    refusal: list[RetryableError] = []

    def acquire(_cost: int) -> None:
        if refusal:
            raise refusal[0]

    folder = tmp_path / "mail box"
    folder.mkdir()
    connection = RemoteConnection("warehouse_test", folder.as_uri(), "", "")
    box = open_mailbox(connection, FOLDERS, lambda *call: calls.append(call), acquire)
    box.write("outbound", "a.edi", b"content")
    box.names("outbound")
    assert calls == [("x12", "write", "ok"), ("x12", "list", "ok")]
    refusal.append(RetryableError("later"))
    with pytest.raises(RetryableError, match="later"):
        box.fetch("outbound", "a.edi")
    assert len(calls) == 2
