"""Reading the file: CSV (also gzipped) or Parquet into one table of text, and its rows grouped into invoices.

Every column becomes text first, so that one cell of a wrong type spoils its row and not the file. A row without a
readable InvoiceDate or InvoiceNo has no place in the order of loading, so such rows are counted over the whole file.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from demo.orders_types import Tally
from include.fulfilment.errors import ConfigError

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
SHOP_ZONE = ZoneInfo("Europe/London")
DATE_STEPS = (
    (r"^(\d{4}-\d\d-\d\d)T", r"\1 "),
    (r"\.\d+$", ""),
    (r"^(\d)/", r"0\1/"),
    (r"^(\d\d)/(\d)/", r"\1/0\2/"),
    (r"^(\d\d/\d\d)/(\d\d)( |$)", r"\1/20\2\3"),
    (r"^(\d\d)/(\d\d)/(\d{4})", r"\3-\1-\2"),
    (r" (\d):", r" 0\1:"),
    (r"^(\d{4}-\d\d-\d\d)$", r"\1 00:00"),
    (r"^(.{10} \d\d:\d\d)$", r"\1:00"),
)
"""To `YYYY-MM-DD HH:MM:SS`: from ISO, and from the month-first form in which the set is also passed around."""
PLAIN_DATE = "%Y-%m-%d %H:%M:%S"
INVOICES_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file, as text; `at` is the shop's wall clock."""

    number: int
    invoice: str
    sku: str
    description: str
    quantity: str
    price: str
    at: datetime
    customer: str
    country: str

    @property
    def at_utc(self) -> datetime:
        return self.at.replace(tzinfo=SHOP_ZONE).astimezone(UTC)


def read_table(path: Path, tally: Tally) -> pa.Table:
    """The file's rows that have an invoice number and a date, with their row numbers.

    Raises ConfigError naming the file when it cannot be read, and the column when one is missing.
    """
    table = read_columns(path, COLUMNS, tally)
    table = table.append_column("at", parse_dates(table["InvoiceDate"]))
    for reason, bad, column in (
        ("missing_invoice_rows", pc.equal(table["InvoiceNo"], ""), "InvoiceNo"),
        ("unreadable_date_rows", pc.is_null(table["at"]), "InvoiceDate"),
    ):
        for row in table.filter(bad).select(["row", column]).to_pylist():
            tally.bad(row["row"], reason, f"{column} is {row[column]!r}")
    usable = pc.and_(pc.not_equal(table["InvoiceNo"], ""), pc.is_valid(table["at"]))
    return table.filter(usable)


def read_columns(path: Path, wanted: tuple[str, ...], tally: Tally) -> pa.Table:
    """The wanted columns as stripped text (an empty cell is ""), and `row`, the row's number in the file."""
    try:
        table, numbers = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, tally)
    except (OSError, EOFError, UnicodeError, csv.Error, zlib.error, pa.ArrowException) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ConfigError(f"{path.name} cannot be read ({reason}); give a .csv, .csv.gz or .parquet file") from error
    missing = [name for name in wanted if name not in table.column_names]
    if missing:
        found = ", ".join(table.column_names)[:200]
        raise ConfigError(f"{path.name} has no column {missing[0]!r}; it needs {', '.join(wanted)}; found: {found}")
    columns = {name: _as_text(table[name]) for name in wanted}
    return pa.table({**columns, "row": pa.array(numbers, pa.int64())})


def _read_parquet(path: Path) -> tuple[pa.Table, range]:
    table = pq.ParquetFile(path).read()
    return table, range(1, table.num_rows + 1)


def _read_csv(path: Path, tally: Tally) -> tuple[pa.Table, list[int] | range]:
    """CSV as UTF-8 or, where it is not, as Windows-1252 (spreadsheets do that); rows of a wrong width are counted.

    Raises ConfigError for UTF-16, which is neither.
    """
    data = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError(f"{path.name} is UTF-16 text; save it as UTF-8 CSV")
    encoding = "utf8" if _is_utf8(data) else "cp1252"
    header = data[: data.find(b"\n")].decode("utf-8-sig" if encoding == "utf8" else encoding, "replace")
    names = next(csv.reader([header.strip()]), [])
    wrong: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        number = (row.number or 1) - 1
        wrong.append(number)
        tally.bad(number, "wrong_width_rows", f"{row.actual_columns} columns instead of {row.expected_columns}")
        return "skip"

    table = pacsv.read_csv(
        pa.BufferReader(data),
        pacsv.ReadOptions(encoding=encoding, use_threads=False),
        pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )
    if not wrong:
        return table, range(1, table.num_rows + 1)
    left_out = set(wrong)
    total = table.num_rows + len(left_out)
    return table, [number for number in range(1, total + 1) if number not in left_out]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = column if pa.types.is_string(column.type) else column.cast(pa.string())
    return pc.utf8_trim_whitespace(pc.fill_null(text, ""))


def parse_dates(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Wall-clock times to the second; null where no known form fits or the calendar has no such day."""
    for pattern, replacement in DATE_STEPS:
        text = pc.replace_substring_regex(text, pattern, replacement)
    parsed = pc.strptime(text, format=PLAIN_DATE, unit="s", error_is_null=True)
    unchanged = pc.equal(pc.strftime(parsed, PLAIN_DATE), text)
    return pc.if_else(pc.fill_null(unchanged, False), parsed, pa.scalar(None, parsed.type))


def invoices(table: pa.Table) -> Iterator[list[Row]]:
    """The rows of each invoice in file order; invoices by their first time, then by number.

    An invoice is its number: rows of one invoice stamped in two minutes stay one invoice, at the earlier time.
    """
    indexed = table.append_column("index", pa.array(range(table.num_rows), pa.int64()))
    groups = indexed.group_by("InvoiceNo", use_threads=False).aggregate([("at", "min"), ("index", "list")])
    groups = groups.sort_by([("at_min", "ascending"), ("InvoiceNo", "ascending")])
    for start in range(0, groups.num_rows, INVOICES_AT_ONCE):
        indices = groups.slice(start, INVOICES_AT_ONCE)["index_list"].to_pylist()
        rows = iter(table.take(pa.array([i for group in indices for i in group], pa.int64())).to_pylist())
        for group in indices:
            yield [_row(next(rows)) for _ in group]


def _row(cells: dict[str, object]) -> Row:
    at = cells["at"]
    number = cells["row"]
    if not isinstance(at, datetime) or not isinstance(number, int):
        raise TypeError(f"row {number}: a table of read_table always has row numbers and times")
    text = {name: str(cells[name]) for name in COLUMNS}
    return Row(
        number=number,
        invoice=text["InvoiceNo"],
        sku=text["StockCode"],
        description=text["Description"],
        quantity=text["Quantity"],
        price=text["UnitPrice"],
        at=at,
        customer=text["CustomerID"].removesuffix(".0"),
        country=text["Country"],
    )
