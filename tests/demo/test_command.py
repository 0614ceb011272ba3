"""The command `bin/demo`: what it refuses before anything starts, and what it never deletes or hides."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from demo import __main__ as command
from demo import stack, story, verify
from demo.environment import Folders
from demo.errors import DemoError
from demo.ledger_store import StoreLedger
from demo.progress import Progress


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--limit", "x"], "x is not a number"),
        (["--port", "x"], "x is not a number"),
        (["--limit", "0"], "0 is not a number of orders"),
        (["--port", "70000"], "70000 is not a port"),
        (["--json", "."], ". is a folder; give a file"),
        (["--json", "no/such/figures.json"], "the folder no/such does not exist or cannot be written"),
    ],
)
def test_a_wrong_argument_is_refused_at_once(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert words in capsys.readouterr().err


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEMO_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    return tmp_path / "state"


def test_an_unreadable_order_file_is_one_sentence_and_touches_nothing(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("InvoiceNo,StockCode\n", encoding="utf-16")
    assert command.main(["--once", "--orders", str(file)]) == 1
    assert capsys.readouterr().err == "bin/demo: orders.csv is UTF-16 text; save it as UTF-8 CSV\n"
    assert not state.exists()


@pytest.mark.parametrize(("arguments", "code"), [(["--once"], 130), ([], 0)])
def test_ctrl_c_is_no_success_with_once(
    state: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "Stack", interrupted)
    assert command.main(arguments) == code


def test_before_old_systems_go_the_new_run_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, shop = tmp_path / "story.json", tmp_path / "storefront" / "shop.sqlite"
    record.write_text(json.dumps({"key": "old", "done": ["load"], "complete": True}), encoding="utf-8")
    shop.parent.mkdir()
    shop.touch()
    known: list[object] = []
    unlink = Path.unlink

    def watched(file: Path, **how: bool) -> None:
        known.append(json.loads(record.read_text(encoding="utf-8")))
        unlink(file, **how)

    monkeypatch.setattr(Path, "unlink", watched)
    cleared: Any = SimpleNamespace(clear=lambda: known.append("warehouse"))
    story.prepare(Progress(record, "new"), Folders(state=tmp_path), cleared)
    assert known == [{"key": "new"}, "warehouse"]
    assert not shop.exists()


def test_an_order_that_the_shop_has_lost_is_reported_as_lost() -> None:
    order = {"name": "#1", "note": "", "lines": [{"sku": "A", "quantity": 2}]}
    evidence: Any = SimpleNamespace(
        loaded=SimpleNamespace(orders=[order], remedies={}, stays_held={}),
        orders={"#1": {"state": "released", "reason": ""}},
        lines={},
        held=[],
        by_name={},
        factors={"A": ("A", 1)},
        shop_orders={},
    )
    assert list(verify._lost(evidence)) == ["#1 is not in the shop"]
    assert list(verify._doubled(evidence)) == []
    assert list(verify._altered(evidence)) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://me:secret@127.0.0.1/db", "does not begin with postgresql://"),
        ("postgresql://me:secret@127.0.0.1:99999/db", "its host or port cannot be read"),
        ("postgresql://me:secret@127.0.0.1:1/db", "no connection to that database"),
        ("postgresql://me:secret@127.0.0.1:1/db?nonsense=1", "no connection to that database"),
    ],
)
def test_a_database_url_that_leads_nowhere_is_named_without_its_password(url: str, words: str) -> None:
    with pytest.raises(DemoError, match=f"^FULFILMENT_DB_URL.*{words}") as caught:
        stack.try_database("FULFILMENT_DB_URL", url)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_database_of_another_site_or_product_is_never_cleared(empty_database: str) -> None:
    with StoreLedger(empty_database) as ledger, psycopg.connect(empty_database, autocommit=True) as database:
        ledger.clear(embedded=False)
        database.execute("CREATE SCHEMA fulfilment")
        with pytest.raises(DemoError, match="holds a schema fulfilment that is not of this product; give an empty one"):
            ledger.clear(embedded=False)
        database.execute("CREATE TABLE public.fulfilment_schema_version ()")
        database.execute("CREATE TABLE fulfilment.sales_order AS SELECT 'demo' AS site UNION SELECT 'leeds'")
        with pytest.raises(DemoError, match="holds records of site leeds; give an empty one"):
            ledger.clear(embedded=False)
        database.execute("DELETE FROM fulfilment.sales_order WHERE site = 'leeds'")
        ledger.clear(embedded=False)
        assert database.execute("SELECT to_regclass('fulfilment.sales_order')").fetchone() == (None,)
