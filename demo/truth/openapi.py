"""An OpenAPI 3.1 as a judge of requests and answers: closed, so that a field it does not name is an error.

Two alternatives of ShipBob's overlap, so that even its own samples match both: they are read as "at least one".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from demo.truth.paths import best, describes
from demo.truth.sent import Sent
from include.fulfilment.adapters.operations import HttpCall, Operation

OVERLAPPING = ("ProductsProductViewModelV5VariantsItems", "ProductsVariantViewModelV5ChannelMetadataItems")
_FORMATS = FormatChecker(())


def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


_FORMATS.checks("date-time", raises=ValueError)(_is_instant)


class OpenApi:
    """The vendor's description, asked about one call at a time."""

    def __init__(self, file: Path) -> None:
        self.document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        closed = deepcopy(self.document)
        for each in _objects(closed["components"]["schemas"]):
            if "properties" in each:
                each.setdefault("additionalProperties", False)
        for name in OVERLAPPING:
            schema = closed["components"]["schemas"][name]
            schema["anyOf"] = schema.pop("oneOf")
        self._registry = Registry().with_resource("urn:shipbob", DRAFT202012.create_resource(closed))

    def declared(self, operation: Operation) -> list[str]:
        """Whether the description has the call."""
        call = operation.sends
        if not isinstance(call, HttpCall):
            return ["it is no call by method and path"]
        paths = self.document["paths"].items()
        known = any(call.method.lower() in methods and describes(path, call.path) for path, methods in paths)
        return [] if known else [f"{call.method} {call.path} is not described"]

    def request(self, sent: Sent) -> list[str]:
        """What is wrong with one request."""
        parts = urlsplit(sent.url)
        body = json.loads(sent.content) if sent.content else None
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return self.wrong_in_request(sent.method, parts.path, query, dict(sent.headers), body)

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """(template of the path, operation) of a call. Raises LookupError."""
        paths = self.document["paths"]
        template = best((each for each, methods in paths.items() if method.lower() in methods), path)
        if template is None:
            raise LookupError(f"{method} {path} is not described")
        return template, paths[template][method.lower()]

    def wrong_in_request(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: Any
    ) -> list[str]:
        """What the description does not allow in a request. `Cursor` comes from ShipBob's own address of a page."""
        template, operation = self.operation(method, path)
        declared = {(each["in"], each["name"].lower()): each for each in operation.get("parameters", [])}
        found = [f"query {name}" for name in query if name != "Cursor" and ("query", name.lower()) not in declared]
        given = {("query", name.lower()) for name in query} | {("header", name.lower()) for name in headers}
        found += [
            f"missing {name}"
            for key, each in declared.items()
            if each["required"] and key not in given
            for name in [key]
            if key[0] != "path"
        ]
        for name, value in query.items():
            schema = declared.get(("query", name.lower()), {}).get("schema", {})
            if schema.get("type") == "integer" and not value.isdigit():
                found.append(f"query {name} is no integer")
            if schema.get("format") == "date-time" and not _is_instant(value):
                found.append(f"query {name} is no instant")
        if body is not None:
            found += self._wrong(body, template, method, "requestBody/content")
        return found

    def wrong_in_answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What the description does not allow in an answer."""
        template, operation = self.operation(method, path)
        if str(status) not in operation["responses"]:
            return [f"{method} {template} does not answer {status}"]
        return self._wrong(body, template, method, f"responses/{status}/content")

    def _wrong(self, body: Any, template: str, method: str, where: str) -> list[str]:
        pointer = f"/paths/{template.replace('/', '~1')}/{method.lower()}/{where}/application~1json/schema"
        schema = {"$ref": f"urn:shipbob#{pointer}"}
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=_FORMATS)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)
