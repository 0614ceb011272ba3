"""The connection types in Airflow itself: its providers manager, its form, its command and its button."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.serving import API_KEY
from tests.provider.remotes import REMOTES, install

CHECKOUT = Path(__file__).resolve().parents[2]


def run(home: Path, code: str, **environment: str) -> Any:
    """What `code` prints last, as JSON, in a process of its own: Airflow keeps much in globals."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW__", "PYTHON"))}
    ours = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONWARNINGS": "ignore",
        "_AIRFLOW_PROCESS_CONTEXT": "server",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | ours | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


MANAGER = """
import json, logging
warned = []
class Keep(logging.Handler):
    def emit(self, record):
        warned.append(record.getMessage())
log = logging.getLogger("airflow.providers_manager")
log.addHandler(Keep(logging.WARNING))
from airflow.providers_manager import ProvidersManager
manager = ProvidersManager()
hooks = {name: manager.hooks[name] for name in manager.hooks if name.startswith("fulfilment_")}
print(json.dumps({
    "testable": {name: bool(hook) and hook.connection_testable for name, hook in hooks.items()},
    "extra": sorted(name.removeprefix("extra__fulfilment_") for name in manager.connection_form_widgets
                    if "fulfilment" in name),
    "hidden": manager.field_behaviours["fulfilment_shopify"]["hidden_fields"],
    "warned": [text for text in warned if "ulfilment" in text],
}))
"""


def test_airflow_knows_every_type_can_test_it_and_warns_of_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, MANAGER) == {
        "testable": {f"fulfilment_{name}": True for name in (*REMOTES, "tryton")},
        "extra": [
            "mintsoft__client_id",
            "shipbob__api_version",
            "shipbob__channel_id",
            "shiphero__customer_account_id",
            "shopify__api_version",
            "sparklayer__site_id",
            "x12__host_key",
            "x12__path",
            "x12__private_key",
        ],
        "hidden": ["schema", "login", "port"],
        "warned": [],
    }


KEPT = """
import json
from include.fulfilment.orchestration.wiring import connection
found = connection("warehouse_bench_main")
print(json.dumps([found.base_url, found.login, found.password, dict(found.extra)]))
"""


def test_a_connection_in_the_environment_keeps_its_extra_fields_and_a_field_left_empty_is_none(tmp_path: Path) -> None:
    values = {
        "conn_type": "fulfilment_x12",
        "host": "sftp://edi.example.com",
        "port": 2222,
        "login": "we",
        "password": "p:/?#@%",
        "extra": {"host_key": "ssh-ed25519 AAAA", "path": "", "private_key": None},
    }
    found = run(tmp_path, KEPT, AIRFLOW_CONN_WAREHOUSE_BENCH_MAIN=json.dumps(values))
    assert found == ["sftp://edi.example.com:2222", "we", "p:/?#@%", {"host_key": "ssh-ed25519 AAAA"}]


BUTTON = """
import contextlib, io, json, os, sys, time
from airflow.__main__ import main
with contextlib.redirect_stdout(io.StringIO()):
    sys.argv = ["airflow", "db", "migrate"]; main()
said = []
for conn_id in ("warehouse_bench_main", "warehouse_bench_other"):
    sys.argv = ["airflow", "connections", "test", conn_id]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code
    said.append([code, "success" in printed.getvalue(), "no site has" in printed.getvalue()])
from fastapi.testclient import TestClient
from airflow.api_fastapi.app import create_app, get_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
browser = TestClient(create_app(apps="core"))
token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="admin", role="ADMIN"))
bearer = {"authorization": f"Bearer {token}"}
meta = browser.get("/ui/connections/hook_meta", headers=bearer).json()
shown = {each["connection_type"]: sorted(each["extra_fields"] or {}) for each in meta
         if each["connection_type"].startswith("fulfilment_")}
values = json.loads(os.environ["AIRFLOW_CONN_WAREHOUSE_BENCH_MAIN"])
answers = []
for password in (values["password"], "wrong-S3cret"):
    body = {**values, "connection_id": "typed_into_the_form", "password": password}
    body["extra"] = json.dumps(values["extra"])
    answers.append(browser.post("/api/v2/connections/test", headers=bearer, json=body).json())
print(json.dumps({"command": said, "button": answers, "form": shown["fulfilment_shipbob"]}))
"""


@pytest.mark.e2e
def test_airflow_s_command_and_button_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote, home = REMOTES["shipbob"], tmp_path / "airflow home"
    home.mkdir()
    install(remote, tmp_path, monkeypatch)
    with remote.running(tmp_path) as values:
        stored = json.dumps(values)
        found = run(home, BUTTON, AIRFLOW_CONN_WAREHOUSE_BENCH_MAIN=stored, AIRFLOW_CONN_WAREHOUSE_BENCH_OTHER=stored)
    assert found["command"] == [[0, True, False], [1, False, True]]
    assert found["form"] == ["api_version", "channel_id"]
    good, bad = found["button"]
    assert good == {"status": True, "message": "shipbob answered, asked as the warehouse of site bench"}
    assert bad["status"] is False
    assert "connection 'warehouse_bench_main': access refused" in bad["message"]
    assert "S3cret" not in bad["message"]
    assert API_KEY not in bad["message"]
