"""The catalogue by a bulk operation: what is taken up, what is waited for, and what must never pass for a catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.domain.order import Variant
from include.fulfilment.errors import ConfigError, DataError, RetryableError, TerminalError
from tests.adapters.storefront.scripted import TOKEN, Script, scripted

FILE = "https://files.example/bulk/1.jsonl?signature=s3cret"
QUERY = queries.every_variant("gid://shopify/Location/7")
OURS = {"id": "gid://shopify/BulkOperation/5", "status": "RUNNING", "completedAt": None, "query": QUERY}


def variant(number: int, **more: Any) -> bytes:
    raw = {
        "id": f"gid://shopify/ProductVariant/{number}",
        "sku": f"V{number}",
        "title": "Default Title",
        "product": {"title": "Mug"},
        "inventoryItem": {
            "id": f"gid://shopify/InventoryItem/{number}",
            "inventoryLevel": {"quantities": [{"quantity": number}]},
        },
    }
    return json.dumps(raw | more, ensure_ascii=False).encode() + b"\n"


def listed(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"bulkOperations": {"nodes": [{"createdAt": "2026-11-23T01:58:00Z"} | each for each in operations]}}


def started(code: str = "") -> dict[str, Any]:
    if code:
        errors = [{"code": code, "field": None, "message": "not now"}]
        return {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": errors}}
    made = {"id": "gid://shopify/BulkOperation/9"}
    return {"bulkOperationRunQuery": {"bulkOperation": made, "userErrors": []}}


def at(status: str, count: int = 0, url: str | None = FILE, code: str | None = None) -> dict[str, Any]:
    return {"bulkOperation": {"status": status, "errorCode": code, "rootObjectCount": str(count), "url": url}}


def shop(*content: bytes, looks: list[Any] | None = None, **answers: list[Any]) -> Script:
    """A shop whose operation is done with these lines, unless told otherwise."""
    found = {
        "FulfilmentBulks": [listed()],
        "FulfilmentStartBulk": [started()],
        "FulfilmentBulk": looks or [at("COMPLETED", len(content))],
        "GET": [httpx.Response(200, content=iter(content))],
    }
    return Script(**found | answers)


def read(script: Script, waits: list[float] | None = None) -> list[Variant]:
    with scripted(script, waits) as storefront:
        return [each for page in storefront.read_variants(nightly=True) for each in page]


def test_each_line_is_a_variant_as_the_plain_reading_tells_it() -> None:
    assert read(shop(variant(3), variant(4, inventoryItem={"id": "gid://shopify/InventoryItem/8"}))) == [
        Variant("3", "3", "7", "V3", "Mug", None, 3),
        Variant("4", "8", "7", "V4", "Mug", None, None),
    ]


def test_the_file_is_fetched_with_nothing_of_our_connection() -> None:
    script = shop(variant(1))
    read(script)
    ((_, fetched),) = [each for each in script.requests if each[0] == "GET"]
    assert (str(fetched.url), dict(fetched.headers)) == (FILE, {"host": "files.example"})
    assert all(each.headers["x-shopify-access-token"] == TOKEN for name, each in script.requests if name != "GET")


def test_lines_are_put_together_from_any_parts_and_only_a_line_feed_ends_one() -> None:
    whole = variant(1, sku="Tasse\u2028\u2029ü") + b"\n\n" + variant(2).rstrip()
    parts = [whole[at : at + 3] for at in range(0, len(whole), 3)]
    script = shop(looks=[at("COMPLETED", 2)], GET=[httpx.Response(200, content=iter(parts))])
    assert [each.available for each in read(script)] == [1, 2]


def test_what_was_read_is_given_on_while_the_file_still_comes() -> None:
    given = []

    def content() -> Iterator[bytes]:
        for number in range(1, 1001):
            given.append(number)
            yield variant(number)

    script = shop(looks=[at("COMPLETED", 1000)], GET=[httpx.Response(200, content=content())])
    with scripted(script) as storefront:
        pages = storefront.read_variants(nightly=True)
        assert (len(next(pages)), len(given) < 300) == (250, True)
        assert [len(page) for page in pages] == [250, 250, 250]


def test_a_shop_without_variants_has_no_file() -> None:
    assert read(shop(looks=[at("COMPLETED", 0, None)])) == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (shop(variant(1), looks=[at("COMPLETED", 2)]), "counted 2 variants and its file holds 1"),
        (shop(variant(1), variant(2), looks=[at("COMPLETED", 1)]), "counted 1 variants and its file holds 2"),
        (shop(looks=[at("COMPLETED", 2, None)]), "counted 2 variants and its file holds 0"),
        (shop(GET=[httpx.Response(302, headers={"Location": FILE})]), r"did not come \(302"),
        (shop(GET=[httpx.Response(403)]), r"did not come \(403"),
        (shop(GET=[httpx.ReadError("reset")]), "did not come .no_answer, ReadError"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_and_may_be_tried_again(script: Script, words: str) -> None:
    with pytest.raises(RetryableError, match=words) as caught:
        read(script)
    assert "s3cret" not in str(caught.value)
    assert script.called().count("GET") <= 1


@pytest.mark.parametrize(
    "content",
    [
        variant(1)[:-9],
        b"[]\n",
        b"<html></html>\n",
        variant(1, id="gid://shopify/Product/1x"),
        variant(1, __parentId="gid://shopify/Product/1"),
        b"x" * 2_000_000,
    ],
)
def test_a_line_that_is_no_variant_spoils_the_reading(content: bytes) -> None:
    with pytest.raises(DataError, match="line of the shop's file is"):
        read(shop(content))


@pytest.mark.parametrize(
    "url", ["http://files.example/1", "ftp://files.example/1", "https://me@files.example/1", "//x"]
)
def test_a_file_is_fetched_over_tls_or_not_at_all(url: str) -> None:
    script = shop(looks=[at("COMPLETED", 1, url)])
    with pytest.raises(DataError, match="address for a file that is not https"):
        read(script)
    assert "GET" not in script.called()


@pytest.mark.parametrize(("status", "code"), [("FAILED", "TIMEOUT"), ("CANCELED", None), ("EXPIRED", None)])
def test_an_operation_that_ended_otherwise_is_told_and_its_part_is_never_fetched(status: str, code: str | None) -> None:
    ended = at(status, 3, None, code)
    ended["bulkOperation"]["partialDataUrl"] = FILE
    script = shop(looks=[at("RUNNING"), ended])
    with pytest.raises(RetryableError, match=f"BulkOperation/9 ended as {status}"):
        read(script)
    assert "GET" not in script.called()


def test_a_missing_scope_is_a_matter_of_the_connection() -> None:
    with pytest.raises(ConfigError, match="scopes read_products and read_inventory"):
        read(shop(looks=[at("FAILED", 0, None, "ACCESS_DENIED")]))


def test_a_refused_query_is_final() -> None:
    with pytest.raises(TerminalError, match="not now"):
        read(shop(FulfilmentStartBulk=[started("INVALID")]))


def test_the_shop_is_looked_at_ever_more_seldom_and_not_for_ever() -> None:
    waits: list[float] = []
    with pytest.raises(RetryableError, match="after 15 minutes the shop has not finished") as caught:
        read(shop(looks=[at("RUNNING")]), waits)
    assert waits[:6] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert (900 <= sum(waits) < 911, caught.value.retry_after) == (True, 60.0)


def test_room_is_waited_for_and_what_runs_meanwhile_is_left_alone() -> None:
    waits: list[float] = []
    script = shop(
        variant(1), FulfilmentStartBulk=[started("LIMIT_REACHED"), started("OPERATION_IN_PROGRESS"), started()]
    )
    assert (len(read(script, waits)), waits) == (1, [1.0, 2.0])
    full = shop(FulfilmentStartBulk=[started("OPERATION_IN_PROGRESS")])
    with pytest.raises(RetryableError, match="after 15 minutes the shop has no room"):
        read(full)


@pytest.mark.parametrize(
    "earlier",
    [
        OURS,
        OURS | {"status": "CREATED", "query": " ".join(QUERY.split())},
        OURS | {"status": "COMPLETED", "completedAt": "2026-11-23T01:55:01Z"},
    ],
)
def test_an_operation_of_an_earlier_try_is_taken_up(earlier: dict[str, Any]) -> None:
    older = OURS | {"id": "gid://shopify/BulkOperation/4", "createdAt": "2026-11-23T01:30:00Z"}
    script = shop(variant(1), FulfilmentBulks=[listed(older, earlier)])
    assert len(read(script)) == 1
    assert script.called() == ["FulfilmentBulks", "FulfilmentBulk", "GET"]
    assert script.sent("FulfilmentBulk") == [{"id": "gid://shopify/BulkOperation/5"}]
    assert script.sent("FulfilmentBulks") == [{"search": "operation_type:query created_at:>='2026-11-23T01:00:00Z'"}]


@pytest.mark.parametrize(
    "earlier",
    [
        OURS | {"query": QUERY.replace("Location/7", "Location/8")},
        OURS | {"status": "COMPLETED", "completedAt": "2026-11-23T01:55:00Z"},
        OURS | {"status": "COMPLETED"},
        OURS | {"status": "FAILED"},
        OURS | {"status": "CANCELING"},
    ],
)
def test_another_query_and_one_that_is_stale_or_failed_are_not(earlier: dict[str, Any]) -> None:
    script = shop(variant(1), FulfilmentBulks=[listed(earlier)])
    assert len(read(script)) == 1
    assert script.sent("FulfilmentStartBulk") == [{"query": QUERY}]
    assert script.sent("FulfilmentBulk") == [{"id": "gid://shopify/BulkOperation/9"}]


def test_an_operation_whose_start_was_never_answered_is_found_and_not_started_twice() -> None:
    script = shop(
        variant(1),
        FulfilmentBulks=[listed(), listed(OURS)],
        FulfilmentStartBulk=[httpx.ReadError("the reply was lost")],
    )
    assert len(read(script)) == 1
    assert script.called() == ["FulfilmentBulks", "FulfilmentStartBulk", "FulfilmentBulks", "FulfilmentBulk", "GET"]
