from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def connection(**changes: object) -> dict[str, str]:
    """The variable that defines `fulfilment_db` for Airflow."""
    found = {"conn_type": "postgres", "host": "db.example", "port": 5432, "login": "desk", "schema": "fulfilment"}
    return {"AIRFLOW_CONN_FULFILMENT_DB": json.dumps(found | changes)}


@pytest.fixture(scope="module")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow home")


def run(home: Path, code: str, **environment: str) -> str:
    """What `code` prints in a process of its own: Airflow keeps much in globals that other tests must not meet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
    ours = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(CHECKOUT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | ours | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


URL = "from include.fulfilment.orchestration.airflow_access import store_url; print(store_url())"
FAULT = """
from include.fulfilment.errors import ConfigError
from include.fulfilment.orchestration.airflow_access import store_url
try:
    store_url()
except ConfigError as error:
    print(error)
"""


def test_the_connection_becomes_an_address_with_everything_escaped_and_hook_options_left_out(
    airflow_home: Path,
) -> None:
    extra = json.dumps({"sslmode": "require", "cursor": "dictcursor"})
    found = run(airflow_home, URL, **connection(login="a@b", password="p:/?#%", extra=extra))
    assert found == "postgresql://a%40b:p%3A%2F%3F%23%25@db.example:5432/fulfilment?sslmode=require"


def test_a_connection_of_another_type_is_refused_by_name(airflow_home: Path) -> None:
    found = run(airflow_home, FAULT, **connection(conn_type="mysql"))
    assert found == "The connection fulfilment_db is of type mysql; it must be postgres."


PLUGIN = """
import sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
before = [name for name in ("psycopg", "include.fulfilment.desk.app") if name in sys.modules]
(app,) = plugins_manager.get_fastapi_plugins()[0]
print([app["url_prefix"], before, plugins_manager.get_import_errors()])
"""


def test_the_plugin_loads_without_the_desk_until_the_api_server_asks_for_it(airflow_home: Path) -> None:
    assert run(airflow_home, PLUGIN) == "['/fulfilment', [], {}]"


GATES = """
import warnings; warnings.simplefilter("ignore")
import json, sys, time
from pathlib import Path
from fastapi.testclient import TestClient
from airflow.api_fastapi.app import create_app
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.app import get_auth_manager
import jwt
app = create_app(apps="core")
browser = TestClient(app, raise_server_exceptions=False)
claims = {"sub": "admin", "role": "ADMIN", "aud": "apache-airflow", "iat": int(time.time()), "nbf": int(time.time()),
          "exp": int(time.time()) + 600}
tokens = {
    "anonymous": None,
    "garbled": "a.b.c",
    "forged": jwt.encode(claims, "z" * 64, algorithm="HS512"),
    "viewer": get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="v", role="VIEWER")),
}
out = {}
for who, token in tokens.items():
    headers = {"authorization": f"Bearer {token}"} if token else {}
    out[who] = [browser.get("/fulfilment" + path, headers=headers).status_code
                for path in ("/", "/order", "/orders?which=held", "/static/desk.css", "/docs", "/openapi.json")]
print(json.dumps(out))
"""


@pytest.mark.e2e
def test_airflow_lets_in_whoever_is_signed_in_and_nobody_else(airflow_home: Path) -> None:
    migrate = "import sys; from airflow.__main__ import main; sys.argv = ['airflow', 'db', 'migrate']; main(); print()"
    database = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow_home / 'airflow.db'}"}
    run(airflow_home, migrate, **database)
    answers = json.loads(run(airflow_home, GATES, **database, **connection(host="127.0.0.1", port=1)))
    assert answers == {
        "anonymous": [401] * 6,
        "garbled": [403] * 6,
        "forged": [403] * 6,
        "viewer": [503, 503, 503, 200, 404, 404],  # the store of this test does not answer
    }
