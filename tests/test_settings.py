"""Site files: what is wrong is named, with file and field."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.fulfilment.domain.credit import BalanceContains
from include.fulfilment.domain.order import PaymentState
from include.fulfilment.errors import ConfigError
from include.fulfilment.proposed import proposed_policy, proposed_site
from include.fulfilment.settings import load_site, load_sites
from tests.site_files import CREDIT, pack_file, write_site

SITE: dict[str, Any] = {
    "code": "north",
    "timezone": "Europe/London",
    "storefront": {"dialect": "shopify", "location_id": "1"},
    "warehouse": {"code": "main", "dialect": "tryton", "services": {"Pallet": "pallet"}},
    "credit": CREDIT,
    "packs": pack_file(Path("packs.csv")),
    "release": {"version": "1", "demo": True},
}


def write(folder: Path, file: str = "north.yaml", **changes: Any) -> Path:
    write_site(folder, SITE | changes, file.removesuffix(".yaml"))
    return folder


def test_a_site_is_read_with_its_names_and_its_folder(tmp_path: Path) -> None:
    site = load_site("north", write(tmp_path / "with space"))
    assert (site.storefront_conn_id(), site.warehouse_conn_id("main")) == ("storefront_north", "warehouse_north_main")
    assert (site.folder, site.packs.largest_drop_percent) == (tmp_path / "with space", 50)
    assert (site.credit.contains, site.credit.max_age) == (BalanceContains.INVOICES_ONLY, timedelta(hours=24))
    assert (site.policy().card_states, site.policy().invoice) == (frozenset({PaymentState.PAID}), None)


def test_further_shops_have_codes_and_connections_of_their_own(tmp_path: Path) -> None:
    public = SITE["storefront"] | {"release": "other"}
    site = load_site("north", write(tmp_path, more_storefronts={"public": public}))
    assert {code: shop.release for code, shop in site.storefronts.items()} == {"shop": "us", "public": "other"}
    assert [*map(site.storefront_conn_id, site.storefronts)] == ["storefront_north", "storefront_north_public"]


def two_warehouses(**locations: str) -> dict[str, Any]:
    """The changes that give the site a second warehouse, `cold`, at these locations of its shop."""
    return {
        "storefront": SITE["storefront"] | {"more_locations": locations},
        "more_warehouses": [SITE["warehouse"] | {"code": "cold"}],
    }


def test_further_warehouses_have_codes_connections_and_locations_of_their_own(tmp_path: Path) -> None:
    site = load_site("north", write(tmp_path, **two_warehouses(cold="2")))
    assert [*map(site.warehouse_conn_id, site.warehouses)] == ["warehouse_north_main", "warehouse_north_cold"]
    assert site.storefront.locations == {"": "1", "cold": "2"}
    assert [*map(site.named_in_lines, site.warehouses)] == ["", "cold"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (two_warehouses(), "storefront.more_locations must name the location of: cold"),
        (two_warehouses(cold="2", hot="3"), "storefront.more_locations must name the location of: cold"),
        (two_warehouses(cold="1"), "storefront.more_locations: every warehouse needs a location of its own"),
        ({"more_warehouses": [SITE["warehouse"]]}, "more_warehouses: every warehouse needs a code of its own"),
        (
            two_warehouses(cold="2") | {"more_storefronts": {"public": SITE["storefront"]}},
            "more_storefronts.public.more_locations must name the location of: cold",
        ),
        (
            {"storefront": SITE["storefront"] | {"more_locations": {"cold": "2"}}},
            "storefront.more_locations must name the location of: no warehouse",
        ),
    ],
)
def test_a_warehouse_without_its_own_location_in_every_shop_is_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    assert words in refused(write(tmp_path, **changes))


def test_the_folder_of_the_environment_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULFILMENT_SITES", str(write(tmp_path)))
    assert list(load_sites()) == ["north"]


def refused(folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_site("north", folder)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "North"}, "site file north.yaml line 1: code: String should match pattern"),
        (
            {"timezone": "Mars/Olympus"},
            "site file north.yaml line 23: timezone: Value error, 'Mars/Olympus' is no time zone",
        ),
        ({"timezone": "../../etc/passwd"}, "site file north.yaml line 23: timezone: "),
        (
            {"more_storefronts": {"shop": SITE["storefront"]}},
            "site file north.yaml line 6: more_storefronts: Value error, 'shop' cannot be a shop's code",
        ),
        (
            {"more_storefronts": {"Public": SITE["storefront"]}},
            "site file north.yaml line 6: more_storefronts: Value error, ",
        ),
        (
            {"more_storefronts": {"public": SITE["storefront"] | {"release": "them"}}},
            "site file north.yaml line 10: more_storefronts.public.release: ",
        ),
        ({"surprise": 1}, "site file north.yaml line 23: surprise: Extra inputs are not permitted"),
        ({"credit": CREDIT | {"contains": "all"}}, "site file north.yaml line 3: credit.contains: Input should be "),
        (
            {"warehouse": SITE["warehouse"] | {"dialect": "Aba cus"}},
            "site file north.yaml line 26: warehouse.dialect: ",
        ),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    assert refused(write(tmp_path, **changes)).startswith(words)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "north.yaml").write_text("code: [", encoding="utf-8")
    assert refused(tmp_path).startswith("site file north.yaml: not valid YAML in UTF-8: ")


@pytest.mark.parametrize("text", ["", "- a list", "just text", "42"])
def test_a_file_that_is_no_record_is_named(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    (tmp_path / "north.yaml").write_text(text, encoding="utf-8")
    assert refused(tmp_path).startswith("site file north.yaml: the file: ")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "north.yaml").write_bytes(b"code: caf\xe9")
    assert refused(tmp_path).startswith("site file north.yaml: not valid YAML in UTF-8: ")


def test_no_site_file_says_what_to_do(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"no site file (*.yaml) in {tmp_path}; write one or set FULFILMENT_SITES to its folder"


def test_an_unknown_site_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, file="south.yaml", code="south")
    with pytest.raises(ConfigError, match="site 'west' is not configured; known sites: north, south"):
        load_site("west", tmp_path)


def test_two_files_of_one_code_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    assert "have the same code" in refused(write(tmp_path, file="again.yaml"))


def proposed(folder: Path, name: str) -> str:
    """Why a candidate is refused."""
    with pytest.raises(ConfigError) as caught:
        proposed_policy("north", name, folder)
    return str(caught.value)


def test_a_policy_beside_the_site_s_own_may_be_tried_though_nobody_agreed_to_it(tmp_path: Path) -> None:
    candidate = write(tmp_path) / "release" / "next.yaml"
    candidate.write_text("version: v2\n", encoding="utf-8")
    assert (
        proposed_policy("north", "next.yaml", tmp_path).agreed_by,
        load_site("north", tmp_path).release.version,
    ) == (
        None,
        "1",
    )
    assert proposed_policy("north", "north.yaml", tmp_path) == load_site("north", tmp_path).release


@pytest.mark.parametrize(
    "name", ["../north.yaml", "/etc/passwd", "a/b.yaml", "..yaml", ".a.yaml", "", "a.yml", "a.yaml\n"]
)
def test_a_name_that_is_no_bare_file_name_is_refused(tmp_path: Path, name: str) -> None:
    assert proposed(write(tmp_path), name) == (
        f"policy {name!r}: give the bare name of a file beside north.yaml, like release-next.yaml"
    )


def test_a_policy_that_is_missing_or_lies_elsewhere_is_answered_with_those_that_are_there(tmp_path: Path) -> None:
    folder = write(tmp_path / "sites")
    (tmp_path / "secret.yaml").write_text("version: x\n", encoding="utf-8")
    (folder / "release" / "linked.yaml").symlink_to(tmp_path / "secret.yaml")
    for name in ("gone.yaml", "linked.yaml"):
        assert proposed(folder, name) == (
            f"policy {name!r} is no file beside north.yaml of site north; there: linked.yaml, north.yaml"
        )


def test_what_is_wrong_in_a_candidate_is_named_by_line_and_field(tmp_path: Path) -> None:
    (write(tmp_path) / "release" / "next.yaml").write_text("version: v2\nbuffer: all\n", encoding="utf-8")
    assert proposed(tmp_path, "next.yaml").startswith("release policy next.yaml line 2: buffer: Input should")


def propose(folder: Path, **changes: Any) -> Path:
    """The site's file with these sections otherwise, as `north.next.yaml` beside it."""
    own = write(folder) / "north.yaml"
    stated = yaml.safe_load(own.read_text(encoding="utf-8")) | changes
    own.with_name("north.next.yaml").write_text(yaml.safe_dump(stated), encoding="utf-8")
    return folder


