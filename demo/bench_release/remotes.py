"""A shop and a warehouse as quick as can be, so that the release and not its surroundings is measured.

They know just the calls that a release makes, in the wire formats of Shopify's Admin API (GraphQL) and ShipBob's REST
API: the same server answers both. It holds everything in memory and refuses nothing but a repeated reference.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
_PAGE, _LINES, _MORE_LINES = 10, 25, 54  # as many as our queries ask for


class Remotes:
    """What the two hold, and how many calls of each kind they got. The shop is empty until `/bench/begin`."""

    def __init__(self, records: list[Json]) -> None:
        self._all = records
        self.records: list[Json] = []
        self.held: dict[str, Json] = {}
        self.calls: dict[str, int] = {}
        self._by_id = {each["id"]: each for each in records}
        self._lock = Lock()

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        """Status and body of the answer to one call; `target` is path and query."""
        where = urlsplit(target)
        if where.path.endswith("/graphql.json"):
            return 200, {"data": self._graphql(body["operationName"], body["variables"])}
        if where.path.endswith("/order"):
            return self._create(body) if method == "POST" else self._find(dict(parse_qsl(where.query)))
        if where.path.endswith("/product"):
            wanted = dict(parse_qsl(where.query))["SKU"].removeprefix("any:").split(",")
            self._count("products")
            return 200, {"items": [{"variants": [{"sku": sku} for sku in wanted]}], "next": None}
        if where.path == "/bench/begin":
            self.records, self.held, self.calls = self._all[: body["orders"]], {}, {}
            return 200, {}
        if where.path == "/bench/held":
            return 200, list(self.held.values())
        if where.path == "/bench/calls":
            return 200, self.calls
        return (200, {}) if where.path.endswith("/health") else (404, {})

    def _count(self, call: str) -> None:
        with self._lock:
            self.calls[call] = self.calls.get(call, 0) + 1

    def _create(self, body: Json) -> tuple[int, Any]:
        with self._lock:
            if body["reference_id"] in self.held:
                return 422, {"reference_id": ["an order with this reference exists"]}
            number = len(self.held) + 1
            self.held[body["reference_id"]] = made = body | {"id": number, "status": "Processing", "shipments": []}
        self._count("create")
        return 201, made

    def _find(self, query: Mapping[str, str]) -> tuple[int, Any]:
        self._count("find")
        if query.get("Page", "1") != "1":
            return 200, []
        return 200, [self.held[ref] for ref in query["ReferenceIds"].split(",") if ref in self.held]

    def _graphql(self, operation: str, given: Json) -> Json:
        self._count(operation)
        match operation:
            case "FulfilmentDrafts":
                return {"draftOrders": _connection([], None)}
            case "FulfilmentOrders":
                start = int(given.get("after") or 0)
                page = [self._order(each) for each in self.records[start : start + _PAGE]]
                more = start + _PAGE < len(self.records)
                return {"orders": _connection(page, start + _PAGE if more else None)}
            case "FulfilmentOrderLines":
                return {f"order{place}": self._more_lines(given, place) for place in range(len(given) // 2)}
            case "FulfilmentAccounts":
                return {"nodes": [self._by_id[each] for each in given["ids"]]}
            case "FulfilmentSetMetafields":
                return {"metafieldsSet": {"userErrors": []}}
        raise ValueError(f"the bench's shop does not know {operation}")

    def _order(self, record: Json) -> Json:
        return record | {"lines": None, "lineItems": _some_lines(record, 0, _LINES)}

    def _more_lines(self, given: Json, place: int) -> Json:
        return {"lineItems": _some_lines(self._by_id[given[f"id{place}"]], int(given[f"after{place}"]), _MORE_LINES)}


def _some_lines(record: Json, start: int, most: int) -> Json:
    lines = record["lines"]
    return _connection(lines[start : start + most], start + most if start + most < len(lines) else None)


def _connection(nodes: list[Any], end: int | None) -> Json:
    info = {"hasNextPage": end is not None, "endCursor": None if end is None else str(end)}
    return {"pageInfo": info, "nodes": nodes}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    remotes: Remotes

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        status, answer = self.remotes.answer(self.command, self.path, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: the calls are counted."""


def serve(port: int, orders: Path) -> None:
    """Answer on 127.0.0.1 until stopped; `/bench/begin` says how many records of the file the shop holds."""
    records = [json.loads(line) for line in orders.read_text(encoding="utf-8").splitlines()]
    handler = type("Handler", (_Handler,), {"remotes": Remotes(records)})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        server.serve_forever()


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--orders", type=Path, required=True)
    given = parser.parse_args()
    serve(given.port, given.orders)
