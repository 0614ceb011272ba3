"""The stories of credit and packs that come from a merchant's other systems: a file it exports, or its database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.errors import ConfigError
from tests.site_files import PACK_COLUMNS, pack_file
from tests.stories.world import World

PARENT = {"name": "Cobalt Gifts", "external_id": "C100"}
BRANCH = {"name": "Cobalt North", "external_id": "C100"}
COLUMNS = {"account": "code", "limit": "credit_limit", "balance": "balance"}
LEDGER = {"kind": "statement", "columns": COLUMNS, "accounts": {"by": "shop_field"}, "zeros": "kept"}


class Ledger:
    """The merchant's ledger, as the site reads it. `state` writes the accounts anew: code, limit, balance."""

    def __init__(self, world: World, folder: Path, kind: str) -> None:
        self.file, self._world, self._kind = folder / "ledger.csv", world, kind
        self.declared: dict[str, Any] = {"contains": "invoices_only", "max_age_hours": 26, "currency": "GBP"}

    def state(self, *rows: Sequence[str], **declared: Any) -> None:
        self.declared |= declared
        if self._kind == "file":
            self._world.export(self.file, tuple(COLUMNS.values()), *rows)
            source: dict[str, Any] = {"kind": "file", "path": str(self.file), "settle_seconds": 0}
            own = {"as_of": {"by": "file_time"}, "numbers": {"decimal": ".", "thousands": ""}}
        else:
            values = ", ".join(f"('{code}', {limit}, {balance})" for code, limit, balance in rows)
            table = f"(VALUES {values}) AS debtor ({', '.join(COLUMNS.values())})"
            statement = f"SELECT * FROM {table} WHERE code IN :accounts"  # noqa: S608 - a table of the test
            source, own = {"kind": "sql", "connection": "erp", "statement": statement}, {"as_of": {"by": "reading"}}
        self._world.credit_from(**LEDGER, source=source, **own, **self.declared)


