"""The documents name everything that there is, their links lead somewhere, and the generated ones are in step."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import yaml
from pydantic import BaseModel

from demo.docs import PAGES, stale
from demo.docs_data import PARQUET, VIEWS, WHAT_IF
from demo.docs_states import edges
from include.fulfilment.adapters import packs
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.discrepancy import CAUSES
from include.fulfilment.domain.exception_ticket import MATTERS
from include.fulfilment.domain.preflight import LABELS
from include.fulfilment.domain.standing import OrderState
from include.fulfilment.release_policy import ReleasePolicyFile
from include.fulfilment.reports.files import COLUMNS
from include.fulfilment.reports.what_if import WHAT_IF_COLUMNS
from include.fulfilment.settings import DEMO_SITES, Environment, Site, StorefrontSite, load_sites
from include.fulfilment.site_mapping import MappingSection, PlaceEntry
from include.fulfilment.store.schema import migrate
from tests.adapters.tables.kit import tools

CHECKOUT = Path(__file__).resolve().parents[1]
DOCS = CHECKOUT / "docs"
PAGES_OF_TEXT = [CHECKOUT / "README.md", *sorted(DOCS.rglob("*.md"))]
DAGS = sorted(file.stem for file in (CHECKOUT / "dags").glob("*.py"))
RUNBOOK_PARTS = (
    "What the alarm means",
    "Severity",
    "First look",
    "Usual causes and what to do",
    "How to rerun safely",
    "Whom to tell",
    "False alarms",
)


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(page: str) -> set[str]:
    """The first cell of every table row, where it is a word of the code."""
    return set(re.findall(r"^\| `([^`]+)` \|", page, flags=re.M))


def headings(page: str) -> list[str]:
    """Headings as a web page names them."""
    found = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page, flags=re.S), flags=re.M)
    return [re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found]


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES_OF_TEXT:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                yield page, target


def queries() -> list[str]:
    found = [re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S) for page in PAGES_OF_TEXT]
    return [query.strip() for of_page in found for query in of_page]


@pytest.fixture(scope="module")
def store_url(postgres_url: str) -> str:
    migrate(postgres_url)
    return postgres_url


def test_the_generated_documents_are_in_step_with_the_code(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    done = subprocess.run(
        [sys.executable, "-m", "demo.docs", "--check"],
        cwd=CHECKOUT,
        env=kept | {"PYTHONPATH": str(CHECKOUT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_is_not_in_step_is_shown_with_its_difference(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("old\n", encoding="utf-8")

    assert stale(tmp_path, "one.md", "new\n")[-2:] == ["-old", "+new"]
    assert stale(tmp_path, "missing.md", "new\n")[-1] == "+new"
    assert stale(tmp_path, "one.md", "old\n") == []


def test_every_dag_has_its_chapter_and_its_runbook_with_all_parts() -> None:
    assert DAGS == [
        "drift_report",
        "fulfilment_aggregation",
        "hold_decision",
        "order_release",
        "release_what_if",
        "stock_sync",
    ]
    for dag in DAGS:
        assert f"## {dag}\n" in text("dags.md")
        found = re.findall(r"^## (.+)$", text(f"runbooks/{dag}.md"), flags=re.M)
        assert tuple(found) == RUNBOOK_PARTS
        assert f"runbooks/{dag}.md" in text("dags.md")


def test_every_parameter_of_a_dag_is_explained() -> None:
    assert rows(text("dags.md")) >= {"site", "order_ids", "skus", "dry_run", "cut_off", "policy", "days"}


def test_every_exception_and_every_cause_of_drift_has_its_row() -> None:
    assert rows(text("exceptions.md")) == set(MATTERS) | {cause.value for cause in CAUSES}


def test_the_runbooks_speak_only_of_matters_that_exist() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "runbooks").glob("*.md"))
    named = set(re.findall(r"(?:[Tt]ickets?|hold|held) `(\w+)`", pages))

    assert len(named) >= 10
    assert named <= set(MATTERS)


def test_every_state_of_an_order_has_its_row_and_its_place_in_the_picture() -> None:
    page = text("order-states.md")
    picture = page.partition("```mermaid")[2].partition("```")[0]

    assert rows(page) >= set(OrderState)
    assert all(state in picture for state in OrderState)
    assert all(f"`{state}`" in text("glossary.md") for state in OrderState)


def test_the_picture_of_states_has_the_ways_that_matter() -> None:
    found = edges()

    assert "shipped" in found[OrderState.IN_WAREHOUSE, OrderState.FULFILLED]
    assert "short units credited" in found[OrderState.PARTLY_SHIPPED, OrderState.FULFILLED]
    assert "a rule fails" in found[OrderState.AWAITING_STOCK, OrderState.HELD]
    assert not [pair for pair in found if pair[0] in (OrderState.FULFILLED, OrderState.CANCELLED)]


def test_every_setting_has_its_row() -> None:
    explained = rows(text("own-store.md"))
    environment = {f"FULFILMENT_{name.upper()}" for name in Environment.model_fields}

    assert environment <= explained
    elsewhere = ("release.", "mapping.")
    of_the_site = {name for name in _fields(Site) if not name.startswith(elsewhere)} | {"release", "mapping"}
    assert of_the_site == {name for name in explained if name.partition(".")[0] in Site.model_fields}
    assert set(ReleasePolicyFile.model_fields) == rows(text("release-policy.md"))
    assert rows(text("mapping.md")) >= {*MappingSection.model_fields, *PlaceEntry.model_fields, *LABELS}


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_connection_is_explained() -> None:
    page = text("own-store.md")

    assert rows(page) >= {"fulfilment_db", "storefront_<site>", "warehouse_<site>_<code>"}


def _later() -> datetime:
    return system_clock() + timedelta(hours=1)  # the file has rested, also in a checkout made just now


def test_the_example_site_loads_and_has_every_setting_but_the_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FULFILMENT_SITES", raising=False)
    site = load_sites()["demo"]

    snapshot = packs.connect(site.packs.model_extra or {}, replace(tools(site.folder), clock=_later), site).read()
    assert [(pack.sku, pack.uom, pack.units_per_uom) for pack in snapshot.rows] == [
        ("MUG-RED", "EA", 1),
        ("MUG-RED-CASE12", "CASE", 12),
        ("TIN-SAGE", "EA", 1),
        ("TIN-SAGE-BOX6", "CASE", 6),
    ]
    stated = yaml.safe_load((DEMO_SITES / "demo.yaml").read_text(encoding="utf-8"))
    assert set(Site.model_fields) - set(stated) == {"more_storefronts", "more_warehouses", "mapping"}
    assert set(StorefrontSite.model_fields) - set(stated["storefront"]) == {"more_locations"}
    assert type(site.release).model_fields.keys() - site.release.model_fields_set == {"agreed_by", "start"}
    assert site.warehouse.model_fields_set == set(type(site.warehouse).model_fields)


def test_the_data_dictionary_has_the_views_columns_and_types_of_the_database(store_url: str) -> None:
    with psycopg.connect(store_url) as connection:
        found = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'reporting' order by table_name, ordinal_position"
        ).fetchall()

    written = [(view, name, kind) for view in sorted(VIEWS) for name, (kind, _) in VIEWS[view][1].items()]
    assert written == found


def test_the_data_dictionary_has_the_columns_and_types_of_the_parquet_files() -> None:
    for explained, columns in ((PARQUET, COLUMNS), (WHAT_IF, WHAT_IF_COLUMNS)):
        assert [(name, kind) for name, (kind, _) in explained.items()] == [(one.name, str(one.type)) for one in columns]


def test_every_query_in_the_documents_runs(store_url: str) -> None:
    assert len(queries()) >= 10
    with psycopg.connect(store_url) as connection:
        for query in queries():
            connection.execute(query)  # type: ignore[arg-type]
        connection.rollback()


def test_every_link_leads_to_a_file_and_to_a_heading_of_it() -> None:
    broken = []
    for page, target in links():
        name, _, heading = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (heading and heading not in headings(file.read_text(encoding="utf-8"))):
            broken.append(f"{page.relative_to(CHECKOUT)}: {target}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, queue = set(), [CHECKOUT / "README.md"]
    while queue:
        page = queue.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            queue += [
                (page.parent / target.partition("#")[0]).resolve() for source, target in links() if source == page
            ]
    assert sorted(set(PAGES_OF_TEXT) - reached) == []


def test_every_generated_page_says_that_it_is() -> None:
    pages = [page for page in PAGES if page.endswith(".md")]
    assert all(text(page).startswith("<!-- Generated by `python -m demo.docs`") for page in pages)
