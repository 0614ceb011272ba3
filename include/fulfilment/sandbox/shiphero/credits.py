"""ShipHero's limit: a bucket of credits, and what a query asks of it.

A query is estimated at 1 + page × (1 + what hangs on each record); it runs when the bucket holds as much, and is
charged 1 and the records that were answered. 4,004 credits, 60 of them back each second; a page without `first` counts
100. Four real answers bear the rule out (42, 206, 1,101 and −1,639 estimated; 3 and 1 charged). That a mutation asks
for 10 is the sandbox's own assumption. Besides, 7,000 requests are taken in five minutes.
Source: https://developer.shiphero.com/getting-started/ (throttling); integrators' logs for the words of a refusal.
"""

from __future__ import annotations

import math
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from ..database import Clock
from ..floor.limits import Bucket
from .paging import DEFAULT_PAGE

SIZE, PER_SECOND = 4004, 60
CALLS, CALL_SECONDS = 7000, 300
MUTATION = 10
Json = dict[str, Any]


class Meter:
    """The account's credits. They live as long as the process, as a limit may."""

    def __init__(self, clock: Clock, size: int = SIZE, per_second: int = PER_SECOND) -> None:
        self._size, self._per_second = size, per_second
        self._bucket = Bucket(size, per_second, clock)

    def refusal(self, estimate: int) -> str:
        """Say why a query that asks for so much cannot run now, or nothing."""
        left = math.floor(self._bucket.left)
        if estimate <= left:
            return ""
        words = (
            "There are not enough credits to perform the requested operation, which requires "
            f"{estimate} credits, but there are only {left} left."
        )
        if estimate > self._size:
            return words
        seconds = math.ceil((estimate - left) / self._per_second)
        return f"{words} In {seconds} seconds you will have enough credits to perform the operation"

    def charge(self, cost: int) -> None:
        """Take what an answer cost; an estimate that was met covers it."""
        self._bucket.take(min(cost, math.floor(self._bucket.left)))

    def report(self, estimate: int, costs: dict[str, int]) -> Json:
        """Return `extensions.throttling`: what was estimated, and charged for each field of the operation."""
        detail = {
            name: {"items_count": cost - 1, "cost": 1, "total_cost": cost, "fields": {}} for name, cost in costs.items()
        }
        quota = {
            "credits_remaining": math.floor(self._bucket.left),
            "max_available": self._size,
            "increment_rate": self._per_second,
        }
        return {
            "estimated_complexity": estimate,
            "cost": sum(costs.values()),
            "cost_detail": detail,
            "user_quota": quota,
        }


def estimates(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode], given: Json
) -> dict[str, int]:
    """Return what each field of an operation asks for, by the name it is answered under."""
    mutation = operation.operation is OperationType.MUTATION
    root = schema.mutation_type if mutation else schema.query_type
    asked: dict[str, int] = {}
    for node in operation.selection_set.selections:
        if isinstance(node, FieldNode) and isinstance(root, GraphQLObjectType):
            name = node.alias.value if node.alias else node.name.value
            asked[name] = (MUTATION if mutation else 1) + _inside(root, node, fragments, given)
    return asked


def charged(data: Json | None) -> dict[str, int]:
    """Return what each field of an answer costs: 1 and the records in it."""
    return {name: 1 + _records(value) for name, value in (data or {}).items()}


def _selection(
    kind: GraphQLObjectType,
    selections: SelectionSetNode,
    fragments: dict[str, FragmentDefinitionNode],
    given: Json,
) -> int:
    total = 0
    for node in selections.selections:
        if isinstance(node, FragmentSpreadNode):
            fragment = fragments.get(node.name.value)
            total += _selection(kind, fragment.selection_set, fragments, given) if fragment else 0
        elif isinstance(node, FieldNode):
            total += _inside(kind, node, fragments, given)
        elif (inner := getattr(node, "selection_set", None)) is not None:
            total += _selection(kind, inner, fragments, given)
    return total


def _inside(
    parent: GraphQLObjectType, node: FieldNode, fragments: dict[str, FragmentDefinitionNode], given: Json
) -> int:
    """Return what hangs on one field: of a connection its page times each record and what hangs on that."""
    field = parent.fields.get(node.name.value)
    if field is None or node.selection_set is None:
        return 0
    kind = get_named_type(field.type)
    if not isinstance(kind, GraphQLObjectType):
        return 0
    hanging = _selection(kind, node.selection_set, fragments, given)
    return _page(node, given) * (1 + hanging) if kind.name.endswith("Connection") else hanging


def _page(node: FieldNode, given: Json) -> int:
    value = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
    if isinstance(value, IntValueNode):
        return int(value.value)
    asked = given.get(value.name.value) if isinstance(value, VariableNode) else None
    return asked if isinstance(asked, int) else DEFAULT_PAGE


def _records(value: Any) -> int:
    if isinstance(value, list):
        return sum(_records(each) for each in value)
    if not isinstance(value, dict):
        return 0
    edges = value.get("edges")
    return (len(edges) if isinstance(edges, list) else 0) + sum(_records(each) for each in value.values())
