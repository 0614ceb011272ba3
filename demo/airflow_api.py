"""What the demo says to Airflow: its public REST interface, version 2, and nothing else.

Paths and fields follow Airflow 3's API reference (`/api/v2`), logins those of the simple auth manager (`/auth/token`).
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from demo.errors import DemoError

_POLL_SECONDS = 0.25
_ANSWER_SECONDS = 120.0
"""A quiet machine answers in milliseconds, a crowded one that has just started Airflow in half a minute and more."""
_PAGE = 100
_COMPONENTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
ENDED = frozenset({"success", "failed"})


@dataclass(frozen=True)
class RunResult:
    """How a DAG run ended: its state, the number of its task instances by state, and the seconds it took."""

    dag_id: str
    run_id: str
    state: str
    tasks: Mapping[str, int]
    seconds: float

    @property
    def task_count(self) -> int:
        """Task instances of the run, mapped ones each counted."""
        return sum(self.tasks.values())


class AirflowApi:
    """A session of one login; `check` is called while waiting and may raise (a supervised process that died)."""

    def __init__(self, base_url: str, user: str, password: str, check: Callable[[], None] = lambda: None) -> None:
        self.base_url = base_url
        self._login = {"username": user, "password": password}
        self._check = check
        # trust_env off: a proxy set for the internet must not get these calls.
        self._client = httpx.Client(base_url=base_url, timeout=_ANSWER_SECONDS, trust_env=False)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def wait_healthy(self, seconds: float = 120.0) -> None:
        """Wait until every component reports healthy in the body (the status code says 200 even when one is not).

        Raises:
            DemoError: not within the time; the message names what is not healthy.
        """
        missing = list(_COMPONENTS)

        def healthy() -> bool:
            nonlocal missing
            missing = self._unhealthy()
            return not missing

        self._until(healthy, seconds, lambda: f"Airflow is not healthy after {seconds:.0f} s: {', '.join(missing)}.")

    def warm_up(self) -> None:
        """Let Airflow build the interface its tasks talk to, which it does on the first request."""
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{self.base_url}/execution/health", timeout=30.0, trust_env=False)

    def wait_dags(self, dag_ids: set[str], seconds: float = 60.0) -> None:
        """Wait until the DAG processor has taken these DAGs in.

        Raises:
            DemoError: not within the time; the message names them and the import errors there are.
        """
        self._until(
            lambda: dag_ids <= self.dag_ids(),
            seconds,
            lambda: (
                f"Airflow does not know {sorted(dag_ids - self.dag_ids())} after {seconds:.0f} s. "
                f"Import errors: {self.list_import_errors() or 'none'}"
            ),
        )

    def dag_ids(self) -> set[str]:
        """The DAGs that Airflow has parsed."""
        return {dag["dag_id"] for dag in self._pages("/api/v2/dags", "dags")}

    def list_import_errors(self) -> dict[str, str]:
        """The error of each DAG file that could not be parsed, by file."""
        return {
            error["filename"]: error["stack_trace"] for error in self._pages("/api/v2/importErrors", "import_errors")
        }

    def set_paused(self, dag_id: str, paused: bool) -> None:
        """Stop or let go the DAG's schedule; a paused DAG does not run triggered runs either."""
        self._request(
            "PATCH", f"/api/v2/dags/{quote(dag_id)}", params={"update_mask": "is_paused"}, json={"is_paused": paused}
        )

    def unpause(self, dag_id: str) -> None:
        """Let the DAG run."""
        self.set_paused(dag_id, False)

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run with these params and answer its id.

        Raises:
            DemoError: Airflow refused, for params outside the DAG's schema for example.
        """
        body = {"logical_date": None, "conf": dict(conf or {})}
        return str(self._request("POST", f"/api/v2/dags/{quote(dag_id)}/dagRuns", json=body)["dag_run_id"])

    def wait(self, dag_id: str, run_id: str, seconds: float = 300.0) -> RunResult:
        """Wait until the run has ended, whatever its state.

        Raises:
            DemoError: it has not within the time; the message has its tasks by state.
        """
        path, begun, state = self._run_path(dag_id, run_id), time.monotonic(), ""

        def ended() -> bool:
            nonlocal state
            state = self._request("GET", path)["state"]
            return state in ENDED

        self._until(
            ended,
            seconds,
            lambda: (
                f"{dag_id} is still {state} after {seconds:.0f} s; tasks: {dict(self.task_states(dag_id, run_id))}."
            ),
        )
        return RunResult(dag_id, run_id, state, self.task_states(dag_id, run_id), time.monotonic() - begun)

    def run(self, dag_id: str, conf: Mapping[str, Any] | None = None, seconds: float = 300.0) -> RunResult:
        """Start a run and wait for its success.

        Raises:
            DemoError: it failed, with the tasks that did, or did not end in time.
        """
        result = self.wait(dag_id, self.trigger(dag_id, conf), seconds)
        if result.state != "success":
            failed = [
                task["task_id"] for task in self.task_instances(dag_id, result.run_id) if task["state"] == "failed"
            ]
            raise DemoError(
                f"{dag_id} run {result.run_id} ended as {result.state}; tasks failed: {', '.join(failed) or 'none'}. "
                f"See {self.base_url}/dags/{dag_id}/runs/{quote(result.run_id)}"
            )
        return result

    def task_states(self, dag_id: str, run_id: str) -> Counter[str]:
        """The number of the run's task instances by state."""
        return Counter(task["state"] or "none" for task in self.task_instances(dag_id, run_id))

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The run's task instances as Airflow describes them."""
        return self._pages(f"{self._run_path(dag_id, run_id)}/taskInstances", "task_instances")

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The DAG's runs as Airflow describes them, scheduled and asset-triggered ones included."""
        return self._pages(f"/api/v2/dags/{quote(dag_id)}/dagRuns", "dag_runs")

    def running_tasks(self, dag_id: str) -> dict[str, str]:
        """The id of each task instance of the DAG that runs now, with its task's id."""
        path = f"/api/v2/dags/{quote(dag_id)}/dagRuns/~/taskInstances"
        found = self._request("GET", path, params={"state": "running", "limit": _PAGE})["task_instances"]
        return {task["id"]: task["task_id"] for task in found}

    def end_open_runs(self, dag_id: str) -> None:
        """Mark runs that an earlier, killed start left open as failed, so that they touch nothing of the next."""
        for run in self.runs(dag_id):
            if run["state"] not in ENDED:
                path = self._run_path(dag_id, run["dag_run_id"])
                self._request("PATCH", path, params={"update_mask": "state"}, json={"state": "failed"})

    def xcom(
        self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int | None = None
    ) -> Any:
        """What a task handed on; `map_index` names the instance of a mapped one."""
        path = f"{self._run_path(dag_id, run_id)}/taskInstances/{quote(task_id)}/xcomEntries/{quote(key)}"
        which = {} if map_index is None else {"map_index": map_index}
        return self._request("GET", path, params={"deserialize": "true"} | which)["value"]

    def _run_path(self, dag_id: str, run_id: str) -> str:
        # Run ids hold ':' and '+'.
        return f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"

    def _unhealthy(self) -> list[str]:
        try:
            answer = self._client.get("/api/v2/monitor/health", timeout=5.0)
            states = answer.json() if answer.status_code == httpx.codes.OK else {}
        except (httpx.TransportError, ValueError):
            return ["api-server"]
        return [name for name in _COMPONENTS if (states.get(name) or {}).get("status") != "healthy"]

    def _pages(self, path: str, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._request("GET", path, params={"limit": _PAGE, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def _request(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, **arguments)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                self._sign_in()
                answer = self._client.request(method, path, **arguments)
        except httpx.TransportError as error:
            words = f"Airflow gave no answer to {method} {path} ({type(error).__name__})"
            raise DemoError(f"{words}; start the demo again, it goes on where it stopped.") from error
        if answer.is_error:
            raise DemoError(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:500]}")
        body: dict[str, Any] = answer.json()
        return body

    def _sign_in(self) -> None:
        answer = self._client.post("/auth/token", json=self._login)
        if answer.is_error:
            raise DemoError(f"Airflow refused the login of {self._login['username']}: {answer.status_code}.")
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _until(self, done: Callable[[], bool], seconds: float, complaint: Callable[[], str]) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            self._check()
            if time.monotonic() > deadline:
                raise DemoError(complaint())
            time.sleep(_POLL_SECONDS)
