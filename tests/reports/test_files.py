"""The files appear whole, in their dated folder, harmless to spreadsheets, and the same on every replay."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from include.fulfilment.errors import ConfigError
from include.fulfilment.reports.drift import DriftReport, build_report
from include.fulfilment.reports.files import COLUMNS, write_report
from tests.reports.drift_rows import CUT_OFF, HOUR, inputs, stock_ours, stock_shown


def report_of(*skus: str, site: str = "uk") -> DriftReport:
    ours, shown = [stock_ours(sku) for sku in skus], [stock_shown(sku, 47) for sku in skus]
    return build_report(site, CUT_OFF, inputs(ours, shown))


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files_stand_in_the_folder_of_their_site_and_date(tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    paths = write_report(report_of("a"), folder)
    home = folder / "site=uk" / "date=2026-11-24"
    assert paths == {name: home / f"drift.{name}" for name in ("html", "csv", "parquet")}
    assert sorted(home.iterdir()) == sorted(paths.values())


def test_csv_and_parquet_carry_the_same_row_with_exact_types(tmp_path: Path) -> None:
    paths = write_report(report_of("a"), tmp_path)
    (row,) = pq.read_table(paths["parquet"], partitioning=None).to_pylist()
    assert (row["difference_base"], row["difference_net"], row["since"]) == (-3, Decimal("-7.50"), CUT_OFF - 3 * HOUR)
    assert (row["site"], row["cut_off"], row["owner"]) == ("uk", CUT_OFF, "ecommerce")
    (cell,) = cells(paths["csv"])
    assert list(cell) == COLUMNS.names
    assert (cell["ours"], cell["theirs"], cell["difference_base"], cell["difference_net"]) == (
        "50",
        "47",
        "-3",
        "-7.50",
    )
    assert (cell["since"], cell["subject"]) == ("2026-11-23T23:00:00Z", "SKU a")


@pytest.mark.parametrize(
    ("sku", "cell"),
    [
        ('=cmd|"/c calc"!A1', '\'=cmd|"/c calc"!A1'),
        ("+1", "'+1"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", "'\t=1"),
        ("22423-", "22423-"),
        ('grün, "bunt"\n', 'grün, "bunt"\n'),
    ],
)
def test_a_hostile_sku_is_text_to_a_spreadsheet_and_whole_to_the_data_team(sku: str, cell: str, tmp_path: Path) -> None:
    paths = write_report(report_of(sku), tmp_path)
    assert cells(paths["csv"])[0]["sku"] == cell
    assert pq.read_table(paths["parquet"], partitioning=None)["sku"].to_pylist() == [sku]


def test_a_replay_writes_the_same_bytes(tmp_path: Path) -> None:
    first = {name: path.read_bytes() for name, path in write_report(report_of("a", "b"), tmp_path).items()}
    again = {name: path.read_bytes() for name, path in write_report(report_of("b", "a"), tmp_path).items()}
    assert again == first


def test_a_night_without_differences_still_has_all_columns(tmp_path: Path) -> None:
    paths = write_report(report_of(), tmp_path)
    assert pq.read_schema(paths["parquet"]).names == COLUMNS.names
    assert paths["csv"].read_text(encoding="utf-8-sig").strip() == ",".join(COLUMNS.names)


def test_a_write_that_breaks_off_leaves_yesterdays_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_report(report_of("a"), tmp_path)
    before = paths["html"].read_bytes()

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("include.fulfilment.reports.output.os.fsync", disk_full)
    with pytest.raises(ConfigError, match="No space left on device; correct reports_uri"):
        write_report(report_of("a", "b"), tmp_path)
    assert paths["html"].read_bytes() == before
    assert sorted(paths["html"].parent.iterdir()) == sorted(paths.values())


@pytest.mark.parametrize("site", ["../etc", "", "a/b", "x" * 65])
def test_a_site_that_could_leave_the_folder_is_refused(site: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot name a folder"):
        write_report(report_of("a", site=site), tmp_path)
    assert list(tmp_path.iterdir()) == []
