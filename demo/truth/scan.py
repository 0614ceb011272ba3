"""The names of operations as the adapters' code writes them, read without running it.

A name is what stands where a function's parameter `operation` is given: in calls of the transport, the session, and an
adapter's own functions that pass it on. GraphQL operations are named in their documents, all of them `Fulfil…`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from demo.environment import CHECKOUT

ADAPTERS = CHECKOUT / "include" / "fulfilment" / "adapters"
_PARAMETER = "operation"
_CALLED_ON = re.compile(r"self|.*(client|session|transport)")
_OURS = re.compile(r"(?:\b(?:query|mutation)\s+|\A)(Fulfil(?!l)\w+)(?=\s*[({]|\Z)")  # theirs has two l


@dataclass(frozen=True, slots=True)
class Named:
    """Where an operation is named, and its name; empty where the name is worked out when the code runs."""

    place: str
    name: str


def names(folder: Path) -> list[Named]:
    """Every name of an operation in one dialect's package, by file."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.py"))}
    takes = _takes(trees.values())
    return [
        Named(f"{file.relative_to(ADAPTERS.parent).as_posix()}:{line}", name)
        for file, tree in trees.items()
        if file.name != "operations.py"
        for line, name in {*_in_calls(tree, takes), *_in_documents(tree)}
    ]


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [each.arg for each in function.args.args if each.arg != "self"]


def _takes(trees: Iterable[ast.Module]) -> dict[str, int]:
    """The functions that take an operation, and the position of it; beyond any where it is given by name."""
    functions = [each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    own = {each.name: _parameters(each).index(_PARAMETER) for each in functions if _PARAMETER in _parameters(each)}
    return {"request": 99, **own}


def _in_calls(tree: ast.Module, takes: dict[str, int]) -> Iterator[tuple[int, str]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            passes_on = _PARAMETER in _parameters(function)
            for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
                value = _given(call, takes)
                if isinstance(value, ast.Constant):
                    yield call.lineno, str(value.value)
                elif value is not None and not (passes_on and ast.unparse(value) == _PARAMETER):
                    yield call.lineno, ""


def _given(call: ast.Call, takes: dict[str, int]) -> ast.expr | None:
    """What a call gives as its operation; None where it takes none."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in takes:
        return None
    if not _CALLED_ON.fullmatch(ast.unparse(function.value)):
        return None
    by_name = next((each.value for each in call.keywords if each.arg == _PARAMETER), None)
    position = takes[function.attr]
    return by_name or (call.args[position] if position < len(call.args) else None)


def _in_documents(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            for found in _OURS.finditer(each.value):
                yield each.lineno, found[1]
