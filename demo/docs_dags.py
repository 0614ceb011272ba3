"""docs/dags.md: each DAG as Airflow itself sees it, from the DAG files."""

from __future__ import annotations

import inspect
import runpy
from pathlib import Path
from typing import Any

from demo.docs_text import code, page, span, table
from demo.environment import CHECKOUT

_INTRO = """One file in `dags/` per DAG; the DAG, its file, its service (`include/fulfilment/services/`) and its runbook
(`docs/runbooks/`) share one name. Every DAG but `hold_decision` maps one group of tasks over the configured sites, and
each task works on all orders of its site at once. All tasks share {retries} retries {delay} seconds apart (none after a
wrong setting or a clear refusal), a time-out of {timeout}, and a failure callback that opens the ticket
`task_failed`."""


def dags_page() -> str:
    """The whole page. Airflow is loaded only here, once its home folder is set."""
    from include.fulfilment.orchestration.defaults import DEFAULT_ARGS

    files = sorted((CHECKOUT / "dags").glob("*.py"))
    intro = _INTRO.format(
        retries=DEFAULT_ARGS["retries"],
        delay=DEFAULT_ARGS["retry_delay"].seconds,
        timeout=span(DEFAULT_ARGS["execution_timeout"]),
    )
    return page("The DAGs", intro, *(block for file in files for block in _blocks(file)))


def _blocks(file: Path) -> list[str]:
    found = runpy.run_path(str(file))
    dag = found[file.stem]()
    slots = inspect.cleandoc(found["__doc__"]).partition("\n")[2].strip()
    link = f"docs/runbooks/{file.stem}.md"
    slots = slots.replace(link, f"[runbooks/{file.stem}.md](runbooks/{file.stem}.md)")
    schedule = f"Schedule: {_schedule(dag.schedule)}. Tags: {', '.join(code(tag) for tag in sorted(dag.tags))}."
    return [f"## {dag.dag_id}", slots, schedule, "Parameters:", _params(dag), "Tasks:", _tasks(dag)]


def _schedule(schedule: Any) -> str:
    if schedule is None:
        return "none, a person starts it"
    if isinstance(schedule, str):
        return f"{code(schedule)} (cron, UTC)"
    if isinstance(schedule, list):
        return f"when {', '.join(code(asset.name) for asset in schedule)} is updated"
    assets = sorted(asset.name for asset in schedule.asset_condition.objects)
    return f"every {span(schedule.timetable.delta)}, and when {', '.join(map(code, assets))} is updated"


def _params(dag: Any) -> str:
    names = sorted(dag.params, key=list(dag.params).index)
    rows = []
    for name in names:
        param = dag.params.get_param(name)
        default = "empty" if param.value in (None, []) else str(param.value).lower()
        rows.append((code(name), _type(param.schema["type"]), default, param.description or ""))
    return table(("Name", "Type", "Default", "Meaning"), rows)


def _type(kind: str | list[str]) -> str:
    return " or ".join(kind) if isinstance(kind, list) else kind


def _tasks(dag: Any) -> str:
    rows = [
        (code(task.task_id), code(_operator(task).__name__.lstrip("_")), code(task.pool), _purpose(task))
        for task in dag.tasks
    ]
    return table(("Task", "Operator", "Pool", "What it does"), rows)


def _operator(task: Any) -> type:
    """The operator's class, of a mapped task that which is mapped."""
    mapped: type | None = getattr(task, "operator_class", None)
    return mapped or type(task)


def _purpose(task: Any) -> str:
    """The first paragraph that the operator, or the function of a plain task, says of itself."""
    text = inspect.getdoc(getattr(task, "python_callable", None) or _operator(task)) or ""
    return text.partition("\n\n")[0]
