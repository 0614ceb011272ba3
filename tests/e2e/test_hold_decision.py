"""hold_decision on real Airflow: asked once, answered there or on the desk, and silence ends nothing.

Airflow's four components run with this one DAG on a store of a few rows; the day that a question waits is some seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from demo.airflow import airflow_commands, migrate
from demo.airflow_api import AirflowApi
from demo.environment import CHECKOUT, Folders, airflow_environment, login_passwords
from demo.ports import HOST, Ports
from demo.postgres import EmbeddedPostgres
from demo.secrets import SecretFiles
from demo.stack import database_connection
from demo.supervisor import Supervisor
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.matter import Team
from include.fulfilment.services.people import lift_hold
from include.fulfilment.settings import load_site
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.schema import migrate as migrate_store
from tests.site_files import write_site
from tests.store import desk_seed

pytestmark = [pytest.mark.e2e, pytest.mark.alone]

WAIT_SECONDS = 30
REASON = {"reason": "the buyer confirmed"}


@dataclass
class Running:
    """Airflow with the DAG, and the store that it works on."""

    api: AirflowApi
    base: str
    passwords: dict[str, str]
    store: PostgresStore
    store_url: str
    dag_file: Path

    def signed_in(self, user: str) -> httpx.Client:
        client = httpx.Client(base_url=self.base, timeout=60, trust_env=False)
        login = {"username": user, "password": self.passwords[user]}
        client.headers["authorization"] = f"Bearer {client.post('/auth/token', json=login).json()['access_token']}"
        return client

    def asked(self) -> list[dict[str, Any]]:
        """What Airflow's Required Actions show."""
        path = "/api/v2/dags/~/dagRuns/~/hitlDetails"
        found: list[dict[str, Any]] = (
            self.signed_in("admin").get(path, params={"response_received": "false"}).json()["hitl_details"]
        )
        return [each for each in found if each["task_instance"]["state"] in ("deferred", "awaiting_input")]

    def answer(self, user: str, detail: dict[str, Any], option: str) -> int:
        ti = detail["task_instance"]
        path = f"/api/v2/dags/{ti['dag_id']}/dagRuns/{ti['dag_run_id']}/taskInstances/{ti['task_id']}"
        given = {"chosen_options": [option], "params_input": REASON}
        return self.signed_in(user).patch(f"{path}/{ti['map_index']}/hitlDetails", json=given).status_code

    def hold(self, number: int) -> None:
        """One more order that is held for its size, and a hint that there is a question."""
        now = system_clock()
        with psycopg.connect(self.store_url) as connection:
            order_id = desk_seed.order(
                connection, "demo", number, now, state="held", reason="quantity_threshold", content_hash="h1"
            )
            desk_seed.ticket(
                connection,
                "demo",
                now=now,
                code="quantity_threshold",
                subject=f"#{number}",
                order_id=order_id,
                owner="operations",
            )
        with self.store.transaction() as rows:
            assert rows.questions.announce(load_site_asked(), now)

    def decisions(self) -> list[tuple[str, str, str]]:
        with psycopg.connect(self.store_url) as connection:
            return connection.execute(
                "SELECT subject, person, verdict FROM fulfilment.hold_decision ORDER BY decision_id"
            ).fetchall()

    def outcomes(self) -> list[str]:
        """What each question came to, in the order in which they were asked."""
        client, found = self.signed_in("admin"), []
        for run in sorted(self.api.runs("hold_decision"), key=lambda each: each["run_after"]):
            run_path = f"/api/v2/dags/hold_decision/dagRuns/{run['dag_run_id']}/taskInstances/ask/xcomEntries"
            answer = client.get(f"{run_path}/return_value", params={"map_index": 0})
            if answer.status_code == 200:
                found.append(answer.json()["value"])
        return found


def dag_text(wait_seconds: int) -> str:
    """The DAG as it is shipped, with another time to wait for an answer."""
    shipped = (CHECKOUT / "dags" / "hold_decision.py").read_text(encoding="utf-8")
    wait = f"timedelta(seconds={wait_seconds})"
    lines = ["from datetime import timedelta", "from include.fulfilment.services import hold_decision as asking"]
    patch = "\n".join([*lines, f"asking.WAIT = {wait}"])
    return shipped.replace("@dag(", f"{patch}\n\n@dag(", 1)


