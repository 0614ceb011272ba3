"""A Swagger 2.0 as a judge of requests and answers: names and types. It says nothing of what may be null."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from demo.truth.paths import best, describes
from demo.truth.sent import Sent
from include.fulfilment.adapters.operations import HttpCall, Operation

_FORMATS = FormatChecker(formats=())


def _int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


def _date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


_FORMATS.checks("int32")(_int32)
_FORMATS.checks("date-time", raises=ValueError)(_date_time)


class Swagger:
    """The description at `file`; what it does not name is an error, so that a misspelling shows."""

    def __init__(self, file: Path) -> None:
        self._spec: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def declared(self, operation: Operation) -> list[str]:
        """Whether the description has the call."""
        call = operation.sends
        if not isinstance(call, HttpCall):
            return ["it is no call by method and path"]
        paths = self._spec["paths"].items()
        known = any(call.method.lower() in methods and describes(path, call.path) for path, methods in paths)
        return [] if known else [f"{call.method} {call.path} is not described"]

    def request(self, sent: Sent) -> list[str]:
        """What is wrong with one request."""
        return self.judge_request(sent.method, sent.url, sent.content)

    def state_changing(self) -> set[str]:
        """The paths whose GET changes something."""
        return {
            path
            for path, item in self._spec["paths"].items()
            if any(isinstance(each, dict) and each.get("x-state-changing-get") for each in item.values())
        }

    def template(self, path: str) -> str:
        """The path as the description writes it; one without variables before one with. Raises LookupError."""
        found = best(self._spec["paths"], path)
        if found is None:
            raise LookupError(f"{path} is not described")
        return found

    def judge_request(self, method: str, url: str, sent: str) -> list[str]:
        """What is wrong with one request; nothing where nothing is."""
        parts = urlsplit(url)
        operation = self._spec["paths"][self.template(parts.path)][method.lower()]
        parameters = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] == "query"}
        problems = []
        for name, text in parse_qsl(parts.query, keep_blank_values=True):
            kind = parameters.get(name, {}).get("type")
            value = text if kind == "string" else _parsed(text)
            problems += [f"{name}: not described"] if kind is None else self._judge(parameters[name], value)
        body = [each for each in operation.get("parameters", ()) if each["in"] == "body"]
        if bool(body) != bool(sent):
            problems.append("a body that is not described" if sent else "no body")
        return problems + (self._judge(body[0]["schema"], json.loads(sent)) if body and sent else [])

    def judge_answer(self, method: str, url: str, status: int | None, answer: Any) -> list[str]:
        """What is wrong with one answer."""
        operation = self._spec["paths"][self.template(urlsplit(url).path)][method.lower()]
        described = operation["responses"].get(str(status))
        if described is None:
            return [f"an answer {status} is not described"]
        return self._judge(described["schema"], json.loads(answer)) if "schema" in described else []

    def _judge(self, schema: Any, value: Any) -> list[str]:
        validator = Draft202012Validator(self._strict(schema, set()), format_checker=_FORMATS)
        return [f"{'.'.join(map(str, each.absolute_path))}: {each.message}" for each in validator.iter_errors(value)]

    def _strict(self, schema: Any, inside: set[str]) -> Any:
        """The schema with its references put in place, closed to other names, and open to null where not required."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/definitions/")
            return {} if name in inside else self._strict(self._spec["definitions"][name], inside | {name})
        if schema.get("type") == "array":
            return {"type": "array", "items": self._strict(schema["items"], inside)}
        if schema.get("type") != "object":
            return {key: schema[key] for key in ("type", "format") if key in schema}
        required = schema.get("required", [])
        properties = {
            name: each if name in required else {"anyOf": [each, {"type": "null"}]}
            for name, each in ((name, self._strict(each, inside)) for name, each in schema["properties"].items())
        }
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
