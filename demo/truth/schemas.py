"""The vendors' schemas that what we send is judged by. They are reference data beside the checkout, never in it.

A new version of a schema is one more entry in its `versions`, and a run of the tests.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graphql import build_client_schema, build_schema

from demo.environment import CHECKOUT
from demo.truth.grammar import GrammarJudge
from demo.truth.graphql_judge import GraphQLJudge
from demo.truth.openapi import OpenApi
from demo.truth.sent import Judge
from demo.truth.swagger import Swagger

SHARED = Path(os.environ.get("FULFILMENT_SHARED") or CHECKOUT.parent / "shared")


class SchemaMissing(Exception):
    """A vendor's schema is not at hand, so nothing can be judged by it."""

    def __init__(self, file: Path) -> None:
        where = f"is not in {file.parent} (set FULFILMENT_SHARED)"
        super().__init__(f"the vendor's schema {file.name} {where}")


@dataclass(frozen=True, slots=True)
class Schema:
    """Where a dialect's schemas are (`{version}` in it), of which versions, and who judges by one."""

    place: str
    versions: tuple[str, ...]
    read: Callable[[Path], Judge]


def _introspection(file: Path) -> Judge:
    found = json.loads(gzip.decompress(file.read_bytes()))
    return GraphQLJudge(build_client_schema(found.get("data", found), assume_valid=True))


def _definitions(file: Path) -> Judge:
    return GraphQLJudge(build_schema(file.read_text(encoding="utf-8")))


SCHEMAS: Mapping[str, Schema] = {
    "shopify": Schema("shopify-admin/admin_{version}.json.gz", ("2026-04", "2026-07"), _introspection),
    "shipbob": Schema("shipbob/shipbob-openapi-{version}.json", ("2026-01",), OpenApi),
    "mintsoft": Schema("mintsoft/mintsoft-swagger2-{version}.json", ("rebuilt",), Swagger),
    "shiphero": Schema("shiphero/shiphero-{version}.graphql", ("2023-02-derived",), _definitions),
    "x12": Schema("x12", ("4010",), GrammarJudge),
}
"""By dialect. Tryton's REST door and SparkLayer's API have no published schema."""


def versions(dialect: str) -> tuple[str, ...]:
    """The versions that a dialect is held against; none where its vendor publishes no schema."""
    return SCHEMAS[dialect].versions if dialect in SCHEMAS else ()


def place(dialect: str, version: str) -> Path:
    """Where the schema is, below the folder of reference data."""
    return Path("specs", SCHEMAS[dialect].place.format(version=version))


def judge(dialect: str, version: str) -> Judge:
    """The dialect's schema in one version, read once. Raises SchemaMissing where it is not at hand."""
    file = SHARED / place(dialect, version)
    if not file.exists():
        raise SchemaMissing(file)
    return _read(dialect, file)


@cache
def _read(dialect: str, file: Path) -> Judge:
    return SCHEMAS[dialect].read(file)
