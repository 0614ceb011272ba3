"""The door as it runs: a process of its own on a real port, with a real inbox."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from include.fulfilment.store.schema import migrate
from tests.webhooks.kit import HERO_SECRET, PATH_SECRET, SHOP_SECRET, SHOPIFY_ORDER, shiphero, shopify

CHECKOUT = Path(__file__).resolve().parents[2]
Kept = Callable[[], list[tuple[str, str]]]


@pytest.fixture(scope="session")
def store_url(postgres_url: str) -> str:
    migrate(postgres_url)
    return postgres_url


@pytest.fixture
def kept(store_url: str) -> Iterator[Kept]:
    """What the inbox holds: subject and event id, in the order of coming. Emptied before each test."""

    def rows() -> list[tuple[str, str]]:
        query = "SELECT subject, event_id FROM fulfilment.webhook_inbox WHERE site = 'door' ORDER BY inbox_id"
        with psycopg.connect(store_url) as connection:
            return connection.execute(query).fetchall()

    with psycopg.connect(store_url) as connection:
        connection.execute("DELETE FROM fulfilment.webhook_inbox WHERE site = 'door'")
    yield rows


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def door(store_url: str, **more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a running door, and its process."""
    endpoints = [
        {"source": "shopify", "site": "door", "secrets": [SHOP_SECRET]},
        {"source": "shiphero", "site": "door", "warehouse": "main", "secrets": [HERO_SECRET]},
        {"source": "mintsoft", "site": "door", "warehouse": "mint", "secrets": [PATH_SECRET]},
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "FULFILMENT"))}
    settings = {"FULFILMENT_WEBHOOKS": json.dumps({"store": store_url, "endpoints": endpoints})}
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "include.fulfilment.webhooks", "--port", str(port)],
        cwd=CHECKOUT,
        env=kept | settings | {"PYTHONPATH": str(CHECKOUT)} | more,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
        yield url, process
    finally:
        process.kill()
        process.communicate(timeout=10)


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    for _ in range(300):
        assert process.poll() is None, process.communicate()[1]
        try:
            assert httpx.get(f"{url}/health", timeout=5).json() == {"status": "ok"}
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the door did not open within 30 s")


@pytest.fixture(scope="module")
def running(store_url: str) -> Iterator[str]:
    with door(store_url) as (url, _):
        yield url


def send(url: str, number: int, **headers: str) -> httpx.Response:
    given = {"X_Shopify_Event_Id": f"event-{number}"} | headers
    return httpx.post(f"{url}/webhooks/shopify/door", timeout=10, **shopify({"id": number}, **given))


