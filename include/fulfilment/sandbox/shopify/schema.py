"""The executable schema: `schema.graphql` with its resolvers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ariadne import load_schema_from_path, make_executable_schema
from graphql import GraphQLSchema

from .mutations import mutation
from .queries import query

SCHEMA_FILE = Path(__file__).with_name("schema.graphql")


@cache
def build_schema() -> GraphQLSchema:
    """Read the schema file and bind the resolvers to it, once in a process: no shop's state is in it."""
    return make_executable_schema(load_schema_from_path(str(SCHEMA_FILE)), query, mutation)
