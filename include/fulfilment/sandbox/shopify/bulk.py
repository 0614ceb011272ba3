"""Bulk operations: a query that the shop carries out on its own, and a file with a line of JSON for each record.

Each look at an operation takes it one step on: CREATED, RUNNING, COMPLETED; its records are those of the last step.
The sandbox serves one list of records and no list inside them, so no line needs a `__parentId`.
Source: https://shopify.dev/docs/api/usage/bulk-operations/queries.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import timedelta

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    graphql_sync,
    parse,
    print_ast,
    validate,
)

from .gid import gid, number_of
from .paging import PAGE_LIMIT, Node
from .state import ShopState, instant_text

AT_ONCE = 5  # of one app in one shop, since version 2026-01
_OVER_AFTER = timedelta(minutes=10)  # one that nobody looks at no longer takes up room then
_NEXT = {"CREATED": "RUNNING", "RUNNING": "COMPLETED"}


def start(state: ShopState, schema: GraphQLSchema, text: str) -> tuple[int | None, list[Node]]:
    """Begin an operation and return its number, or None with the user errors."""
    under_way = state.one(
        "SELECT count(*) AS n FROM bulk_operation WHERE status IN ('CREATED', 'RUNNING') AND created_at > ?",
        instant_text(state.clock() - _OVER_AFTER),
    )
    if under_way and under_way["n"] >= AT_ONCE:
        words = "Bulk operations limit reached. Please try again later."
        return None, [{"field": None, "message": words, "code": "LIMIT_REACHED"}]
    try:
        _root(schema, text)
    except GraphQLError as error:
        words = f"Invalid bulk query: {error.message}"
        return None, [{"field": ["query"], "message": words, "code": "INVALID"}]
    number = state.next_id("BulkOperation")
    state.insert(
        "bulk_operation",
        id=number,
        status="CREATED",
        query=text,
        created_at=state.now(),
        records=0,
        file="",
        signature=secrets.token_urlsafe(24),
    )
    return number, []


def look(state: ShopState, schema: GraphQLSchema, global_id: str) -> sqlite3.Row | None:
    """Take an operation one step on and return its row, or None where there is none."""
    number = number_of("BulkOperation", global_id)
    row = state.one("SELECT * FROM bulk_operation WHERE id = ?", number)
    if row is None or row["status"] not in _NEXT:
        return row
    status = _NEXT[row["status"]]
    if status == "COMPLETED":
        lines = [json.dumps(record) + "\n" for record in _records(state, schema, row["query"])]
        state.run(
            "UPDATE bulk_operation SET completed_at = ?, records = ?, file = ? WHERE id = ?",
            state.now(),
            len(lines),
            "".join(lines),
            number,
        )
    state.run("UPDATE bulk_operation SET status = ? WHERE id = ?", status, number)
    return state.one("SELECT * FROM bulk_operation WHERE id = ?", number)


def view(row: sqlite3.Row, base_url: str) -> Node:
    """Return a BulkOperation object; an operation that found nothing has no file."""
    address = f"{base_url.rstrip('/')}/bulk/{row['id']}-{row['signature']}.jsonl"
    return {
        "__typename": "BulkOperation",
        "id": gid("BulkOperation", row["id"]),
        "status": row["status"],
        "type": "QUERY",
        "errorCode": None,
        "query": row["query"],
        "createdAt": row["created_at"],
        "completedAt": row["completed_at"],
        "objectCount": str(row["records"]),
        "rootObjectCount": str(row["records"]),
        "fileSize": str(len(row["file"].encode())) if row["records"] else None,
        "url": address if row["records"] else None,
        "partialDataUrl": None,
    }


def file_text(state: ShopState, name: str) -> str | None:
    """Return the file that an address names, or None for one that is not signed by us."""
    number, _, signature = name.removesuffix(".jsonl").partition("-")
    row = state.one("SELECT * FROM bulk_operation WHERE id = ? AND status = 'COMPLETED'", number)
    same = row is not None and secrets.compare_digest(row["signature"].encode(), signature.encode())
    return str(row["file"]) if row is not None and same else None


def _records(state: ShopState, schema: GraphQLSchema, text: str) -> Iterator[Node]:
    name, arguments, fields = _root(schema, text)
    page = f"edges {{ node {fields} }} pageInfo {{ hasNextPage endCursor }}"
    document = f"query ($after: String) {{ found: {name}(first: {PAGE_LIMIT}, after: $after{arguments}) {{ {page} }} }}"
    after = None
    while True:
        answer = graphql_sync(schema, document, context_value=state, variable_values={"after": after})
        if answer.errors or answer.data is None:
            raise GraphQLError(f"the bulk query failed: {answer.errors}")
        found = answer.data["found"]
        yield from (edge["node"] for edge in found["edges"])
        if not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


def _root(schema: GraphQLSchema, text: str) -> tuple[str, str, str]:
    """Return the list that a bulk query asks for: its name, its arguments and the fields of a record, as text."""
    document = parse(text)
    wrong = validate(schema, document)
    operation = document.definitions[0]
    if wrong or len(document.definitions) > 1 or not isinstance(operation, OperationDefinitionNode):
        raise wrong[0] if wrong else GraphQLError("it must be one query")
    (root, *more) = operation.selection_set.selections
    record = _below(_below(root, "edges"), "node")
    if more or operation.variable_definitions or record is None or not isinstance(root, FieldNode):
        raise GraphQLError("it must ask for one connection by edges and node, without variables")
    if not any(isinstance(each, FieldNode) and each.name.value == "id" for each in _selections(record)):
        raise GraphQLError("the id field is required on connections")
    fields = print_ast(record.selection_set) if record.selection_set else ""
    if "edges" in fields or "nodes" in fields:
        raise GraphQLError("the sandbox serves no connection inside another")
    arguments = "".join(f", {print_ast(each)}" for each in root.arguments or ())
    return root.name.value, arguments, fields


def _below(node: object, name: str) -> FieldNode | None:
    found = (each for each in _selections(node) if isinstance(each, FieldNode) and each.name.value == name)
    return next(found, None)


def _selections(node: object) -> tuple[object, ...]:
    inside = getattr(node, "selection_set", None)
    return tuple(inside.selections) if isinstance(inside, SelectionSetNode) else ()
