"""Shopify's limit: a bucket of points that refills with time, and a cost for each query.

A field that returns an object costs 1, a connection 2 and the size of its page times what is in it, a mutation 10; what
was asked for is charged first and what was not needed given back. No query may cost more than 1,000 points.
Source: https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits. Shopify weighs some fields differently;
the sandbox's figures are its own arithmetic on the published rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
)

from ..database import Clock

_MUTATION = 10
_DEAREST_QUERY = 1_000
_WRAPPERS = ("nodes", "edges", "node", "pageInfo")
_DEFAULT_PAGE = 10


@dataclass(frozen=True)
class Throttle:
    """Size of the bucket and points given back per second. Shopify Plus: 20,000 and 1,000; standard: 2,000 and 100."""

    bucket: int = 20_000
    restore_rate: int = 1_000


class Meter:
    """The points left in the bucket. It starts full and lives as long as the process, as a limit may."""

    def __init__(self, throttle: Throttle, clock: Clock) -> None:
        self._throttle, self._clock = throttle, clock
        self._left, self._at = float(throttle.bucket), clock()

    def _refill(self) -> None:
        now: datetime = self._clock()
        passed = max((now - self._at).total_seconds(), 0.0)
        self._left = min(float(self._throttle.bucket), self._left + passed * self._throttle.restore_rate)
        self._at = now

    def take(self, points: int) -> bool:
        """Take points out of the bucket, or say False and take none when there are too few."""
        self._refill()
        if points > self._left:
            return False
        self._left -= points
        return True

    def give_back(self, points: int) -> None:
        """Return points that a query was charged and did not need."""
        self._left = min(float(self._throttle.bucket), self._left + points)

    @property
    def dearest(self) -> int:
        """The most points that one query may ask for, whatever is in the bucket."""
        return min(_DEAREST_QUERY, self._throttle.bucket)

    def report(self, requested: int, actual: int | None) -> dict[str, Any]:
        """Return `extensions.cost` as Shopify answers it."""
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": float(self._throttle.bucket),
                "currentlyAvailable": int(self._left),
                "restoreRate": float(self._throttle.restore_rate),
            },
        }


def requested_cost(document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]) -> int:
    """Return the most points that an operation can cost, before it runs."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    base = _MUTATION if operation.operation is OperationType.MUTATION else 0
    return base + _selection(operation.selection_set, fragments, variables)


def _selection(
    selections: SelectionSetNode | None, fragments: dict[str, FragmentDefinitionNode], variables: dict[str, Any]
) -> int:
    total = 0
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            total += _field(node, fragments, variables)
        elif isinstance(node, FragmentSpreadNode):
            fragment = fragments.get(node.name.value)
            total += _selection(fragment.selection_set if fragment else None, fragments, variables)
        else:
            total += _selection(getattr(node, "selection_set", None), fragments, variables)
    return total


def _field(node: FieldNode, fragments: dict[str, FragmentDefinitionNode], variables: dict[str, Any]) -> int:
    if node.selection_set is None:
        return 0
    inside = _selection(node.selection_set, fragments, variables)
    if node.name.value in _WRAPPERS and not node.arguments:
        return inside
    if (asked := _asked_by_id(node, variables)) is not None:
        return asked * (1 + inside)
    size = _page(node, variables)
    return 1 + inside if size is None else 2 + size * (1 + inside)


def _asked_by_id(node: FieldNode, variables: dict[str, Any]) -> int | None:
    """Return how many records a field asks for by their ids, or None where it does not."""
    ids = next((argument.value for argument in node.arguments or () if argument.name.value == "ids"), None)
    if isinstance(ids, ListValueNode):
        return len(ids.values)
    value = variables.get(ids.name.value) if isinstance(ids, VariableNode) else None
    return len(value) if isinstance(value, list) else None


def _page(node: FieldNode, variables: dict[str, Any]) -> int | None:
    """Return the page size of a connection, or None for a plain object."""
    first = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
    if first is None:
        return None
    if isinstance(first, IntValueNode):
        return max(int(first.value), 0)
    value = variables.get(first.name.value) if isinstance(first, VariableNode) else None
    return value if isinstance(value, int) else _DEFAULT_PAGE


def actual_cost(data: Any, *, mutation: bool) -> int:
    """Return the points that an answer did cost: 1 for each object, 2 for each connection, 10 for a mutation."""
    return (_MUTATION if mutation else 0) + (sum(_weight(value) for value in data.values()) if data else 0)


def _weight(value: Any) -> int:
    if isinstance(value, list):
        return sum(_weight(item) for item in value)
    if not isinstance(value, dict):
        return 0
    children = sum(_weight(child) for key, child in value.items() if key != "pageInfo")
    if "nodes" in value or "edges" in value:
        return 2 + children
    return children if set(value) <= {"cursor", "node"} else 1 + children
