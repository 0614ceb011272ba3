"""Set both stored sides against each other: a keyed full outer join in DuckDB, on disk, so that memory does not grow
with the catalogue. Only rows that differ come to Python, in chunks; the domain judges them.

Keys are compared exactly, byte for byte: SKUs that differ only by case are two SKUs. Rows are a multiset, so the order
of the input changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias, get_type_hints

import duckdb
import pyarrow as pa

from include.fulfilment.domain.discrepancy import Aspect, Difference, Kind
from include.fulfilment.domain.drift_inputs import OrderLineOurs, OrderLineShown, StockOurs, StockShown
from include.fulfilment.errors import DataError

Rows: TypeAlias = pa.Table | pa.RecordBatchReader | Iterable[Any]
"""Arrow, or mappings or dataclasses of the input's fields. An iterator is read once and never held whole."""

CHUNK = 10_000
SQL = Path(__file__).parent / "sql"
ARROW_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    datetime: pa.timestamp("us", tz="UTC"),
    Decimal: pa.decimal128(18, 4),
}


@dataclass(frozen=True, slots=True)
class DriftInputs:
    """Both sides of stock and of order lines, as stored up to one cut-off. The fields of each row are those of
    `StockOurs`, `StockShown`, `OrderLineOurs` and `OrderLineShown`; further columns are ignored."""

    stock_ours: Rows
    stock_shown: Rows
    lines_ours: Rows
    lines_shown: Rows


@dataclass(frozen=True, slots=True)
class Compared:
    """How much was set against each other, counting each key once."""

    skus: int
    order_lines: int


class Comparison:
    """One comparison in a private database file that goes away with it. Use as a context manager."""

    def __init__(self, inputs: DriftInputs, memory_limit: str = "256MB") -> None:
        self._inputs = inputs
        self._memory_limit = memory_limit

    def __enter__(self) -> Comparison:
        """Load and join. Raises DataError naming the input and the column that cannot be read."""
        self._folder = tempfile.TemporaryDirectory(prefix="drift-")
        try:
            self._db = _open(Path(self._folder.name), self._memory_limit)
            _load(self._db, "stock_ours", StockOurs, self._inputs.stock_ours)
            _load(self._db, "stock_shown", StockShown, self._inputs.stock_shown)
            _load(self._db, "lines_ours", OrderLineOurs, self._inputs.lines_ours)
            _load(self._db, "lines_shown", OrderLineShown, self._inputs.lines_shown)
            for name in ("stock.sql", "lines.sql"):
                self._db.execute((SQL / name).read_text(encoding="utf-8"))
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def compared(self) -> Compared:
        """How many SKUs and order lines either side has."""
        skus = "SELECT count(*) FROM (SELECT sku FROM stock_ours UNION SELECT sku FROM stock_shown)"
        keys = "SELECT order_id, line_id FROM"
        lines = f"SELECT count(*) FROM ({keys} lines_here UNION {keys} lines_there)"  # noqa: S608 - fixed text
        return Compared(skus=self._count(skus), order_lines=self._count(lines))

    def differences(self) -> Iterator[Difference]:
        """What differs, in key order. Order lines of a SKU whose pack factor differs are counted on the SKU's row:
        their quantities cannot agree before the factor does."""
        yield from self._read((SQL / "read_stock.sql").read_text(encoding="utf-8"))
        yield from self._read((SQL / "read_lines.sql").read_text(encoding="utf-8"))

    def _count(self, sql: str) -> int:
        return int(self._db.sql(sql).fetchall()[0][0])

    def _read(self, sql: str) -> Iterator[Difference]:
        for batch in self._db.sql(sql).to_arrow_reader(CHUNK):
            for row in batch.to_pylist():
                yield _difference(row)


def _open(folder: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(folder / "spill"),
        "threads": 2,
        "TimeZone": "UTC",
        "autoinstall_known_extensions": False,
        "preserve_insertion_order": False,
    }
    return duckdb.connect(str(folder / "drift.duckdb"), config=config)


