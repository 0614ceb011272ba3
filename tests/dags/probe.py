"""Run in a process of its own: parse every DAG file with all doors shut, and print what came of it as JSON."""

from __future__ import annotations

import importlib.util
import json
import socket
import sys
from pathlib import Path
from typing import Any

HEAVY = ("pandas", "psycopg", "psycopg2", "requests", "aiohttp", "duckdb", "pyarrow", "pydantic_settings", "httpx")


def shut(*_: Any, **__: Any) -> Any:
    raise AssertionError("parsing a DAG file reached out")


def main() -> None:
    import airflow.sdk
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    loaded = set(sys.modules)
    airflow.sdk.BaseHook.get_connection = shut  # type: ignore[assignment,method-assign]
    airflow.sdk.Connection.get = shut  # type: ignore[assignment,method-assign]
    airflow.sdk.Variable.get = shut  # type: ignore[assignment,method-assign]
    socket.socket.connect = shut  # type: ignore[method-assign]
    socket.getaddrinfo = shut
    DagContext.current_autoregister_module_name = __name__
    files = sorted(Path(sys.argv[1]).glob("*.py"))
    for file in files:
        spec = importlib.util.spec_from_file_location(f"parsed_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    dags = {dag.dag_id: described(dag) for dag, _ in DagContext.autoregistered_dags}
    heavy = [name for name in HEAVY if name in sys.modules and name not in loaded]
    print(json.dumps({"files": [file.stem for file in files], "heavy": heavy, "dags": dags}))


def described(dag: Any) -> dict[str, Any]:
    given = {name: dag.params.get_param(name) for name in dag.params}
    params = {name: {"value": param.value, **param.schema} for name, param in given.items()}
    return {
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "schedule": str(dag.schedule),
        "paused": dag.is_paused_upon_creation,
        "scheduled_by_the_clock": isinstance(dag.schedule, str) or hasattr(dag.schedule, "timetable"),
        "params": params,
        "tasks": {task.task_id: one_task(task) for task in dag.tasks},
    }


def one_task(task: Any) -> dict[str, Any]:
    """Mapped or not: a mapped task keeps its arguments aside."""
    callbacks = task.on_failure_callback
    callbacks = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
    policy = task.partial_kwargs.get("retry_policy") if hasattr(task, "partial_kwargs") else task.retry_policy
    kind = getattr(task, "operator_class", type(task))
    return {
        "operator": task.task_type,
        "beat": getattr(kind, "beat_name", ""),
        "flow": getattr(kind, "flow", ""),
        "pool": task.pool,
        "retries": task.retries,
        "minutes": task.execution_timeout.total_seconds() / 60 if task.execution_timeout else None,
        "callbacks": [each.__name__ for each in callbacks if each],
        "gives_up_on": sorted(rule.exception.rpartition(".")[2] for rule in policy.rules) if policy else [],
        "upstream": sorted(task.upstream_task_ids),
    }


if __name__ == "__main__":
    main()
