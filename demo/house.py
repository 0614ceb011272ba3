"""The house rules that no linter has: sizes, and which room may use which library (`python -m demo.house`)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from demo.environment import CHECKOUT

_ROOT = "include/fulfilment/"
LIBRARIES = {
    "airflow": ("dags/", "plugins/", f"{_ROOT}orchestration/", "tests/", "provider/", "demo/bench_release/plain_dags/"),
    "httpx": (f"{_ROOT}adapters/transport.py", f"{_ROOT}sandbox/control.py", "demo/", "tests/"),
    "psycopg": (f"{_ROOT}store/", "demo/", "tests/"),
    "psycopg2": (),
    "sqlalchemy": (f"{_ROOT}store/", "tests/"),
    "pandas": (f"{_ROOT}reports/", "demo/", "tests/"),
    "duckdb": (f"{_ROOT}reports/", "tests/"),
    "fastapi": (f"{_ROOT}desk/", f"{_ROOT}webhooks/", f"{_ROOT}sandbox/", "plugins/", "tests/"),
    "demo": ("demo/", "tests/"),
}
"""The only places that may import a library, by its name."""
_FOLDERS = ("include", "dags", "plugins", "provider", "demo", "tests")
_FILE_LINES, _TEST_LINES, _DAG_LINES, _FUNCTION_LINES = 300, 500, 100, 40
_DAG_SLOTS = ("Purpose", "Trigger", "Reads", "Writes", "Safe to rerun because", "When it fails")
_FLOATS_BARRED = (f"{_ROOT}domain/", f"{_ROOT}mapping/")


def complaints(checkout: Path) -> Iterator[str]:
    """One sentence for each place that breaks a rule."""
    for folder in _FOLDERS:
        for file in sorted((checkout / folder).rglob("*.py")):
            name = file.relative_to(checkout).as_posix()
            text = file.read_text(encoding="utf-8")
            tree = ast.parse(text, name)
            yield from _sizes(name, text, tree)
            yield from _imports(name, tree)
            if name.startswith("dags/"):
                yield from _slots(name, tree)
            if name.startswith(_FLOATS_BARRED):
                yield from _floats(name, tree)


def _sizes(name: str, text: str, tree: ast.Module) -> Iterator[str]:
    limit = _DAG_LINES if name.startswith("dags/") else _TEST_LINES if name.startswith("tests/") else _FILE_LINES
    lines = len(text.splitlines())
    if lines > limit:
        yield f"{name}: {lines} lines, {limit} at most"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > _FUNCTION_LINES:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines, {_FUNCTION_LINES} at most"


def _imports(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module or ""]
        else:
            continue
        for library in {one.partition(".")[0] for one in modules} & LIBRARIES.keys():
            rooms = LIBRARIES[library]
            if not name.startswith(rooms):
                yield f"{name}:{node.lineno}: {library} may be imported only in {', '.join(rooms) or 'no room'}"


def _slots(name: str, tree: ast.Module) -> Iterator[str]:
    text = ast.get_docstring(tree) or ""
    missing = [slot for slot in _DAG_SLOTS if slot not in text]
    if missing:
        yield f"{name}: its docstring lacks {', '.join(missing)}"


def _floats(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield f"{name}:{node.lineno}: float; money is Decimal and a quantity int"


def main() -> int:
    """Print the complaints; 1 if there are any."""
    found = list(complaints(CHECKOUT))
    for one in found:
        print(one)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