@pytest.fixture(params=["file", "sql"])
def ledger(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Ledger:
    return Ledger(world, tmp_path, request.param)


@pytest.fixture
def statement(world: World, tmp_path: Path) -> Ledger:
    """A ledger that exports a file."""
    return Ledger(world, tmp_path, "file")


@pytest.mark.parametrize(("contains", "balance"), [("invoices_only", "3000.00"), ("placed_orders", "6000.00")])
def test_r2_the_second_order_goes_over_the_ledger_s_limit_and_goes_untouched_once_it_is_raised(
    world: World, ledger: Ledger, contains: str, balance: str
) -> None:
    """R2. The shop's own record of the buyer, with room for both, is not asked."""
    world.credit("100000", "0")
    world.goods("MUG", 5000)
    first = world.sell(("MUG", 1500), company=PARENT)
    world.pass_time(minutes=1)
    second = world.sell(("MUG", 1500), company=PARENT)
    ledger.state(("C100", "5000.00", balance), contains=contains)
    world.release()
    assert (world.standing(first), world.standing(second)) == (("in_warehouse", ""), ("held", "credit_limit_exceeded"))
    found = world.evidence("credit_limit_exceeded")
    assert (found["ledger account"], found["balance"], found["after"]) == ("C100", f"{balance} ({contains})", "6000.00")
    ledger.state(("C100", "6500.00", balance))
    world.release()
    assert (len(world.held(second)), world.tickets()) == (1, [])


def test_r2_buyers_of_one_parent_share_its_limit(world: World, ledger: Ledger) -> None:
    """Two accounts in the shop are one in the ledger: 3,000 + 1,500 + 1,500 is over 5,000."""
    world.goods("MUG", 5000)
    ledger.state(("C100", "5000.00", "3000.00"))
    first = world.sell(("MUG", 1500), company=PARENT)
    world.pass_time(minutes=1)
    second = world.sell(("MUG", 1500), company=BRANCH)
    world.release()
    accounts = world.query("SELECT account_id, ledger_id FROM credit_account WHERE site = %(site)s")
    assert [row["ledger_id"] for row in accounts] == ["C100", "C100"]
    assert (world.standing(first), world.standing(second)) == (("in_warehouse", ""), ("held", "credit_limit_exceeded"))


def test_r2_a_statement_in_another_currency_or_too_old_holds_the_order(world: World, statement: Ledger) -> None:
    world.goods("MUG", 5000)
    statement.state(("C100", "5000.00", "0.00"), currency="EUR")
    name = world.sell(("MUG", 10), company=PARENT)
    world.release()
    assert world.tickets() == [("credit_currency_mismatch", name, "finance")]
    statement.state(("C100", "5000.00", "0.00"), currency="GBP")
    world.pass_time(hours=26)
    world.release()
    assert world.tickets() == [("credit_data_stale", name, "finance")]
    assert world.floor.held() == []
    statement.state(("C100", "5000.00", "0.00"))
    world.release()
    assert (len(world.held(name)), world.tickets()) == (1, [])


def test_r2_what_left_after_the_statement_is_owed_though_the_statement_does_not_say_so(
    world: World, statement: Ledger
) -> None:
    """Invoices only, as of this morning: the first order was shipped whole since, so its invoice is not in it."""
    world.goods("MUG", 5000)
    statement.state(("C100", "5000.00", "3000.00"))
    first = world.sell(("MUG", 1500), company=PARENT)
    world.release()
    world.floor.ship(world.ref(first))
    world.aggregate()
    second = world.sell(("MUG", 1500), company=PARENT)
    world.release()
    assert (world.standing(first), world.standing(second)) == (("fulfilled", ""), ("held", "credit_limit_exceeded"))
    statement.state(("C100", "5000.00", "3500.00"))  # a payment came, and the invoice is in it now
    world.release()
    assert len(world.held(second)) == 1


def test_a_ledger_that_cannot_be_read_costs_nobody_what_is_known_and_is_told_once_it_lasts(
    world: World, statement: Ledger
) -> None:
    """Half-written, its last line without an end: orders go on by the last statement."""
    world.goods("MUG", 5000)
    statement.state(("C100", "5000.00", "3000.00"))
    world.sell(("MUG", 1), company=PARENT)
    world.release()
    statement.file.write_text("code,credit_limit,balance\nC100,50", encoding="utf-8")
    name = world.sell(("MUG", 1500), company=PARENT)
    world.release()
    assert (len(world.held(name)), world.tickets()) == (1, [])
    world.pass_time(hours=1)
    world.sell(("MUG", 4), company=PARENT, payment="paymentOnAccount", created_at=world.clock().isoformat())
    world.release()
    assert [code for code, _, _ in world.tickets()] == ["source_unread"]
    statement.state(("C100", "9000.00", "3000.00"))
    world.sell(("MUG", 2), company=PARENT)
    world.release()
    assert world.tickets() == []


def test_an_account_that_left_the_ledger_has_no_credit(world: World, statement: Ledger) -> None:
    world.goods("MUG", 5000)
    statement.state(("C100", "5000.00", "3000.00"))
    world.sell(("MUG", 1), company=PARENT)
    world.release()
    statement.state(("C999", "5000.00", "3000.00"))
    name = world.sell(("MUG", 1), company=PARENT)
    world.release()
    assert world.tickets() == [("account_unverified", name, "finance")]


def test_r7_a_missing_factor_holds_until_the_catalogue_has_it(world: World) -> None:
    """R7. Never a guess; once the row is there, the order goes by itself."""
    world.goods("MUG", 100)
    world.control.load(variants=[{"sku": "MUG-12", "title": "Case", "available": 0}])
    name = world.sell(("MUG-12", 2))
    world.release()
    assert world.tickets(name) == [("pack_unknown", name, "master_data")]
    world.packs(("MUG-12", "CASE", "MUG", 12))
    world.release()
    assert ([sum(each.ordered.values()) for each in world.held(name)], world.tickets(name)) == ([24], [])


def test_r7_a_factor_that_changed_before_the_order_was_first_judged_is_asked_about_too(world: World) -> None:
    """R7. 12 when it was placed, 10 by the time of the first run: what it was is known from the catalogue's past."""
    world.goods("MUG", 100, cases=[12])
    world.release()
    name = world.sell(("MUG-12", 2))
    world.pass_time(minutes=1)
    world.packs(("MUG", "EA", "MUG", 1), ("MUG-12", "CASE", "MUG", 10), replace=True)
    world.release()
    assert world.tickets() == [("pack_changed", name, "master_data")]
    assert world.units(name) == {}
    assert world.floor.held() == []


def test_a_catalogue_that_shrank_is_not_used_and_the_last_one_stays_in_force(world: World) -> None:
    for number in range(4):
        world.goods(f"SKU{number}", 50)
    world.release()
    kept = [row for row in world._packs if row[0] == "SKU0"]
    world.pass_time(minutes=1)
    world.export(world._pack_file, PACK_COLUMNS, *kept)
    name = world.sell(("SKU3", 5))
    world.release()
    assert len(world.held(name)) == 1
    assert world.tickets() == [("catalogue_suspicious", "pack catalogue", "master_data")]
    assert world.evidence("catalogue_suspicious") == {"found": "1 SKUs now, 4 before"}
    world.packs()
    world.release()
    assert world.tickets() == []


def test_packs_come_from_a_database_as_well(world: World) -> None:
    """R6 with the catalogue of another system; nothing but the site file differs."""
    world.goods("MUG", 100)
    world.control.load(variants=[{"sku": "MUG-12", "title": "Case", "available": 0}])
    rows = "VALUES ('MUG', 'MUG', 'EA', 1), ('MUG-12', 'MUG', 'KARTON', 12)"
    statement = f"SELECT * FROM ({rows}) AS item (sku, base, unit, quantity)"  # noqa: S608 - a table of the test
    world.packs_from(
        source={"kind": "sql", "connection": "erp", "statement": statement},
        as_of={"by": "reading"},
        columns={"sku": "sku", "base_sku": "base", "uom": "unit", "units": "quantity"},
        units={"words": {"KARTON": "CASE"}},
        zeros="kept",
    )
    name = world.sell(("MUG-12", 2), ("MUG", 5))
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [29]
    (row,) = world.query("SELECT content FROM warehouse_order WHERE site = %(site)s")
    assert row["content"]["lines"][0]["proof"].startswith("2 × CASE(12) = 24 EA, factor from erp row 2, version ")


def test_s12_a_kit_is_shown_as_often_as_its_scarcest_component_allows(world: World, tmp_path: Path) -> None:
    """S12. A×2 + B×1: min(floor(A/2), B); a kit that is ordered counts on both."""
    world.goods("A", 9)
    world.goods("B", 3)
    kits(world, tmp_path, ("SET", "A", "2"), ("SET", "B", "1"))
    world.sync()
    assert world.shown() == {"A": 9, "B": 3, "SET": 3}
    world.floor.receive({"B": 5})
    world.sync()
    assert world.shown() == {"A": 9, "B": 8, "SET": 4}
    world.sell(("SET", 2))
    world.sync()
    assert world.shown() == {"A": 5, "B": 6, "SET": 2}


def kits(world: World, folder: Path, *parts: tuple[str, str, str]) -> None:
    """A catalogue of kits beside that of packs; the shop sells them."""
    for sku in sorted({kit for kit, _, _ in parts}):
        world.control.load(variants=[{"sku": sku, "title": sku.title(), "available": 0}])
    file = folder / "kits.csv"
    world.export(file, ("kit", "part", "quantity"), *parts)
    columns = {"kit": "kit", "component": "part", "quantity": "quantity"}
    table = {"source": {"kind": "file", "path": str(file), "settle_seconds": 0}, "columns": columns}
    world.packs_from(**pack_file(folder / "packs.csv"), kits=table)


def test_f42_a_kit_goes_as_its_components_and_one_of_several_is_never_sent_as_its_parent(
    world: World, tmp_path: Path
) -> None:
    """F42. A kit of 3 mugs ordered twice is six mugs; one of two kinds of goods is held whole and nothing is sent."""
    world.goods("MUG", 50)
    world.goods("LID", 50)
    kits(world, tmp_path, ("TRIO", "MUG", "3"), ("PAIR", "MUG", "1"), ("PAIR", "LID", "1"))
    plain, mixed = world.sell(("TRIO", 2)), world.sell(("PAIR", 1))
    world.release()
    (held,) = world.held(plain)
    assert (list(held.ordered.values()), world.floor.stock) == ([6], {"MUG": 50, "LID": 50})
    (line,) = world.query("SELECT content FROM warehouse_order WHERE site = %(site)s")
    assert [(each["base_sku"], each["base_quantity"]) for each in line["content"]["lines"]] == [("MUG", 6)]
    assert (world.standing(mixed), world.held(mixed)) == (("held", "pack_ambiguous"), [])


def test_a_catalogue_that_was_never_read_stops_the_run(world: World) -> None:
    """Nothing is held by the thousand for want of a file that is not there yet."""
    world.goods("MUG", 100)
    world.export(world._pack_file)
    world._pack_file.unlink()
    world.sell(("MUG", 2))
    with pytest.raises(ConfigError, match=r"packs\.csv: No such file or directory; correct the path in the site file"):
        world.release()
    assert (world.tickets(), world.query("SELECT FROM sales_order WHERE site = %(site)s")) == ([], [])


@pytest.mark.parametrize(
    ("contains", "balance", "standing"),
    [
        ("invoices_only", "0", ("held", "credit_limit_exceeded")),
        ("invoices_only", "100", ("held", "credit_limit_exceeded")),
        ("released_orders", "900", ("held", "credit_limit_exceeded")),
        ("released_orders", "0", ("in_warehouse", "")),
    ],
)
def test_an_order_that_is_not_ours_uses_its_account_s_credit_until_the_shop_shows_it_as_fulfilled(
    world: World, contains: str, balance: str, standing: tuple[str, str]
) -> None:
    """R2. An order of before the policy's start is open: run after run it counts, and once. Where the balance contains
    what was released, it is in it, because whoever released it told the ledger."""
    world.goods("MUG", 5_000)
    world.credit_from(kind="shop", contains=contains, max_age_hours=24)
    old = world.sell(("MUG", 900), note="PO: A")
    world.pass_time(minutes=10)
    world.agree(start=world.clock())
    world.credit("1000", balance)
    world.release()
    new = world.sell(("MUG", 900), note="PO: B")
    for _ in range(2):
        world.release()
        assert (world.standing(old), world.standing(new)) == (("not_ours", "placed_before_start"), standing)
