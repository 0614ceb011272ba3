"""A GraphQL schema as a judge: the document, and each variable against the type that the document gives it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate
from graphql.execution.values import get_variable_values

from demo.truth.sent import Sent
from include.fulfilment.adapters.operations import Document, Operation


class GraphQLJudge:
    """Judges by one schema. Documents are parsed and validated once each."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._document = cache(self._judged)

    def declared(self, operation: Operation) -> list[str]:
        """What is wrong with any form of the document."""
        if not isinstance(operation.sends, Document):
            return ["it is no GraphQL document"]
        return [words for text in operation.sends.texts for words in self._document(text)]

    def request(self, sent: Sent) -> list[str]:
        """What is wrong with the document, or with the variables that went with it."""
        body: dict[str, Any] = json.loads(sent.content)
        found = list(self._document(body["query"]))
        return found or self._variables(body["query"], body.get("variables") or {})

    def _judged(self, text: str) -> tuple[str, ...]:
        return tuple(each.message for each in validate(self._schema, parse(text)))

    def _variables(self, text: str, given: dict[str, Any]) -> list[str]:
        (operation,) = (each for each in parse(text).definitions if isinstance(each, OperationDefinitionNode))
        names = {each.variable.name.value for each in operation.variable_definitions or ()}
        read = get_variable_values(self._schema, operation.variable_definitions or (), given)
        wrong = [each.message for each in read] if isinstance(read, list) else []
        return [*wrong, *(f"variable {each} is not in the document" for each in given.keys() - names)]
