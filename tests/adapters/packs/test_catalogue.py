"""A row of the pack catalogue is believed only where it contradicts neither itself nor another."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.packs import connect
from include.fulfilment.domain.quantity import PackRow, Refusal, index_packs, prove_quantity
from include.fulfilment.errors import ConfigError, DataError
from include.fulfilment.ports import PackSnapshot
from include.fulfilment.settings import load_site
from tests.adapters.packs.kit import HEAD, meanings, options, problems, read
from tests.adapters.tables.kit import WRITTEN, Database, put, tools


def test_rows_carry_our_units_their_version_and_their_place(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}MUG,,EA,1,,\nMUG-C12,MUG,CA,12,,\n")
    snapshot = read(tmp_path)
    assert snapshot == PackSnapshot(
        (
            PackRow("MUG", "MUG", "EA", "ours", 1, "2026-11-23 08:00Z", "packs.csv row 2"),
            PackRow("MUG-C12", "MUG", "CASE", "ours", 12, "2026-11-23 08:00Z", "packs.csv row 3"),
        ),
        "2026-11-23 08:00Z",
        WRITTEN,
    )
    proof = prove_quantity("MUG-C12", 2, None, index_packs(snapshot.rows))
    assert not isinstance(proof, Refusal)
    assert proof.text() == "2 × CASE(12) = 24 EA, factor from packs.csv row 3, version 2026-11-23 08:00Z"


def test_a_version_of_the_catalogues_own_is_kept(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}MUG,,EA,1,,v7\n")
    (row,) = read(tmp_path, columns=options()["columns"] | {"version": "version"}).rows
    assert row.version == "v7"


@pytest.mark.parametrize(
    ("scheme", "unit", "uom"),
    [
        ("x12", "CA", "CASE"),
        ("x12", "CS", "CASE"),
        ("unece21", "CS", "CASE"),
        ("ours", "CASE", "CASE"),
        ("x12", "PL", "PALLET"),
    ],
)
def test_a_unit_code_is_of_its_scheme(tmp_path: Path, scheme: str, unit: str, uom: str) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}MUG-C12,MUG,{unit},12,,\n")
    assert meanings(read(tmp_path, units={"scheme": scheme})) == [("MUG-C12", uom, 12, "MUG")]


def test_the_same_code_means_a_can_elsewhere_and_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}MUG-C12,MUG,CA,12,,\n")
    snapshot = read(tmp_path, units={"scheme": "unece21"})
    assert snapshot.rows == ()
    assert problems(snapshot) == [
        (
            "pack MUG-C12",
            "packs.csv row 2: a unit that is not known in the scheme 'unece21': 'CA'; it was not used",
        )
    ]


def test_each_row_may_name_its_scheme_and_the_catalogue_its_own_words(tmp_path: Path) -> None:
    put(
        tmp_path / "packs.csv",
        "sku,base,unit,units,of\nA,M,CS,12,unece21\nB,M,CA,12,x12\nC,M,Karton,12,\nD,M,CA,12,unece21\n",
    )
    columns = options()["columns"] | {"scheme": "of"}
    snapshot = read(tmp_path, columns=columns, units={"words": {"Karton": "CASE"}})
    assert [row.sku for row in snapshot.rows] == ["A", "B", "C"]
    assert {row.uom for row in snapshot.rows} == {"CASE"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("MUG-C12,MUG,CA,,,", "column 'units': not a whole number of 1 or more"),
        ("MUG-C12,MUG,CA,0,,", "column 'units': not a whole number of 1 or more: '0'"),
        ("MUG-C12,MUG,CA,12.5,,", "column 'units': not a whole number of 1 or more: '12.5'"),
        ("MUG-C12,MUG,CA,a dozen,,", "column 'units': not a whole number of 1 or more: 'a dozen'"),
        ("MUG-C12,MUG,EA,12,,", "a single unit that holds several: '12 per EA'"),
        ("MUG-C12,MUG,CA,12,24,", "the inner pack is larger than the pack: '24 in a pack of 12'"),
        ("MUG-C12,MUG,CA,12,six,", "column 'inner': not a whole number of 1 or more: 'six'"),
        ("MUG-C12,8.8004E+11,CA,12,,", "column 'base': a spreadsheet has made a number of the code"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_in_words(tmp_path: Path, row: str, words: str) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}{row}\nTIN,,EA,1,,\n")
    snapshot = read(tmp_path, columns=options()["columns"] | {"inner": "inner"})
    assert [each.sku for each in snapshot.rows] == ["TIN"]
    ((subject, told),) = problems(snapshot)
    assert subject == "pack MUG-C12"
    assert told.startswith(f"packs.csv row 2: {words}")


@pytest.mark.parametrize("inner", ["", "0", "1", "5", "12"])
def test_an_inner_pack_is_no_factor_and_refuses_only_where_it_is_larger(tmp_path: Path, inner: str) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}MUG-C12,MUG,CA,12,{inner},\n")
    snapshot = read(tmp_path, columns=options()["columns"] | {"inner": "inner"})
    assert meanings(snapshot) == [("MUG-C12", "CASE", 12, "MUG")]


def test_a_sku_with_one_bad_row_is_left_out_whole_because_the_other_may_be_the_wrong_one(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}MUG-C12,MUG,CA,12,,\nMUG-C12,MUG,CA,1O,,\nTIN,,EA,1,,\n")
    assert [row.sku for row in read(tmp_path).rows] == ["TIN"]


def test_rows_that_agree_are_one_and_rows_that_disagree_stay_for_the_proof_to_refuse(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}A,M,CA,12,,\nA,M,CA,12,,\nB,M,CA,12,,\nB,M,CA,10,,\n")
    snapshot = read(tmp_path)
    assert meanings(snapshot) == [("A", "CASE", 12, "M"), ("B", "CASE", 12, "M"), ("B", "CASE", 10, "M")]
    refusal = prove_quantity("B", 1, None, index_packs(snapshot.rows))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "pack_ambiguous"


def test_a_pack_of_packs_is_refused_because_its_factor_counts_no_base_units(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}MUG-C12,MUG,CA,12,,\nMUG-P40,MUG-C12,PL,40,,\n")
    snapshot = read(tmp_path)
    assert [row.sku for row in snapshot.rows] == ["MUG-C12"]
    assert problems(snapshot) == [
        (
            "pack MUG-P40",
            "packs.csv row 3: its base 'MUG-C12' is a pack itself; name what that is made of; it was not used",
        )
    ]


def test_lost_zeros_are_ambiguous_until_they_are_declared(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}12345,,CA,12,,\n123456,,CA,6,,\nMUG,,EA,1,,\n")
    undeclared = read(tmp_path)
    assert [row.sku for row in undeclared.rows] == ["123456", "MUG"]
    assert [each.subject for each in undeclared.problems] == ["packs.csv row 2"]
    assert [row.sku for row in read(tmp_path, zeros=6).rows] == ["012345", "123456", "MUG"]
    assert [row.base_sku for row in read(tmp_path, zeros=6).rows] == ["012345", "123456", "MUG"]
    assert [row.sku for row in read(tmp_path, zeros="kept").rows] == ["12345", "123456", "MUG"]


def test_a_parquet_code_that_is_a_number_is_refused_until_it_is_declared(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"sku": [12345, 123456], "units": [12, 6]}), sink)
    put(tmp_path / "packs.parquet", sink.getvalue())
    changes: dict[str, Any] = {
        "source": {"kind": "file", "path": "packs.parquet"},
        "columns": {"sku": "sku", "units": "units"},
        "units": {"always": "CASE"},
    }
    undeclared = read(tmp_path, **changes)
    assert (undeclared.rows, len(undeclared.problems)) == ((), 2)
    assert [row.sku for row in read(tmp_path, zeros=6, **changes).rows] == ["012345", "123456"]


def test_a_database_is_asked_by_its_statement(tmp_path: Path) -> None:
    database = Database({"sku": "MUG-C12", "base": "MUG", "unit": "CA", "units": 12})
    source = {"kind": "sql", "connection": "erp", "statement": "SELECT 1", "parameters": {"company": "GB01"}}
    snapshot = read(tmp_path, database, source=source, as_of={"by": "reading"})
    assert meanings(snapshot) == [("MUG-C12", "CASE", 12, "MUG")]
    assert snapshot.rows[0].source == "erp row 1"
    assert database.asked == [("erp", "SELECT 1", {"company": "GB01"})]


def test_a_reading_that_is_empty_or_shrank_is_doubtful(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", f"{HEAD}A,M,CA,12,,\nB,M,CA,12,,\n")
    snapshot = read(tmp_path)
    assert [snapshot.is_doubtful(before) for before in (0, 2, 4, 5)] == [False, False, False, True]
    put(tmp_path / "packs.csv", HEAD)
    assert read(tmp_path).is_doubtful(0)


def test_a_column_that_is_not_there_is_a_setting(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", "sku,unit,units\nA,CA,12\n")
    with pytest.raises(ConfigError, match=r"no column 'base'; it has 'sku', 'unit', 'units'; correct packs\.columns"):
        read(tmp_path)


def test_a_catalogue_of_tomorrow_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "packs_20261124.csv", f"{HEAD}A,M,CA,12,,\n")
    as_of = {"by": "file_name", "format": "packs_%Y%m%d.csv", "zone": "UTC", "at": "00:00"}
    with pytest.raises(DataError, match="still to come"):
        read(tmp_path, source={"kind": "file", "path": "."}, as_of=as_of)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"units": {"scheme": "din"}}, "units.scheme"),
        ({"units": {"words": {"Karton": "CARTON"}}}, "units"),
        ({"units": {"always": "CASE"}}, "columns.uom"),
        ({"columns": {"sku": "sku", "units": "units", "barcode": "ean"}}, "columns.barcode"),
        ({"as_of": {"by": "column", "column": "d", "format": "%Y%m%d%H", "zone": "UTC"}}, "one date"),
        ({"source": {"kind": "ftp"}}, "source"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused_by_its_field(
    tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ConfigError, match=rf"site demo: packs.*{field}"):
        read(tmp_path, **changes)


class _Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pages = {"/erp/items": ("MUG", 1, "/erp/items?skip=1"), "/erp/items?skip=1": ("MUG-C12", 12, None)}
        sku, units, more = pages[self.path]
        unit = {"code": "CA" if units > 1 else "EA"}
        body = json.dumps({"value": [{"no": sku, "units": units, "unit": unit, "base": "MUG"}], "next": more}).encode()
        self.send_response(200 if self.headers["Authorization"] == "Bearer t0k" else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the test's output clean."""


def test_an_api_is_read_page_by_page_over_its_connection(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        base_url, calls = f"http://127.0.0.1:{server.server_port}/erp", list[tuple[str, str, str]]()
        over_http = replace(
            tools(tmp_path),
            connection=lambda conn_id: RemoteConnection(conn_id, base_url, "", "t0k"),
            on_call=lambda *call: calls.append(call),
        )
        columns = {"sku": "no", "base_sku": "base", "uom": "unit.code", "units": "units"}
        source = {"kind": "http", "connection": "erp_api", "path": "/items", "rows": "value", "next": "next"}
        given = options(source=source, columns=columns, as_of={"by": "reading"})
        snapshot = connect(given, over_http, load_site("demo")).read()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert meanings(snapshot) == [("MUG", "EA", 1, "MUG"), ("MUG-C12", "CASE", 12, "MUG")]
    assert snapshot.rows[1].source == "erp_api/items row 2"
    assert calls == [("rows", "readRows", "200")] * 2
