"""The page on all that the adapters send (docs/operations.md): what it is, and whether the vendor's schema has it.

The vendors' schemas lie beside the checkout. Where they are absent the operations are still compared; the verdicts are
then those of the page as it is, and that is said.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from demo.docs_text import code, page, table
from demo.environment import CHECKOUT
from demo.errors import DemoError
from demo.truth.declared import declared
from demo.truth.scan import ADAPTERS, names
from demo.truth.schemas import SchemaMissing, judge, place, versions
from include.fulfilment.adapters.operations import Document, FileStep, HttpCall, Message, Operation

PAGE = CHECKOUT / "docs" / "operations.md"
VALIDATES, NO_SCHEMA, UNJUDGED = "validates", "no vendor schema", "not judged yet"
_ROW = re.compile(r"^\| `(\w+)` \| `([^`]+)` \|.*\| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
_GRAPHQL = re.compile(r"\b(query|mutation)\b[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)")
Verdicts = Mapping[tuple[str, str, str], str]


def operations_page(kept: Path = PAGE) -> str:
    """Every operation of every adapter, a row for each version of the vendor's schema. `kept` is the page whose
    verdicts stand where a schema is absent.

    Raises:
        DemoError: an adapter sends something that it does not declare.
    """
    _refuse_undeclared()
    written = verdicts(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    head = ["Adapter", "Operation", "What is sent", "Schema", "Verdict"]
    return page(
        "What the adapters send",
        "Each operation by the name under which it is counted, and what the vendor's own schema says of it. A row "
        "is judged when this page is made: the document, or method and path. What goes with it (variables, query, "
        "body, the segments of a message) is judged by the same schema in `tests/contract`, for every request of a "
        "whole run of the port's checks. The same run shows that nothing else is sent, and nothing here is idle.",
        "Where the vendor publishes no schema, the page that describes the operation is named instead. Another version "
        "of a schema is one more entry in `demo/truth/schemas.py` and a run of the tests.",
        table(head, list(_rows(written))),
    )


def verdicts(text: str) -> dict[tuple[str, str, str], str]:
    """What a page says, by adapter, operation and schema."""
    return {(adapter, operation, schema): verdict for adapter, operation, schema, verdict in _ROW.findall(text)}


def _refuse_undeclared() -> None:
    known = declared()
    for folder in sorted(each for each in ADAPTERS.glob("*/*") if each.name in known):
        for each in names(folder):
            if each.name and each.name not in known[folder.name]:
                raise DemoError(
                    f"{each.place}: the operation {each.name!r} is not declared; add it to OPERATIONS in "
                    f"{folder.relative_to(CHECKOUT).as_posix()}/operations.py"
                )


def _rows(written: Verdicts) -> Iterator[list[str]]:
    absent: set[str] = set()
    for dialect, operations in declared().items():
        for name, operation in operations.items():
            for schema, verdict in _verdicts(dialect, operation, absent):
                said = verdict or written.get((dialect, name, schema), UNJUDGED)
                yield [code(dialect), code(name), _words(operation), schema, said]
    for each in sorted(absent):
        print(f"docs/{PAGE.name}: not judged anew, {each}", file=sys.stderr)


def _verdicts(dialect: str, operation: Operation, absent: set[str]) -> Iterator[tuple[str, str]]:
    """Schema and verdict, the latter empty where the schema is absent."""
    if not operation.published:
        yield "", f"{NO_SCHEMA}: {operation.page}"
        return
    for version in versions(dialect):
        where = code(place(dialect, version).as_posix())
        try:
            yield where, "; ".join(judge(dialect, version).declared(operation)) or VALIDATES
        except SchemaMissing as missing:
            absent.add(str(missing))
            yield where, ""


def _words(operation: Operation) -> str:
    match operation.sends:
        case HttpCall(method, path):
            return code(f"{method} {path}")
        case Document(texts):
            return _document(texts)
        case Message(number):
            return f"message {number}"
        case FileStep(words):
            return words


def _document(texts: tuple[str, ...]) -> str:
    found = _GRAPHQL.search(texts[0])
    words = f"GraphQL {found[1]} {code(found[2])}" if found else "GraphQL"
    return words + (f", in {len(texts)} forms" if len(texts) > 1 else "")
