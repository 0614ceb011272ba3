"""That a run of an adapter sent what it declares, all of it and nothing else, as the vendor's schema has it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.truth.declared import declared
from demo.truth.paths import fits
from demo.truth.schemas import SchemaMissing, judge, versions
from demo.truth.sent import Sent
from include.fulfilment.adapters.operations import Document, HttpCall, Message
from tests.truth.rest import send_the_rest


def prove(bench: Any, checks: Mapping[str, object]) -> None:
    """The above for a bench on which these checks ran before. Skips, naming why, where nothing can be told."""
    if bench.name not in declared():
        pytest.skip(f"{bench.name} is the warehouse of the tests themselves: it sends nothing to any vendor")
    send_the_rest(bench)
    assert undeclared(bench.name, bench.sent) == []
    if missing := checks.keys() - bench.ran:
        pytest.skip(f"{len(missing)} of {len(checks)} checks did not run before this test: run the whole file")
    assert never_sent(bench.name, bench.sent) == []
    judged(bench.name, bench.sent)


def judged(dialect: str, sent: Sequence[Sent]) -> None:
    """Asserts that every version of the vendor's schema allows everything that was sent; skips where one is absent."""
    for version in versions(dialect):
        try:
            assert invalid(dialect, version, sent) == {}, version
        except SchemaMissing as missing:
            pytest.skip(f"what was sent is declared, but not judged: {missing}")


def undeclared(dialect: str, sent: Sequence[Sent]) -> list[str]:
    """What was sent under a name that is not declared, or otherwise than it is declared."""
    return sorted({words for each in sent if (words := _against_the_table(dialect, each))})


def never_sent(dialect: str, sent: Sequence[Sent]) -> list[str]:
    """What is declared and was not sent."""
    return sorted(declared()[dialect].keys() - {each.operation for each in sent})


def invalid(dialect: str, version: str, sent: Sequence[Sent]) -> dict[str, list[str]]:
    """By operation, what a version of the vendor's schema has against what was sent. Raises SchemaMissing."""
    found: dict[str, set[str]] = defaultdict(set)
    by = judge(dialect, version)
    for each in set_of(sent):
        if declared()[dialect][each.operation].published:
            found[each.operation].update(by.request(each))
    return {operation: sorted(words) for operation, words in found.items() if words}


def set_of(sent: Sequence[Sent]) -> list[Sent]:
    """Each request once; a repeat says nothing new."""
    return list({(each.operation, each.method, each.url, each.content): each for each in sent}.values())


def _against_the_table(dialect: str, sent: Sent) -> str:
    operation = declared()[dialect].get(sent.operation)
    if operation is None:
        return f"{sent.operation} is sent and not declared"
    match operation.sends:
        case HttpCall(method, path):
            same = sent.method == method and fits(path, urlsplit(sent.url).path)
        case Document(texts):
            same = _form(json.loads(sent.content)["query"]) in {_form(text) for text in texts}
        case Message(code):
            same = sent.operation == code
        case _:
            same = not sent.content
    return "" if same else f"{sent.operation} is sent as {sent.method} {urlsplit(sent.url).path}, not as declared"


def _form(text: str) -> str:
    """The first line of a document up to its variables: forms of one operation differ in how often they ask."""
    return text.strip().partition("(")[0]