def raw(url: str, words: bytes) -> socket.socket:
    """A connection on which these words were sent."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    connection.sendall(words)
    return connection


def answer(connection: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_process_killed_right_after_its_answer_loses_nothing(store_url: str, kept: Kept) -> None:
    with door(store_url) as (url, process):
        numbers = range(1, 11)
        for number in numbers:
            assert send(url, number).status_code == 200
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)

    assert kept() == [(str(number), f"event-{number}") for number in numbers]


def test_a_process_killed_amid_a_flood_has_kept_all_that_it_answered_for(store_url: str, kept: Kept) -> None:
    answered: set[str] = set()

    async def flood(url: str, process: subprocess.Popen[str]) -> None:
        async with httpx.AsyncClient(timeout=10) as client:

            async def one(number: int) -> None:
                request = shopify({"id": number}, X_Shopify_Event_Id=f"event-{number}")
                try:
                    found = await client.post(f"{url}/webhooks/shopify/door", **request)
                except httpx.TransportError:
                    return
                if found.status_code == 200:
                    answered.add(str(number))
                if len(answered) == 60:
                    process.send_signal(signal.SIGKILL)

            await asyncio.gather(*(one(number) for number in range(200)))

    with door(store_url) as (url, process):
        asyncio.run(flood(url, process))

    assert 60 <= len(answered) < 200
    assert answered <= {subject for subject, _ in kept()}


def test_one_event_under_many_delivery_ids_at_once_is_kept_once(running: str, kept: Kept) -> None:
    async def copies() -> list[int]:
        async with httpx.AsyncClient(timeout=10) as client:
            requests = [
                client.post(
                    f"{running}/webhooks/shopify/door",
                    **shopify(SHOPIFY_ORDER, X_Shopify_Webhook_Id=f"delivery-{number}"),
                )
                for number in range(20)
            ]
            return [found.status_code for found in await asyncio.gather(*requests)]

    assert asyncio.run(copies()) == [200] * 20
    assert kept() == [("gid://shopify/Order/1", "event-1")]


def test_a_captured_delivery_sent_again_under_a_forged_id_is_absorbed(running: str, kept: Kept) -> None:
    for event_id in ("event-1", "forged-1", "forged-2"):
        request = shopify(SHOPIFY_ORDER, X_Shopify_Event_Id=event_id)
        assert httpx.post(f"{running}/webhooks/shopify/door", **request).status_code == 200
    assert kept() == [("gid://shopify/Order/1", "event-1")]


def test_what_is_refused_leaves_nothing(running: str, kept: Kept) -> None:
    forged = shopify(SHOPIFY_ORDER, "a-secret-of-somebody-else")
    long = shopify(SHOPIFY_ORDER) | {"content": b" " * 3_000_000}
    shop = f"{running}/webhooks/shopify/door"
    assert httpx.post(shop, json=SHOPIFY_ORDER).status_code == 401
    assert httpx.post(shop, **forged).status_code == 401
    assert httpx.post(f"{running}/webhooks/mintsoft/door/mint/{'x' * 40}", json={}).status_code == 401
    assert httpx.post(shop, **long).status_code == 413
    assert kept() == []


def test_a_body_that_does_not_come_is_not_waited_for_longer_than_five_seconds(running: str, kept: Kept) -> None:
    head = (
        b"POST /webhooks/shopify/door HTTP/1.1\r\nHost: door\r\nX-Shopify-Hmac-Sha256: x\r\nContent-Length: 100\r\n\r\n"
    )
    begun = time.monotonic()
    slow = raw(running, head + b"{")
    assert send(running, 1).status_code == 200
    said = answer(slow)

    assert said.startswith(b"HTTP/1.1 408 ")
    assert 4 < time.monotonic() - begun < 9
    assert kept() == [("1", "event-1")]


def test_a_body_without_a_length_is_cut_off_while_it_streams(running: str, kept: Kept) -> None:
    head = b"POST /webhooks/shopify/door HTTP/1.1\r\nHost: door\r\nX-Shopify-Hmac-Sha256: x\r\n"
    connection = raw(running, head + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    sent = 0
    try:
        for _ in range(1000):
            connection.sendall(chunk)
            sent += 1
    except OSError:
        pass
    connection.close()

    assert sent < 200  # 13 MB: the limit, and what lies in the buffers between us
    assert kept() == []


@pytest.mark.parametrize("place", ["webhooks/shopify/door", "no/such/place"])
def test_a_body_in_crumbs_is_hung_up_on_before_it_keeps_anybody_waiting(running: str, place: str, kept: Kept) -> None:
    head = f"POST /{place} HTTP/1.1\r\nHost: door\r\nX-Shopify-Hmac-Sha256: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    connections = [raw(running, head.encode()) for _ in range(8)]
    begun, sent = time.monotonic(), 0
    for connection in connections:
        try:
            for _ in range(20):
                connection.sendall(b"1\r\nx\r\n" * 10_000)
                sent += 1
        except OSError:
            continue
    assert send(running, 1).status_code == 200

    assert time.monotonic() - begun < 5
    for connection in connections:
        with pytest.raises(OSError, match="reset"):
            answer(connection)
    assert kept() == [("1", "event-1")]


def test_a_body_in_honest_chunks_is_taken(running: str, kept: Kept) -> None:
    request = shopify({"id": 5, "note": "x" * 1_500_000})
    body = request["content"]
    parts = (body[start : start + 1024] for start in range(0, len(body), 1024))
    reply = httpx.post(f"{running}/webhooks/shopify/door", content=parts, headers=request["headers"], timeout=20)
    assert reply.status_code == 200
    assert kept() == [("5", "event-1")]


def test_strangers_fill_no_log_and_no_setting_of_other_servers_stops_the_door(store_url: str) -> None:
    with door(store_url, WEB_CONCURRENCY="4") as (url, process):
        for _ in range(50):
            assert b"400 Bad Request" in answer(raw(url, b"nonsense\r\n\r\n"))
        process.terminate()
        said = process.communicate(timeout=20)[1]
    assert len(said.splitlines()) <= 2


def test_a_head_that_does_not_come_is_not_waited_for_longer_than_ten_seconds(running: str) -> None:
    begun = time.monotonic()
    assert answer(raw(running, b"POST /webhooks/shopify/door HTTP/1.1\r\nHo")) == b""
    assert 9 < time.monotonic() - begun < 14


def test_a_flood_without_proof_is_cut_off_within_little_memory_and_keeps_nobody_else_out(
    store_url: str, kept: Kept
) -> None:
    flooder = {"X-Forwarded-For": "203.0.113.7"}  # as a proxy on this machine says it

    async def flood(url: str) -> Counter[int]:
        found: Counter[int] = Counter()
        async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=50)) as client:

            async def one() -> None:
                reply = await client.post(f"{url}/webhooks/shopify/door", content=b"x" * 10_000, headers=flooder)
                found[reply.status_code] += 1

            await asyncio.gather(*(one() for _ in range(320)))
        return found

    with door(store_url) as (url, process):
        before = psutil.Process(process.pid).memory_info().rss
        found = asyncio.run(flood(url))
        grown = psutil.Process(process.pid).memory_info().rss - before
        elsewhere = send(url, 1, X_Forwarded_For="203.0.113.8")

    assert found[401] + found[429] == 320
    assert 200 <= found[401] <= 300
    assert grown < 50_000_000
    assert elsewhere.status_code == 200
    assert kept() == [("1", "event-1")]


def test_a_flood_of_proven_events_is_kept_whole(running: str, kept: Kept) -> None:
    async def flood() -> set[int]:
        async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=50)) as client:

            async def one(number: int) -> int:
                request = shiphero(
                    {"webhook_type": "Inventory Update", "inventory": [{"sku": f"S{number}"}]}, message=str(number)
                )
                for _ in range(10):  # as every sender does whose connection breaks
                    with suppress(httpx.TransportError):
                        return (await client.post(f"{running}/webhooks/shiphero/door/main", **request)).status_code
                raise AssertionError(f"event {number} was never answered")

            return set(await asyncio.gather(*(one(number) for number in range(300))))

    assert asyncio.run(flood()) == {200}
    assert sorted(kept()) == sorted((f"S{number}", str(number)) for number in range(300))


@pytest.mark.parametrize("given", [None, '{"store": "postgresql://door:hunter2@127.0.0.1/x", "endpoints": []}'])
def test_wrong_settings_end_the_process_with_a_sentence_and_no_secret(given: str | None) -> None:
    kept: dict[str, Any] = {name: value for name, value in os.environ.items() if not name.startswith("FULFILMENT")}
    done = subprocess.run(
        [sys.executable, "-m", "include.fulfilment.webhooks", "--port", "1"],
        cwd=CHECKOUT,
        env=kept | {"PYTHONPATH": str(CHECKOUT)} | ({"FULFILMENT_WEBHOOKS": given} if given else {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("FULFILMENT_WEBHOOKS")
    assert len(done.stderr.splitlines()) == 1
    assert "hunter2" not in done.stderr
