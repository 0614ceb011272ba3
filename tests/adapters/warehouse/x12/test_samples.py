"""Public samples and grammars, where they are at hand: what we read of them, and that what we write obeys them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.docs_x12 import PAGE, page, verdict
from demo.truth.grammar import obey
from include.fulfilment.adapters.warehouse.x12.grammar import GRAMMARS, Loop
from include.fulfilment.adapters.warehouse.x12.segments import read_interchange
from include.fulfilment.adapters.warehouse.x12.stock import read_inventory
from tests.adapters.warehouse.x12.kit import Desk, interchange, profile
from tests.adapters.warehouse.x12.public import SAMPLES, grammar, needs_grammars, needs_samples
from tests.stories.world import START


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "x12_types/940_02.edi",
        "x12_types/940_03.edi",
        "x12parser_cddl/846_Example1.txt",
        "x12parser_cddl/846_Example2.txt",
        "x12parser_cddl/945_inter-americanproducts.txt",
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_sound_sample_is_taken(name: str, strict: bool) -> None:
    assert verdict((SAMPLES / name).read_bytes(), strict=strict)[1].startswith("**taken**")


@needs_samples
@pytest.mark.parametrize("name", ["940_04.edi", "940_05.edi"])
def test_a_damaged_header_is_a_matter_of_the_profile(name: str) -> None:
    content = (SAMPLES / "x12_types" / name).read_bytes()
    assert verdict(content, strict=False)[1].startswith("**taken**")
    words = "refused: `ISA16` the header is not 106 characters long: its last element is damaged"
    assert verdict(content, strict=True)[1] == words


@needs_samples
def test_the_page_of_verdicts_says_what_the_reader_says() -> None:
    assert page(SAMPLES) == PAGE.read_text(encoding="utf-8")


@needs_samples
def test_an_inventory_sample_gives_whole_counts_and_names_what_it_cannot_count() -> None:
    text = (SAMPLES / "x12parser_cddl" / "846_Example2.txt").read_text(encoding="utf-8")
    (message,) = read_interchange(text).groups[0].messages
    read = read_inventory(message, profile(product_ids=["BP"]), START)
    assert read["levels"] == {"MAIN": {}}
    assert [subject for subject, _ in read["problems"]] == [
        "stock of 38490-B",
        "stock of 38499-B",
        "stock of 38496-B",
        "stock of 38502-B",
        "stock of 35933",
    ]
    assert read["problems"][2][1] == "846 LIN: 0 quantities with the qualifier 17; one is needed"
    assert "FTCTT" in read["problems"][4][1]


@needs_grammars
def test_our_940_and_997_obey_the_public_grammars(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "box")
    desk.sent(("L1", "MUG", 24), ("L2", "TRAY", 6), instructions="\n".join(["Ring at the gate. " * 12] * 3))
    bad = ["W06*F*B2B1042*20261123*S1", "LX*1", "W12**24*24**EA**SK*MUG", "N9*LI*L1", "XX*1"]
    desk.drop("945.edi", interchange("945", bad))
    list(desk.warehouse.read_shipments(None))
    written = desk.files("outbound")
    assert [name[:3] for name in written] == ["940", "997"]
    for text in written.values():
        (message,) = read_interchange(text).groups[0].messages
        rest = obey(grammar(message.code), [each.name for each in message.segments])
        assert rest == [], f"{message.code}: {rest[0]} stands where the grammar has no place for it"


@needs_grammars
@pytest.mark.parametrize("code", sorted(GRAMMARS))
def test_our_grammars_have_no_segment_that_the_public_ones_lack(code: str) -> None:
    public = {each.get("SegmentId", "") for each in grammar(code).iter() if each.get("SegmentId")}
    assert set(_names(GRAMMARS[code])) - public == set()


def _names(loop: Loop) -> Iterator[str]:
    for part in loop.parts:
        if isinstance(part, Loop):
            yield from _names(part)
        else:
            yield part
