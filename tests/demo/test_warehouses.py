"""What the demo knows of its warehouses: their files, their site file, and that the adapter can speak to each."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.floor import Plan
from demo.floor_plans import from_json, to_json
from demo.ports import Ports
from demo.progress import run_key
from demo.secrets import SecretFiles
from demo.site import write_site
from demo.storefronts import STOREFRONTS
from demo.tryton import warehouse as tryton_warehouse
from demo.warehouses import WAREHOUSES, DemoWarehouse, open_warehouse
from include.fulfilment.settings import load_site

_SERVICES = ("standard", "express", "international")
SANDBOXES = [code for code in WAREHOUSES if code != "tryton"]


def opened(code: str, state: Path) -> DemoWarehouse:
    return open_warehouse(code, state, SecretFiles(state / "secrets"), Ports(state / "ports.json"))


@pytest.mark.parametrize("code", WAREHOUSES)
def test_every_warehouse_gives_a_valid_site_file_under_its_own_name(tmp_path: Path, code: str) -> None:
    folder = tmp_path / "some sites"
    warehouse = opened(code, tmp_path / "state")
    folder.mkdir()
    shop = STOREFRONTS["shopify"].site_section("gid://shopify/Location/1")
    write_site(folder, [], shop, warehouse.code, warehouse.site_section(folder))
    site = load_site("demo", folder)
    assert (site.warehouse.dialect, site.warehouse_conn_id(code)) == (code, f"warehouse_demo_{code}")
    services = {method: each.service for method, each in site.warehouse.services.items()}
    assert services == {f"{word.capitalize()} delivery": word for word in _SERVICES}


@pytest.mark.parametrize("code", WAREHOUSES)
def test_no_secret_of_a_warehouse_is_on_its_command_line(tmp_path: Path, code: str) -> None:
    warehouse = opened(code, tmp_path / "state")
    secret = warehouse.connection().password
    command = warehouse.preparation(print) or warehouse.server()
    assert secret and len(secret) >= 16
    assert secret not in " ".join(command.argv)


@pytest.mark.parametrize("code", SANDBOXES)
def test_clearing_removes_a_sandboxs_files_and_nothing_else(tmp_path: Path, code: str) -> None:
    warehouse = opened(code, tmp_path)
    other = opened("tryton", tmp_path)
    argv = warehouse.server().argv
    file = Path(argv[argv.index("--db") + 1])
    file.touch()
    warehouse.clear()
    other.clear()
    assert not file.exists()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["ports.json", "secrets", "tryton", "warehouses"]


def test_a_run_with_another_warehouse_is_another_run() -> None:
    assert len({run_key(None, 5, code) for code in WAREHOUSES}) == len(WAREHOUSES)
    assert run_key(None, 5, "x12") == run_key(None, 5, "x12")


def test_a_days_plans_are_kept_and_read_back() -> None:
    plans = {7: Plan({"1": 3}, 2, "Royal Mail", True), 8: Plan()}
    assert from_json(to_json(plans)) == plans


@pytest.mark.parametrize(
    ("comment", "ours"),
    [("Service: express\nleave at gate", "leave at gate"), ("leave\nat gate", "leave\nat gate"), ("", "")],
)
def test_the_line_that_names_the_service_is_none_of_the_buyers_words(comment: str, ours: str) -> None:
    assert tryton_warehouse._without_service(comment) == ours
