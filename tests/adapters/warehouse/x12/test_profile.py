"""The partner profile and the site's options."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.warehouse.x12 import CAPABILITIES
from include.fulfilment.adapters.warehouse.x12.profile import load_profile
from include.fulfilment.errors import ConfigError
from include.fulfilment.settings import DEMO_SITES
from tests.contract.serving import given, site
from tests.stories.world import Ticking

EXAMPLE = DEMO_SITES / "demo" / "x12-partner.yaml"


def test_the_example_is_a_strict_profile() -> None:
    found = load_profile(EXAMPLE)
    assert (found.mode, found.us.id, found.warehouse.id, found.silence_hours) == ("strict", "MERCHANT", "WAREHOUSE", 4)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("usage: T", "usage: X", r"line 6: usage: Input should be 'P' or 'T'"),
        ("location: MAIN\n", "", r"line 3: location: Field required"),
        ("silence_hours: 4", "silence_hour: 4", r"line 11: silence_hour: Extra inputs are not permitted"),
        ("zone: UTC", "zone: Mars", r"line 10: zone: Value error, 'Mars' is no time zone"),
        ('segment: "~"', 'segment: "*"', r"line 8: delimiters: Value error, three different characters are needed"),
        ("[SK, VN]", "[]", r"line 12: product_ids: Tuple should have at least 1 item"),
        (
            "id: WAREHOUSE,",
            "id: WAREHOUSE-OF-LEEDS,",
            r"line 5: warehouse.id: String should have at most 15 characters",
        ),
        ("method: M,", "method: FAST,", r"line 19: services.standard.method: String should match pattern"),
        ("mode: strict", "mode: [", r"not valid YAML"),
    ],
)
def test_a_mistake_is_named_by_line_and_field(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "partner.yaml"
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=words) as caught:
        load_profile(file)
    assert str(caught.value).startswith("partner profile partner.yaml")


def test_a_missing_profile_and_a_misspelt_option_are_named(tmp_path: Path) -> None:
    def connect(options: dict[str, str]) -> None:
        made = site("x12", warehouse_options=options)
        make_warehouse(given(made, f"file://{tmp_path}", [], Ticking(), "warehouse_bench_main"))

    with pytest.raises(
        ConfigError, match=r"partner profile .*gone.yaml: No such file or directory; set profile in the"
    ):
        connect({"profile": str(tmp_path / "gone.yaml")})
    with pytest.raises(ConfigError, match=r"warehouse.options.line_units: Extra inputs are not permitted"):
        connect({"profile": str(EXAMPLE), "line_units": "pack"})


def test_a_profile_is_looked_for_beside_the_site_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leeds.yaml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("FULFILMENT_SITES", str(tmp_path))
    made = site("x12", warehouse_options={"profile": "leeds.yaml"})
    warehouse = make_warehouse(given(made, f"file://{tmp_path}", [], Ticking(), "warehouse_bench_main"))
    assert warehouse.capabilities == CAPABILITIES
