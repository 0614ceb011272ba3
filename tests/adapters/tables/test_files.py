"""The newest complete file is read, and one that is still being written never is."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.fulfilment.adapters.tables.as_of import AsOf
from include.fulfilment.adapters.tables.files import FileOptions, read_file
from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.ports import Table

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def put(file: Path, content: str | bytes, age: timedelta = 10 * MINUTE) -> Path:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    at = (NOW - age).timestamp()
    os.utime(file, (at, at))
    return file


def read(path: Path, as_of: AsOf | None = None, **options: Any) -> Table:
    return read_file(FileOptions(kind="file", path=path, **options), Path("/"), NOW, as_of)


def rows(table: Table) -> list[tuple[int, Any]]:
    return list(table.rows)


def test_rows_are_text_by_column_and_carry_their_number(tmp_path: Path) -> None:
    table = read(put(tmp_path / "a.csv", '\ufeffsku, units\n007,12\n"a;""b",6\n'))
    assert (table.name, table.columns, table.written_at) == ("a.csv", ("sku", "units"), NOW - 10 * MINUTE)
    assert rows(table) == [(2, {"sku": "007", "units": "12"}), (3, {"sku": 'a;"b', "units": "6"})]
    assert rows(table) == rows(table)


def test_a_row_of_another_length_lacks_its_cells_so_that_none_is_taken_for_another(tmp_path: Path) -> None:
    table = read(put(tmp_path / "a.csv", "sku,units\n007,12,8\nMUG\nTIN,6\n"))
    assert rows(table) == [(2, {}), (3, {}), (4, {"sku": "TIN", "units": "6"})]


def test_the_encoding_and_the_delimiter_are_declared(tmp_path: Path) -> None:
    file = put(tmp_path / "a.csv", "sku;units\nÖL;12\n".encode("cp1252"))
    assert rows(read(file, delimiter=";", encoding="cp1252")) == [(2, {"sku": "ÖL", "units": "12"})]
    with pytest.raises(DataError, match=r"a\.csv is not utf-8 at byte 10"):
        read(file, delimiter=";")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("sku,units\nMUG,12\nTIN,1", "does not end its last line"),
        ("sku,units\nMUG,12\nTI\n", "ends with a row of 1 cells where there are 2 columns"),
        ('sku,units\nMUG,12\n"TI\n', "breaks off inside a quotation"),
    ],
)
def test_a_half_written_file_is_refused(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(RetryableError, match=words):
        read(put(tmp_path / "a.csv", content))


def test_a_file_written_just_now_waits_until_it_has_rested(tmp_path: Path) -> None:
    file = put(tmp_path / "a.csv", "sku\nMUG\n", age=timedelta(seconds=59))
    with pytest.raises(RetryableError, match="was written just now; it will be read again"):
        read(file)
    put(file, "sku\nMUG\n", age=timedelta(seconds=60))
    assert len(rows(read(file))) == 1


def test_a_file_waits_for_its_marker_where_one_is_declared(tmp_path: Path) -> None:
    file = put(tmp_path / "a.csv", "sku\nMUG\n")
    with pytest.raises(RetryableError, match=r"has no \.done beside it"):
        read(file, done_suffix=".done")
    put(tmp_path / "a.csv.done", "")
    assert len(rows(read(file, done_suffix=".done"))) == 1


@pytest.mark.parametrize("trailer", ["END", "END,2", "END,2\n"])
def test_a_last_row_proves_the_file_whole_and_is_no_data(tmp_path: Path, trailer: str) -> None:
    table = read(put(tmp_path / "a.csv", f"sku,units\nMUG,1\nTIN,1\n{trailer}"), trailer="END")
    assert [number for number, _ in rows(table)] == [2, 3]


@pytest.mark.parametrize(
    ("last", "words"), [("", "does not end with the row 'END'"), ("END,3\n", "says that it has 3 rows, and has 2")]
)
def test_a_file_without_its_last_row_or_with_another_count_is_refused(tmp_path: Path, last: str, words: str) -> None:
    with pytest.raises(RetryableError, match=words):
        read(put(tmp_path / "a.csv", f"sku,units\nMUG,1\nTIN,1\n{last}"), trailer="END")


def test_of_a_folder_the_newest_complete_file_is_read_and_the_half_written_one_is_told(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "sku\nOLD\n", age=60 * MINUTE)
    put(tmp_path / "b.csv", "sku\nMUG\n", age=30 * MINUTE)
    put(tmp_path / "c.csv", "sku\nTIN", age=10 * MINUTE)
    put(tmp_path / ".hidden.csv", "sku\nNOT\n")
    put(tmp_path / "d.txt", "sku\nNOT\n")
    table = read(tmp_path)
    assert (table.name, rows(table)) == ("b.csv", [(2, {"sku": "MUG"})])
    assert [(each.subject, each.words) for each in table.problems] == [
        (
            "c.csv",
            "does not end its last line (declare a trailer if it never does);"
            " an older file is used until it is complete",
        )
    ]


def test_where_names_are_dated_the_newest_is_by_its_name_and_not_by_when_it_was_copied(tmp_path: Path) -> None:
    as_of = AsOf(by="file_name", format="aged_%Y%m%d.csv", zone="Europe/London", at="18:00")  # type: ignore[arg-type]
    put(tmp_path / "aged_20261122.csv", "sku\nNEW\n", age=60 * MINUTE)
    put(tmp_path / "aged_20261101.csv", "sku\nOLD\n", age=10 * MINUTE)
    put(tmp_path / "aged_copy.csv", "sku\nCOPY\n")
    table = read(tmp_path, as_of)
    assert rows(table) == [(2, {"sku": "NEW"})]
    assert as_of.of_table(table) == datetime(2026, 11, 22, 18, tzinfo=UTC)
    with pytest.raises(ConfigError, match="no file is named like"):
        read(tmp_path, AsOf(by="file_name", format="debt_%Y%m%d_%H.csv", zone="UTC"))


def test_a_folder_without_a_file_is_looked_at_again_and_a_wrong_path_is_a_setting(tmp_path: Path) -> None:
    with pytest.raises(RetryableError, match=r"no file like \*\.csv"):
        read(tmp_path)
    with pytest.raises(ConfigError, match="No such file or directory; correct the path in the site file"):
        read(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no header"),
        ("sku,sku\nMUG,1\n", "names a column twice"),
        ('sku,units\n"MUG"x,1\n', "is no CSV"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read(put(tmp_path / "a.csv", content))


def parquet(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    content = parquet(sku=pa.array(["007", None]), units=pa.array([12, 6], pa.int32()), cost=[Decimal("1.50"), None])
    table = read(put(tmp_path / "a.parquet", content))
    assert table.columns == ("sku", "units", "cost")
    assert rows(table) == [
        (1, {"sku": "007", "units": 12, "cost": Decimal("1.50")}),
        (2, {"sku": None, "units": 6, "cost": None}),
    ]


def test_a_parquet_file_without_its_end_is_half_written_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    content = parquet(sku=["MUG"] * 1000)
    with pytest.raises(RetryableError, match="has no end"):
        read(put(tmp_path / "a.parquet", content[:-20]))
    with pytest.raises(DataError, match="is no Parquet file"):
        read(put(tmp_path / "a.parquet", b"sku\nMUG\n"))
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read(put(tmp_path / "a.parquet", b"PAR1" + b"\xff" * 40 + b"PAR1"))
