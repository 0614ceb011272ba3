"""What the package declares: each dialect, and each extra field that its adapter reads, once and no more."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fulfilment_provider import get_provider_info

import tests.stories.airflow_home  # noqa: F401 - before anything imports Airflow
from include.fulfilment.adapters.warehouse.mintsoft.options import Account

CHECKOUT = Path(__file__).resolve().parents[2]
TYPES: dict[str, dict[str, Any]] = {
    each["connection-type"].removeprefix("fulfilment_"): each for each in get_provider_info()["connection-types"]
}
PACKAGES = {
    folder.name: folder
    for room in ("storefront", "warehouse")
    for folder in (CHECKOUT / "include/fulfilment/adapters" / room).iterdir()
    if (folder / "__init__.py").is_file()
}
READ_WHOLE = {"mintsoft": set(Account.model_fields)}
"""Dialects that give the whole extra to a strict model, and that model's fields."""


def test_every_dialect_has_a_connection_type_and_every_type_a_dialect() -> None:
    assert sorted(TYPES) == sorted(PACKAGES)


@pytest.mark.parametrize("dialect", sorted(PACKAGES))
def test_every_extra_field_that_the_adapter_reads_is_declared_and_no_other(dialect: str) -> None:
    read, elsewhere = extra_fields(PACKAGES[dialect])
    assert (elsewhere > 0) == (dialect in READ_WHOLE), "the extra is read in a way that this test does not know"
    assert set(TYPES[dialect].get("conn-fields", {})) == read | READ_WHOLE.get(dialect, set())


def extra_fields(package: Path) -> tuple[set[str], int]:
    """The fields that are asked for by name (`extra.get("x")`, `extra["x"]`), and how often the connection's extra is
    used in another way."""
    found, named, seen = set[str](), 0, 0
    for file in package.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            seen += is_extra(node)
            asked: ast.expr | None = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                asked, owner = node.args[0], node.func.value
            elif isinstance(node, ast.Subscript):
                asked, owner = node.slice, node.value
            if isinstance(asked, ast.Constant) and (is_extra(owner) or is_name(owner)):
                found.add(str(asked.value))
                named += is_extra(owner)
            # `extra = connection.extra` makes it a local name.
            named += isinstance(node, ast.Assign) and is_extra(node.value) and is_name(node.targets[0])
    return found, seen - named


def is_extra(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "extra"


def is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "extra"


@pytest.mark.parametrize("dialect", sorted(TYPES))
def test_the_hook_is_called_as_the_type_says(dialect: str) -> None:
    """Airflow's providers manager only warns of a difference, and leaves the type out."""
    from airflow.sdk._shared.module_loading import import_string

    declared = TYPES[dialect]
    hook = import_string(declared["hook-class-name"])
    assert (hook.conn_type, hook.hook_name) == (declared["connection-type"], declared["hook-name"])
    assert hook.dialect == dialect


@pytest.mark.parametrize("dialect", sorted(TYPES))
def test_each_field_of_the_form_is_either_hidden_or_says_what_goes_there(dialect: str) -> None:
    behaviour = TYPES[dialect]["ui-field-behaviour"]
    shown = set(behaviour["relabeling"])
    assert set(behaviour["hidden-fields"]) == {"host", "schema", "login", "password", "port"} - shown
    assert set(behaviour["placeholders"]) == shown
    for field in TYPES[dialect].get("conn-fields", {}).values():
        assert field["label"]
        assert field["description"]


def test_airflow_s_schema_of_provider_information_is_kept() -> None:
    schema = json.loads((files("airflow") / "provider_info.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(get_provider_info(), schema)


def test_the_installed_package_is_the_one_of_this_checkout_and_airflow_finds_it() -> None:
    (found,) = [each for each in entry_points(group="apache_airflow_provider") if each.module == "fulfilment_provider"]
    assert found.load()() == get_provider_info()
    installed = Path(sys.modules["fulfilment_provider"].__file__ or "").parent
    for file in (CHECKOUT / "provider/fulfilment_provider").glob("*.py"):
        assert (installed / file.name).read_bytes() == file.read_bytes(), f"{file.name}: run bin/test, or install it"


def test_reading_the_declaration_imports_neither_airflow_nor_an_adapter() -> None:
    code = "import sys, fulfilment_provider; fulfilment_provider.get_provider_info(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not {name.partition(".")[0] for name in done.stdout.split()} & {"airflow", "include", "httpx", "pydantic"}


def test_the_page_about_connections_has_every_type_and_every_extra_field() -> None:
    page = (CHECKOUT / "docs/connections.md").read_text(encoding="utf-8")
    for each in TYPES.values():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{each['connection-type']}` | `")]
        assert all(f"`{name}`" in row for name in each.get("conn-fields", {})), row
