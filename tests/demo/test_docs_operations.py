"""The page on what the adapters send is whole, says what it is without the vendors' schemas, and refuses a gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import docs_operations
from demo.docs_operations import NO_SCHEMA, PAGE, UNJUDGED, VALIDATES, operations_page, verdicts
from demo.errors import DemoError
from demo.truth import schemas
from demo.truth.declared import declared
from demo.truth.schemas import versions

WRITTEN = verdicts(PAGE.read_text(encoding="utf-8"))


@pytest.fixture
def nothing_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "SHARED", tmp_path / "absent")


def test_every_operation_has_a_row_for_every_version_and_every_verdict_is_good() -> None:
    expected = {
        (dialect, name): len(versions(dialect)) if operation.published else 1
        for dialect, operations in declared().items()
        for name, operation in operations.items()
    }
    rows = [(dialect, name) for dialect, name, _ in WRITTEN]
    assert {each: rows.count(each) for each in rows} == expected
    assert {verdict.partition(":")[0] for verdict in WRITTEN.values()} == {VALIDATES, NO_SCHEMA}
    assert all(verdict.partition(": ")[2] for verdict in WRITTEN.values() if verdict.startswith(NO_SCHEMA))


def test_all_that_shopify_is_sent_validates_in_both_versions() -> None:
    found = {key[1:]: verdict for key, verdict in WRITTEN.items() if key[0] == "shopify"}
    graphql = {schema: verdict for (name, schema), verdict in found.items() if name != "FulfilmentBulkFile"}
    assert graphql == {f"`specs/shopify-admin/admin_{each}.json.gz`": VALIDATES for each in ("2026-04", "2026-07")}
    assert len(found) == 2 * (len(declared()["shopify"]) - 1) + 1  # a file is fetched, in no version


@pytest.mark.usefixtures("nothing_shared")
def test_without_the_schemas_the_verdicts_stand_and_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert operations_page() == PAGE.read_text(encoding="utf-8")
    said = capsys.readouterr().err
    assert said.count("not judged anew, the vendor's schema") == 6


@pytest.mark.usefixtures("nothing_shared")
def test_without_the_schemas_a_row_that_is_missing_makes_the_page_another(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    gap = "".join(line for line in text.splitlines(keepends=True) if "`create-order`" not in line)
    kept = tmp_path / "operations.md"
    kept.write_text(gap, encoding="utf-8")
    assert gap != text
    made = operations_page(kept)
    assert made != gap
    assert verdicts(made)[("shipbob", "create-order", "`specs/shipbob/shipbob-openapi-2026-01.json`")] == UNJUDGED


def test_an_operation_that_is_sent_and_not_declared_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    known = declared()
    less = {name: operation for name, operation in known["mintsoft"].items() if name != "Search"}
    monkeypatch.setattr(docs_operations, "declared", lambda: {**known, "mintsoft": less})
    words = (
        r"adapters/warehouse/mintsoft/client.py:\d+: the operation 'Search' is not declared; add it to OPERATIONS in"
    )
    with pytest.raises(DemoError, match=words):
        operations_page()