def refused_site(folder: Path, name: str) -> str:
    """Why a proposed site file is refused."""
    with pytest.raises(ConfigError) as caught:
        proposed_site("north", name, folder)
    return str(caught.value)


def test_a_proposed_site_file_may_map_and_tell_otherwise_and_is_no_site_of_its_own(tmp_path: Path) -> None:
    warehouse = SITE["warehouse"] | {"services": {"Courier": "parcel"}, "carry": {"mark_for": "not needed"}}
    propose(tmp_path, mapping={"date_formats": ["%d/%m/%Y"]}, warehouse=warehouse, release="release/next.yaml")
    (tmp_path / "release" / "next.yaml").write_text("version: v2\n", encoding="utf-8")
    site = proposed_site("north", "north.next.yaml", tmp_path)
    assert (site.mapping.date_formats, site.release.version, list(site.warehouse.services)) == (
        ("%d/%m/%Y",),
        "v2",
        ["Courier"],
    )
    assert {code: each.release.version for code, each in load_sites(tmp_path).items()} == {"north": "1"}


def test_a_proposed_site_file_that_changes_what_a_what_if_does_not_try_is_refused(tmp_path: Path) -> None:
    warehouse = SITE["warehouse"] | {"code": "other", "services": {"Courier": "parcel"}}
    folder = propose(tmp_path, timezone="Europe/Paris", warehouse=warehouse)
    assert refused_site(folder, "north.next.yaml") == (
        "site file north.next.yaml: timezone, warehouse must be as in north.yaml; a what-if tries mapping, release, "
        "and of a warehouse services, carry, field_limits, domestic_countries"
    )


@pytest.mark.parametrize("name", ["../north.next.yaml", "north.yaml", "a/b.next.yaml", ".next.yaml", ""])
def test_a_name_that_is_none_of_a_proposed_site_file_is_refused(tmp_path: Path, name: str) -> None:
    assert refused_site(propose(tmp_path), name) == (
        f"site file {name!r}: give the bare name of a file beside north.yaml that ends in .next.yaml, like "
        "north.next.yaml"
    )


def test_a_proposed_site_file_that_is_missing_is_answered_with_those_that_are_there(tmp_path: Path) -> None:
    assert refused_site(propose(tmp_path), "gone.next.yaml") == (
        "site file 'gone.next.yaml' is no file beside north.yaml of site north; there: north.next.yaml"
    )
