"""A vendor's schema that is not at hand makes a skip that says which, never a pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.truth import schemas
from demo.truth.schemas import SCHEMAS, SchemaMissing, judge, place
from demo.truth.sent import Sent
from tests.truth.proof import judged

FILES = [(dialect, version) for dialect, schema in SCHEMAS.items() for version in schema.versions]


@pytest.fixture
def nothing_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the reference data."""
    monkeypatch.setattr(schemas, "SHARED", tmp_path / "absent")


@pytest.mark.parametrize(("dialect", "version"), FILES)
@pytest.mark.usefixtures("nothing_shared")
def test_a_missing_schema_is_named_with_the_way_to_give_it(dialect: str, version: str) -> None:
    with pytest.raises(SchemaMissing) as caught:
        judge(dialect, version)
    name = place(dialect, version).name
    assert str(caught.value).startswith(f"the vendor's schema {name} is not in ")
    assert str(caught.value).endswith("(set FULFILMENT_SHARED)")


@pytest.mark.parametrize("dialect", SCHEMAS)
@pytest.mark.usefixtures("nothing_shared")
def test_a_run_that_cannot_be_judged_is_skipped_with_the_reason(dialect: str) -> None:
    sent = [Sent(dialect, "create-order", "POST", "https://example.test/nonsense", "{}")]
    with pytest.raises(pytest.skip.Exception, match=r"not judged: the vendor's schema \S+ is not in"):
        judged(dialect, sent)


@pytest.mark.parametrize(("dialect", "version"), FILES)
def test_every_schema_that_we_name_is_among_the_reference_data(dialect: str, version: str, shared_folder: Path) -> None:
    if not (shared_folder / "specs").is_dir():
        pytest.skip(f"reference data hold no vendor's schema: {shared_folder} has no specs")
    assert (shared_folder / place(dialect, version)).exists()
