"""The scaffold of a new dialect: what it writes passes the machine's checks, and the port's checks say what is left."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demo.environment import CHECKOUT
from demo.errors import DemoError
from demo.house import complaints
from demo.scaffold import __main__ as command
from demo.scaffold.writing import CONNECTIONS, HOOKS, PROVIDER, planned, write

NAMES = ("acme", "zebrawarehousing4711")
"""One that comes first in every list, and the longest there may be, which comes last."""
_PASSED = {
    "the_capabilities_are_well_formed",
    "packs_are_sent_as_packs_and_come_back_as_base_units",
    "nothing_secret_or_personal_is_told",
    "an_order_of_another_route_is_found_by_its_reference_with_what_left",
    "a_hundred_numbers_are_looked_for_and_nothing_is_found_under_most",
    "a_search_for_the_shops_number_that_fails_is_no_proof_of_absence",
    "a_cancelled_order_of_another_route_is_told_as_cancelled",
    "of_two_orders_under_one_number_the_live_one_is_told",
}
"""What an adapter that does nothing and claims nothing keeps."""


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def written(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that it writes and changes, and nothing else."""
    folder = tmp_path_factory.mktemp("written")
    write(folder, planned(CHECKOUT, name))
    shutil.copy2(CHECKOUT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout, in a path with a space, in which `acme` was written."""
    folder = tmp_path_factory.mktemp("a copy")
    for each in ("include", "demo", "tests", "provider", "docs"):
        shutil.copytree(CHECKOUT / each, folder / each, ignore=shutil.ignore_patterns("__pycache__", "images"))
    shutil.copy2(CHECKOUT / "pyproject.toml", folder)
    write(folder, planned(folder, "acme"))
    return folder


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A tool of this environment, in the copy."""
    env = {**os.environ, "PYTHONPATH": str(checkout), "COLUMNS": "300", "AIRFLOW_HOME": str(checkout / ".state")}
    argv = [sys.executable, "-m", *arguments]
    return subprocess.run(argv, cwd=checkout, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")])
def test_what_it_writes_is_clean_and_formatted(written: Path, arguments: tuple[str, ...]) -> None:
    assert len(list(written.rglob("*.py"))) == 12
    ours = "lint.isort.known-first-party = ['include', 'tests']"  # the rest of them is not here to be recognised
    done = run(written, "ruff", *arguments, "--no-cache", "--config", ours, ".")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_writes_keeps_the_house_rules(written: Path) -> None:
    assert list(complaints(written)) == []


def test_what_it_writes_is_typed_and_imports_point_down(checkout: Path) -> None:
    places = [f"include/fulfilment/{room}/acme" for room in ("adapters/warehouse", "sandbox")]
    done = run(checkout, "mypy", *places, f"--cache-dir={CHECKOUT / '.mypy_cache'}")
    assert done.stdout.startswith("Success"), done.stdout + done.stderr
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "3 kept, 0 broken" in done.stdout, done.stdout + done.stderr


def test_the_ports_checks_say_what_is_left_step_by_step(checkout: Path) -> None:
    arguments = ("tests/contract/test_warehouses.py", "-k", "acme", "--tb=line", "-p", "no:cacheprovider", "-v")
    done = run(checkout, "pytest", *arguments)
    passed = set(re.findall(r"::test_the_adapter_passes\[acme-(\w+)\] PASSED", done.stdout))
    assert passed == _PASSED, done.stdout[-3000:]
    left = re.findall(r"acme: step (\d), \w+: not written yet", done.stdout)
    assert set(left) == {"1", "2", "3"}, "the fourth shows once an order can be placed"
    assert left[0] == "1"


def test_its_own_tests_miss_nothing_but_recorded_messages(checkout: Path) -> None:
    done = run(checkout, "pytest", "tests/adapters/warehouse/acme", "-p", "no:cacheprovider")
    assert re.findall(r"FAILED \S+::(\w+)", done.stdout) == ["test_every_operation_has_a_recorded_answer"]
    assert "3 passed" in done.stdout


def test_the_connection_type_stands_in_the_provider_and_on_its_page(written: Path, name: str) -> None:
    code = (
        "import sys; sys.path.insert(0, 'provider'); import fulfilment_provider as p; "
        "found = p.get_provider_info()['connection-types'][-1]; print(p.__file__, found['hook-class-name'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=written, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == f"fulfilment_provider.hooks.{name.capitalize()}Hook"
    assert f"class {name.capitalize()}Hook(RemoteHook):" in (written / HOOKS).read_text(encoding="utf-8")
    before = (CHECKOUT / CONNECTIONS).read_text(encoding="utf-8").splitlines()
    added = set((written / CONNECTIONS).read_text(encoding="utf-8").splitlines()) - set(before)
    assert [row.split("|")[1].strip() for row in added] == [f"`fulfilment_{name}`"]


@pytest.mark.parametrize("taken", ["shipbob", "floor", "model", "fake"])
def test_a_name_that_is_taken_is_refused_and_says_by_what(taken: str) -> None:
    with pytest.raises(DemoError, match=rf"'{taken}' already: .*{taken}.*nothing was written"):
        planned(CHECKOUT, taken)


@pytest.mark.parametrize("wrong", ["", "a", "Acme", "my-wms", "my_wms", "4711", "class", "../up", "a" * 21, "acmé"])
def test_what_is_no_name_is_refused(wrong: str) -> None:
    with pytest.raises(DemoError, match="is no name for a dialect"):
        planned(CHECKOUT, wrong)


def test_a_second_time_it_is_refused(written: Path, name: str) -> None:
    before = {each: each.read_bytes() for each in written.rglob("*") if each.is_file()}
    with pytest.raises(DemoError, match="nothing was written"):
        planned(written, name)
    assert before == {each: each.read_bytes() for each in written.rglob("*") if each.is_file()}


@pytest.mark.parametrize("broken", [PROVIDER, HOOKS, CONNECTIONS])
def test_a_file_that_has_no_place_for_it_is_named_and_nothing_is_written(tmp_path: Path, broken: str) -> None:
    for each in (PROVIDER, HOOKS, CONNECTIONS):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text("" if each == broken else (CHECKOUT / each).read_text(encoding="utf-8"))
    with pytest.raises(DemoError, match=f"{broken} has no place for another dialect"):
        planned(tmp_path, "acme")
    assert not (tmp_path / "include").exists()


def test_the_command_writes_nothing_where_it_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["shipbob"]) == 2
    assert "bin/new-warehouse: there is something called 'shipbob' already" in capsys.readouterr().err


def test_the_command_says_what_it_wrote_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for each in (PROVIDER, HOOKS, CONNECTIONS):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / each, tmp_path / each)
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    assert command.main(["acme"]) == 0
    said = capsys.readouterr().out
    written = re.findall(r"^written {2}(\S+)$", said, re.MULTILINE)
    assert len(written) == 12
    assert all((tmp_path / each).is_file() for each in written)
    assert re.findall(r"^changed {2}(\S+)$", said, re.MULTILINE) == [PROVIDER, HOOKS, CONNECTIONS]
    assert "bin/test tests/contract/test_warehouses.py -k acme" in said
    assert (CHECKOUT / "docs" / "adding-a-warehouse.md").is_file()