def _difference(row: dict[str, Any]) -> Difference:
    unit_net, given = row.pop("unit_net"), row.pop("difference_net")
    base, units = row["difference_base"], row["units_per"]
    if given is None and unit_net is not None and base is not None and units:
        given = base * unit_net / units
    net = None if given is None else Decimal(given).quantize(Decimal("0.01"))
    kind, aspect = Kind(row.pop("kind")), Aspect(row.pop("aspect"))
    return Difference(kind=kind, aspect=aspect, difference_net=net, **row)


def _load(db: duckdb.DuckDBPyConnection, name: str, shape: type, rows: Rows) -> None:
    faults: list[DataError] = []
    schema = _schema(shape)
    reader = _reader(name, shape, schema, rows, faults)
    _check_columns(name, shape, reader.schema.names)
    columns = ", ".join(_column(field.name, field.type, field.name in reader.schema.names) for field in schema)
    db.register("incoming", reader)
    try:
        db.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM incoming")  # noqa: S608 - our own names only
    except duckdb.Error as error:
        if faults:
            raise faults[0] from error
        raise DataError(f"{name} cannot be read: {str(error).splitlines()[0]}", subject=name) from error
    finally:
        db.unregister("incoming")


def _check_columns(name: str, shape: type, given: Collection[str]) -> None:
    missing = [field.name for field in fields(shape) if field.default is MISSING and field.name not in given]
    if missing:
        raise DataError(f"{name} lacks {', '.join(missing)}; hand over the fields of {shape.__name__}", subject=name)


def _column(name: str, type_: pa.DataType, present: bool) -> str:
    if pa.types.is_string(type_):  # NULL never equals NULL in a join, and a row with no key must not vanish
        return f"coalesce({name}::VARCHAR, '') AS {name}" if present else f"'' AS {name}"
    sql = {"int64": "BIGINT", "decimal128(18, 4)": "DECIMAL(18, 4)"}.get(str(type_), "TIMESTAMPTZ")
    value = name if present else "NULL"
    return f"coalesce({value}::{sql}, 0) AS {name}" if name == "sold_since_push" else f"{value}::{sql} AS {name}"


def _schema(shape: type) -> pa.Schema:
    def base(hint: Any) -> Any:
        return next((each for each in getattr(hint, "__args__", ()) if each is not type(None)), hint)

    hints = get_type_hints(shape)
    return pa.schema([(field.name, ARROW_TYPES[base(hints[field.name])]) for field in fields(shape)])


def _reader(name: str, shape: type, schema: pa.Schema, rows: Rows, faults: list[DataError]) -> pa.RecordBatchReader:
    if isinstance(rows, pa.RecordBatchReader):
        return rows
    if isinstance(rows, pa.Table):
        return rows.to_reader(max_chunksize=CHUNK)
    iterator: Iterator[Any] = iter(rows)
    first = [_mapping(row) for row in islice(iterator, 1)]
    if first:
        _check_columns(name, shape, first[0].keys())
    return pa.RecordBatchReader.from_batches(schema, _batches(name, schema, chain(first, iterator), faults))


def _batches(name: str, schema: pa.Schema, rows: Iterator[Any], faults: list[DataError]) -> Iterator[pa.RecordBatch]:
    while chunk := [_mapping(row) for row in islice(rows, CHUNK)]:
        try:
            yield pa.RecordBatch.from_pylist(chunk, schema=schema)
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            faults.append(_fault(name, schema, chunk))  # DuckDB passes on only a text, with a traceback in it
            raise


def _fault(name: str, schema: pa.Schema, chunk: Sequence[Mapping[str, Any]]) -> DataError:
    """Names the first value that does not fit its column."""
    for row in chunk:
        for field in schema:
            try:
                pa.array([row.get(field.name)], type=field.type)
            except (pa.ArrowException, ValueError, TypeError, OverflowError):
                key = " ".join(str(row.get(column)) for column in schema.names[:2])
                text = f"{name}, row {key}: {field.name} is {str(row.get(field.name))[:80]!r}, wanted {field.type}"
                return DataError(f"{text}; correct the stored row and rerun", subject=name)
    return DataError(f"{name} has rows that do not fit together; store the snapshot again and rerun", subject=name)


def _mapping(row: Any) -> Mapping[str, Any]:
    if is_dataclass(row) and not isinstance(row, type):
        return asdict(row)
    return dict(row)
