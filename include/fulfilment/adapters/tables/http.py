"""Rows of an HTTP API that answers JSON, page by page, through the one door for outbound calls."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.exact_json import encoded
from include.fulfilment.adapters.transport import OnCall, Transport
from include.fulfilment.clock import Clock
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Row, Table
from include.fulfilment.yaml_file import Strict

OPERATION = "readRows"
MOST_PAGES = 10_000
MOST_ROWS = 2_000_000
_DEEPEST = 5  # records inside records; what is deeper is no column


class HttpOptions(Strict):
    """`connection` is the Airflow connection: its password is sent as a bearer token, or with a login as HTTP Basic.
    `rows` leads to the list in the answer, with dots between names (empty: the answer is the list).

    Pages, where there are several: `page_parameter` counts them from `first_page`, until one has no rows; or `next`
    leads to the address of the next page, under the connection's own, until there is none (OData: `@odata.nextLink`,
    docs.oasis-open.org/odata/odata-json-format/v4.01).
    """

    kind: Literal["http"]
    connection: str = Field(min_length=1)
    path: str = Field(pattern=r"^/[^/]")
    rows: str = ""
    parameters: Mapping[str, str | int] = Field(default_factory=dict)
    page_parameter: str = ""
    first_page: int = Field(default=1, ge=0, le=1)
    next: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> HttpOptions:
        if self.page_parameter and self.next:
            raise ValueError("pages go by `page_parameter` or by `next`, not by both")
        return self


def read_http(options: HttpOptions, connection: RemoteConnection, clock: Clock, on_call: OnCall) -> Table:
    """All pages as one table; inside a record a name with dots is a column (`unit.code`). Raises DataError where paging
    repeats, never ends or leaves the host, or an answer has no list of records; and what the transport raises."""
    with Transport(
        connection.base_url,
        system="rows",
        connection_id=connection.conn_id,
        headers=_access(connection),
        on_call=on_call,
    ) as transport:
        return read_pages(options, transport, connection.base_url, clock)


def read_pages(options: HttpOptions, transport: Transport, base_url: str, clock: Clock) -> Table:
    """As `read_http`, over a transport that is open and leads to `base_url`."""
    began_at, records = clock(), list[Any]()
    for answer in _pages(options, transport, base_url):
        records += _list_at(answer, options, transport.connection_id)
        if len(records) > MOST_ROWS:
            raise DataError(f"{transport.connection_id}: more than {MOST_ROWS} rows; nothing was used", options.path)
    rows = [(number, _flat(record)) for number, record in enumerate(records, start=1)]
    return Table(f"{transport.connection_id}{options.path}", None, rows, began_at)


def _pages(options: HttpOptions, transport: Transport, base_url: str) -> Iterator[Any]:
    seen: set[bytes] = set()
    path, number = options.path, options.first_page
    for _ in range(MOST_PAGES):
        params = dict(options.parameters) if path == options.path else {}
        if options.page_parameter:
            params[options.page_parameter] = number
        reply = transport.request("GET", path, operation=OPERATION, safe=True, params=params or None)
        mark = hashlib.sha256(encoded(reply.body)).digest()
        if mark in seen:
            raise DataError(f"{transport.connection_id}: a page came twice; the reading is not whole", options.path)
        seen.add(mark)
        yield reply.body
        more = _at(reply.body, options.next) if options.next else None
        if options.page_parameter and _list_at(reply.body, options, transport.connection_id):
            number += 1
        elif more:
            path = _own_path(str(more), base_url, transport.connection_id)
        else:
            return
    raise DataError(f"{transport.connection_id}: more than {MOST_PAGES} pages; the reading is not whole", options.path)


def _own_path(address: str, base_url: str, connection_id: str) -> str:
    """The path of the next page under the connection's address. Raises DataError for one that leads elsewhere."""
    base, next_page = urlsplit(base_url), urlsplit(address)
    root = base.path.rstrip("/")
    own_host = next_page.netloc in ("", base.netloc) and next_page.scheme in ("", base.scheme)
    if not own_host or not next_page.path.startswith(f"{root}/") or not address.isascii():
        raise DataError(f"{connection_id}: its next page is not under the connection's address; nothing was used")
    return next_page.path.removeprefix(root) + (f"?{next_page.query}" if next_page.query else "")


def _at(body: Any, names: str) -> Any:
    """What stands under a name, or names with dots between them; a name that has a dot itself is found first."""
    if not names:
        return body
    if isinstance(body, dict) and names in body:
        return body[names]
    head, _, rest = names.partition(".")
    return _at(body[head], rest) if isinstance(body, dict) and rest and head in body else None


def _list_at(body: Any, options: HttpOptions, connection_id: str) -> list[Any]:
    found = _at(body, options.rows)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        where = f"under {options.rows!r}" if options.rows else "in the answer"
        raise DataError(f"{connection_id}: no list of records {where}; correct `rows` in the site file", options.path)
    return found


def _flat(record: Mapping[str, Any], before: str = "", depth: int = 0) -> Row:
    cells: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            cells |= _flat(value, f"{before}{name}.", depth + 1)
        else:
            cells[before + name] = value
    return cells


def _access(connection: RemoteConnection) -> dict[str, str]:
    if not connection.password:
        return {}
    if not connection.login:
        return {"Authorization": f"Bearer {connection.password}"}
    pair = base64.b64encode(f"{connection.login}:{connection.password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
