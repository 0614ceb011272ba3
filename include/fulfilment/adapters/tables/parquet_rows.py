"""The rows of a Parquet file. Its cells have types: a code kept as a number has lost its leading zeros, and says so."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from include.fulfilment.adapters.tables.csv_rows import HalfWritten
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Row


class ParquetRows:
    """The rows by number, from 1, read in batches; they can be gone through again."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        number = 0
        for batch in _opened(self._content).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield number, row


def parquet_rows(content: bytes, name: str) -> tuple[tuple[str, ...], Iterable[tuple[int, Row]]]:
    """Columns and rows. Raises HalfWritten for a file without its end, which Parquet writes last; DataError for one
    that cannot be read."""
    import pyarrow as pa

    if content[:4] != b"PAR1":
        raise DataError(f"{name} is no Parquet file; nothing of it was used", name)
    if content[-4:] != b"PAR1" or len(content) < 12:
        raise HalfWritten("has no end")
    try:
        columns = tuple(_opened(content).schema_arrow.names)
        for _ in _opened(content).iter_batches(columns=[]):  # a damaged page shows itself before any row is used
            pass
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = type(error).__name__
        raise DataError(f"{name} cannot be read as Parquet ({reason}); nothing of it was used", name) from None
    return columns, ParquetRows(content)


def _opened(content: bytes) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(io.BytesIO(content))
