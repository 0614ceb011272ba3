"""Shopify's search syntax (https://shopify.dev/docs/api/usage/search-syntax): the part the sandbox understands.

`field:value` and `field:>=value` joined by AND (or a blank) and OR, with brackets and quoted values. Real Shopify
ignores a field it does not know and returns everything; the sandbox refuses it, so that no typing error passes a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from graphql import GraphQLError

from ..database import Value
from .state import instant_text

_TOKEN = re.compile(
    r"""\s*(?:([()])|(AND|OR)(?=[\s()])|(\w+):(>=|<=|>|<)?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s()]+))"""
)


@dataclass(frozen=True)
class Field:
    """One searchable field: the column it looks at and how its value is read (`time`, `text`, `name` or `id`)."""

    column: str
    kind: str


@dataclass
class Where:
    """A condition in SQL with the values bound to it."""

    sql: str = "1"
    values: list[Value] = field(default_factory=list)


def compile_search(query: str | None, fields: Mapping[str, Field]) -> Where:
    """Turn a search into a condition; raises GraphQLError for syntax or fields the sandbox does not know."""
    if query is None or not query.strip():
        return Where()
    parser = _Parser(_tokens(query), fields)
    where = parser.either()
    if parser.rest:
        raise _wrong(f"unexpected {parser.rest[0]}")
    return where


def _wrong(what: str) -> GraphQLError:
    return GraphQLError(f"Invalid search query: {what}.", extensions={"code": "BAD_REQUEST"})


_Token = tuple[str, ...]


def _tokens(query: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, text = 0, query.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(f"cannot read {text[at : at + 40]!r}, expected field:value")
        bracket, word, name, operator, value = match.groups()
        tokens.append((name, operator or "=", _unquoted(value)) if name else (bracket or word,))
        at = match.end()
    return tokens


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] in "\"'" and len(value) > 1 else value


class _Parser:
    def __init__(self, tokens: list[_Token], fields: Mapping[str, Field]) -> None:
        self.rest, self.fields = tokens, fields

    def either(self) -> Where:
        where = self.both()
        while self.rest and self.rest[0] == ("OR",):
            self.rest.pop(0)
            other = self.both()
            where = Where(f"({where.sql} OR {other.sql})", where.values + other.values)
        return where

    def both(self) -> Where:
        where = self.term()
        while self.rest and self.rest[0] not in (("OR",), (")",)):
            if self.rest[0] == ("AND",):
                self.rest.pop(0)
            other = self.term()
            where = Where(f"({where.sql} AND {other.sql})", where.values + other.values)
        return where

    def term(self) -> Where:
        if not self.rest:
            raise _wrong("it ends too early")
        token = self.rest.pop(0)
        if token == ("(",):
            where = self.either()
            if not self.rest or self.rest.pop(0) != (")",):
                raise _wrong("a bracket is not closed")
            return where
        if len(token) != 3:
            raise _wrong(f"unexpected {token[0]!r}")
        name, operator, value = token
        if name not in self.fields:
            raise _wrong(f"the sandbox does not search by {name!r}, only by {', '.join(sorted(self.fields))}")
        return _condition(self.fields[name], operator, value)


def _condition(by: Field, operator: str, value: str) -> Where:
    if by.kind == "time":
        return Where(f"{by.column} {operator} ?", [_instant(value)])
    if by.kind == "id":
        digits = value.rsplit("/", 1)[-1]
        if not re.fullmatch(r"\d{1,18}", digits, re.ASCII):
            raise _wrong(f"{value!r} is not an id")
        return Where(f"{by.column} {operator} ?", [int(digits)])
    if operator != "=":
        raise _wrong(f"{operator} needs a time or an id")
    if by.kind == "name":  # an order is found with or without its prefix
        return Where(f"ltrim({by.column}, '#') = ? COLLATE NOCASE", [value.lstrip("#")])
    return Where(f"{by.column} = ? COLLATE NOCASE", [value])  # Shopify's search does not tell case apart


def _instant(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _wrong(f"{value!r} is not an ISO 8601 time") from error
    return instant_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
