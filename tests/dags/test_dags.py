"""DAG integrity: what parsing does and does not do, and what every DAG must say and carry."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.orchestration.setup import POOLS

CHECKOUT = Path(__file__).resolve().parents[2]
PARAMS = {
    "order_release": {"site", "order_ids", "dry_run"},
    "stock_sync": {"site", "skus", "dry_run"},
    "fulfilment_aggregation": {"site", "order_ids", "dry_run"},
    "drift_report": {"site", "cut_off"},
    "hold_decision": {"site"},
    "release_what_if": {"site", "policy", "site_file", "days"},
}
"""Every DAG of the package with its parameters: a new one is added here, with all that this file asks of it."""
NAMES = sorted(PARAMS)
FLOWS = [name for name in NAMES if name not in ("hold_decision", "release_what_if")]
"""Those of three beats; of the others one asks people, one reads alone."""
SLOTS = ("Purpose", "Trigger", "Reads", "Writes", "Safe to rerun because", "When it fails")
OTHER_AIRFLOW_MODULES = {
    "airflow.api_fastapi.auth.managers.models.resource_details": "the desk's sign-in",
    "airflow.api_fastapi.core_api.security": "the desk's sign-in",
    "airflow.exceptions": "a missing connection, in the API server",
    "airflow.models.connection": "connections, in the API server",
    "airflow.plugins_manager": "the plugin",
    "airflow.providers.smtp.notifications.smtp": "mail to on-call, imported inside the callback",
    "airflow.providers.standard.operators.hitl": "the question that a person answers in Airflow",
    "airflow.providers.standard.triggers.temporal": "waits that take no worker slot, imported inside execute",
    "airflow.triggers.base": "the trigger that turns webhooks into asset events",
    "airflow.triggers.shared_stream": "the acknowledgement of that trigger",
}
"""What is imported of Airflow beside `airflow.sdk`, and why."""
Parsed = dict[str, Any]


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Parsed:
    """What a process of its own says of the DAG files: Airflow keeps much in globals."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "tests/dags/probe.py"), str(CHECKOUT / "dags")],
        env=kept | {"PYTHONPATH": str(CHECKOUT), "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow home"))},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: Parsed = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_parsing_reaches_no_connection_variable_or_network_and_finds_every_dag(parsed: Parsed) -> None:
    """The probe shuts those doors, so that it would have failed."""
    assert parsed["files"] == NAMES
    assert sorted(parsed["dags"]) == NAMES


def test_parsing_loads_nothing_heavy_beyond_what_airflow_loads(parsed: Parsed) -> None:
    assert parsed["heavy"] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_fills_every_slot_and_its_runbook_is_there(parsed: Parsed, name: str) -> None:
    doc = parsed["dags"][name]["doc"]
    found = dict(re.findall(r"\*\*(.+?):\*\* (.+?)(?=\n\n|\Z)", doc, re.DOTALL))
    assert tuple(found) == SLOTS
    assert found["When it fails"].strip() == f"docs/runbooks/{name}.md"
    assert (CHECKOUT / f"docs/runbooks/{name}.md").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_one_run_at_a_time_no_backfill_and_a_tag_to_find_it(parsed: Parsed, name: str) -> None:
    """A run that waits for a person keeps no other question waiting, so of those there may be many."""
    dag, at_once = parsed["dags"][name], 16 if name == "hold_decision" else 1
    assert (dag["max_active_runs"], dag["catchup"], "fulfilment" in dag["tags"]) == (at_once, False, True)


@pytest.mark.parametrize("name", NAMES)
def test_every_task_retries_gives_up_where_that_is_useless_times_out_and_tells(parsed: Parsed, name: str) -> None:
    for task_id, task in parsed["dags"][name]["tasks"].items():
        assert task["callbacks"] == ["report_failure"], task_id
        assert task["gives_up_on"] == ["ConfigError", "TerminalError"], task_id
        assert (task["retries"], task["minutes"]) == (3, 30), task_id


@pytest.mark.parametrize("name", NAMES)
def test_every_beat_that_calls_a_remote_takes_a_slot_of_a_pool_that_set_up_creates(parsed: Parsed, name: str) -> None:
    pools = {task["pool"] for task in parsed["dags"][name]["tasks"].values()}
    assert pools <= {"default_pool", *POOLS}
    for task_id, task in parsed["dags"][name]["tasks"].items():
        remote = task_id.endswith((".collect", ".submit"))
        assert (task["pool"] in POOLS) == remote, task_id