def load_site_asked() -> frozenset[str]:
    return load_site("demo", CHECKOUT / "include/fulfilment/config").asked()


def until(what: str, done: Callable[[], Any], seconds: float = 150) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := done():
            return found
        time.sleep(1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("hold decision")
    state.chmod(0o711)
    dags, plugins, sites = state / "dags", state / "plugins", state / "sites"
    for folder in (dags, plugins, sites):
        folder.mkdir()
    dag_file = dags / "hold_decision.py"
    dag_file.write_text(dag_text(86_400), encoding="utf-8")
    write_site(sites, load_site("demo", CHECKOUT / "include/fulfilment/config").model_dump(mode="json"))
    secrets, ports, supervisor = SecretFiles(state / "secrets"), Ports(state / "ports.json"), Supervisor(state)
    supervisor.open()
    try:
        server = EmbeddedPostgres(state, secrets, ports)
        server.start(supervisor)
        port, url = ports.take("airflow"), server.url("fulfilment")
        migrate_store(url)
        connections = {"fulfilment_db": database_connection(url)}
        folders = Folders(state, dags, plugins)
        environment = airflow_environment(folders, secrets, port, server.url("airflow"), connections)
        environment |= {"FULFILMENT_SITES": str(sites), "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3"}
        migrate(environment, server.url("airflow"), state / "airflow" / "schema")
        for command in airflow_commands(environment):
            supervisor.start(command)
        passwords = dict(login_passwords(secrets))
        api = AirflowApi(f"http://{HOST}:{port}", "admin", passwords["admin"], supervisor.check)
        api.wait_healthy(240)
        api.wait_dags({"hold_decision"}, 120)
        api.unpause("hold_decision")
        yield Running(api, api.base_url, passwords, PostgresStore(url, "demo"), url, dag_file)
        api.close()
    finally:
        supervisor.stop()


def test_a_hint_starts_a_run_that_asks_the_team_alone_and_its_answer_is_the_desks_row(running: Running) -> None:
    running.hold(1001)
    (detail,) = until("one question is asked", running.asked)
    assert detail["subject"] == "Order #1001: unusually large quantity"
    assert detail["defaults"] == ["Keep it held"]
    assert sorted(each["id"] for each in detail["assigned_users"]) == ["admin", "operations"]
    assert [running.answer(user, detail, "Lift the hold") for user in ("viewer", "finance")] == [403, 403]
    assert running.answer("operations", detail, "Lift the hold") == 200
    assert running.answer("admin", detail, "Keep it held") == 409
    until("the answer is stored", running.decisions)
    assert running.decisions() == [("cart-1001", "operations", "lifted")]


def test_a_question_that_the_desk_answered_closes_by_itself(running: Running) -> None:
    running.hold(1002)
    (detail,) = until("one question is asked", running.asked)
    lift_hold(running.store, "cart-1002", "quantity_threshold", "ola", "by phone", system_clock)
    until("nobody is asked any more", lambda: not running.asked())
    assert running.answer("operations", detail, "Keep it held") == 409
    until("the run has ended", lambda: running.outcomes() == ["lifted", "gone"])
    assert running.decisions()[1:] == [("cart-1002", "ola", "lifted")]


def test_without_an_answer_in_time_the_order_stays_held_and_its_ticket_open(running: Running) -> None:
    running.dag_file.write_text(dag_text(WAIT_SECONDS), encoding="utf-8")
    running.hold(1003)
    until("one question is asked", running.asked)
    until("the wait is over", lambda: running.outcomes() == ["lifted", "gone", "timeout"])
    assert running.asked() == []
    assert len(running.decisions()) == 2
    with psycopg.connect(running.store_url) as connection:
        found = connection.execute(
            "SELECT o.state, o.reason, t.owner, t.closed_at FROM fulfilment.sales_order o"
            " JOIN fulfilment.exception_ticket t USING (site, order_id) WHERE order_id = 'cart-1003'"
        ).fetchall()
    assert found == [("held", "quantity_threshold", Team.OPERATIONS.value, None)]
    with running.store.transaction() as rows:  # and whoever finds the hold next has it asked anew
        assert rows.questions.announce(load_site_asked(), system_clock())