@pytest.mark.parametrize("name", FLOWS)
def test_a_run_has_three_beats_a_site_and_one_task_that_plans_them(parsed: Parsed, name: str) -> None:
    """At most six tasks per site whatever the number of orders."""
    tasks = parsed["dags"][name]["tasks"]
    assert len(tasks) - 1 == 3
    assert "sites" in tasks


@pytest.mark.parametrize("name", FLOWS)
def test_the_beats_follow_each_other(parsed: Parsed, name: str) -> None:
    tasks = parsed["dags"][name]["tasks"]
    collect, decide, last = [task_id for task_id in tasks if task_id != "sites"]
    assert "sites" in tasks[collect]["upstream"]
    assert collect in tasks[decide]["upstream"]
    assert decide in tasks[last]["upstream"]


def test_a_what_if_is_one_task_a_site_that_only_a_person_starts(parsed: Parsed) -> None:
    """It reads the store alone and hands nothing on, so it has one beat."""
    dag = parsed["dags"]["release_what_if"]
    assert list(dag["tasks"]) == ["sites", "what_if.publish"]
    assert (dag["schedule"], dag["paused"], dag["tasks"]["what_if.publish"]["upstream"]) == ("None", False, ["sites"])


def test_people_are_asked_in_two_tasks_and_never_by_the_clock(parsed: Parsed) -> None:
    """No scheduled run ever waits for a person."""
    dag = parsed["dags"]["hold_decision"]
    assert {name: (task["operator"], task["upstream"]) for name, task in dag["tasks"].items()} == {
        "collect": ("CollectQuestionsOperator", []),
        "ask": ("AskPersonOperator", ["collect"]),
    }
    assert dag["scheduled_by_the_clock"] is False
    assert all(parsed["dags"][name]["scheduled_by_the_clock"] for name in FLOWS)


@pytest.mark.parametrize("name", NAMES)
def test_a_beat_is_called_alike_by_task_and_operator_so_that_its_ticket_closes(parsed: Parsed, name: str) -> None:
    for task_id, task in parsed["dags"][name]["tasks"].items():
        if task_id != "sites":
            assert (task["flow"], task["beat"]) == (name, task_id.rpartition(".")[2])


@pytest.mark.parametrize("name", NAMES)
def test_the_form_asks_for_the_agreed_parameters_and_checks_them(parsed: Parsed, name: str) -> None:
    params = parsed["dags"][name]["params"]
    assert set(params) == PARAMS[name]
    assert all({"type", "title"} <= set(param) for param in params.values())
    assert params["site"]["pattern"] == "^[a-z][a-z0-9_]{0,30}$"


@pytest.mark.parametrize("file", sorted((CHECKOUT / "dags").glob("*.py")), ids=lambda file: file.stem)
def test_a_dag_file_is_thin(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 100


def imports_of_airflow() -> dict[Path, set[str]]:
    """Every module of Airflow that the package imports anywhere, functions included."""
    found: dict[Path, set[str]] = {}
    for room in ("dags", "plugins", "include"):
        for file in (CHECKOUT / room).rglob("*.py"):
            modules = set()
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.add(node.module)
                elif isinstance(node, ast.Import):
                    modules |= {alias.name for alias in node.names}
            airflow = {name for name in modules if name.partition(".")[0] == "airflow"}
            if airflow:
                found[file.relative_to(CHECKOUT)] = airflow
    return found


def test_airflow_is_imported_only_in_its_own_rooms() -> None:
    rooms = {"/".join(file.parts[:3]) if file.parts[0] == "include" else file.parts[0] for file in imports_of_airflow()}
    assert rooms == {"dags", "plugins", "include/fulfilment/orchestration"}


def test_a_dag_file_imports_nothing_of_airflow_but_its_sdk() -> None:
    for file, modules in imports_of_airflow().items():
        assert file.parts[0] != "dags" or modules == {"airflow.sdk"}, file


def test_other_modules_of_airflow_are_these_and_no_more() -> None:
    used = set().union(*imports_of_airflow().values())
    sdk = {name for name in used if name == "airflow.sdk" or name.startswith("airflow.sdk.")}
    assert used - sdk == set(OTHER_AIRFLOW_MODULES)
