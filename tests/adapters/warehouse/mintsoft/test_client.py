"""The key, the reads that are none, pages, and what stands in the connection and the site file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.mintsoft.client import STATE_CHANGING, MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.options import Account
from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.ports import Absent, Created
from tests.contract.kit import Bench
from tests.contract.orders import LATE, an_order, goods, holds, placed
from tests.contract.wire import connected_otherwise


def logins(bench: Bench) -> int:
    return [operation for _, operation, _ in bench.transport_log].count("Auth")


def client(bench: Bench) -> MintsoftClient:
    assert bench.wire.given is not None
    remote = bench.wire.given.connection
    transport = Transport(remote.base_url, system="mintsoft", connection_id=remote.conn_id)
    return MintsoftClient(transport, "integration", remote.password, Account())


def test_a_key_that_ran_out_after_a_day_is_renewed_once_and_the_order_goes_in_once(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    warehouse = bench.fresh()
    warehouse.read_stock()
    bench.transport_log.clear()
    warehouse.read_stock()
    assert logins(bench) == 0
    bench.clock.pass_time(24 * 3600)
    bench.wire.clear()
    order = an_order((sku, 2))
    assert isinstance(warehouse.submit(order, LATE), Created)
    assert logins(bench) == 1
    assert [each.status for each in bench.wire.heard].count(401) == 1
    assert len(holds(bench, order)) == 1


def test_a_401_for_a_new_key_is_a_matter_for_a_person(bench: Bench) -> None:
    bench.wire.spoil("401", after_calls=1, times=50)
    bench.transport_log.clear()
    with pytest.raises(ConfigError, match="answered 401; connection 'warehouse_bench_main'"):
        bench.fresh().read_stock()
    assert logins(bench) == 1


def test_a_wrong_password_is_answered_without_a_body_and_is_a_matter_for_a_person(bench: Bench) -> None:
    assert bench.wire.given is not None
    wrong = replace(bench.wire.given.connection, password="wrong")
    with pytest.raises(ConfigError, match="check the user's login and password"):
        make_warehouse(replace(bench.wire.given, connection=wrong)).read_stock()


def test_an_answer_to_the_login_that_is_no_key_is_no_key(bench: Bench) -> None:
    bench.wire.alter = lambda heard, answer: {"Key": answer} if heard.url.endswith("/Auth") else answer
    with pytest.raises(RetryableError, match="the login gave no key"):
        bench.fresh().read_stock()


@pytest.mark.parametrize("template", sorted(STATE_CHANGING))
@pytest.mark.parametrize("end", ["", "/", "?NumberOfParcels=2"])
def test_a_get_that_changes_something_is_refused_and_not_sent(bench: Bench, template: str, end: str) -> None:
    path = template.replace("{id}", "7").replace("{DocumentId}", "8") + end
    for written in (path, path.upper().replace("/API/", "/api/")):
        with pytest.raises(ConfigError, match="changes state and is no read"):
            client(bench).get(written, "Careless")
    assert bench.wire.heard == []


def test_such_a_get_does_change_the_order_in_mintsoft(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 2))
    key = client(bench)
    wms_id = holds(bench, order)[0].id
    request = {"operation": "Careless", "safe": True}
    key._session.request("GET", f"/api/Order/{wms_id}/Cancel", **request)
    assert holds(bench, order) == []


def page_of(size: int, first: int = 1) -> list[dict[str, Any]]:
    return [{"ID": first + number, "SKU": f"S{first + number}", "StockLevel": 1} for number in range(size)]


def paged(bench: Bench, *pages: list[dict[str, Any]]) -> None:
    """Let the remote answer these pages of stock, one after the other, and then none."""
    left = list(pages)
    bench.wire.alter = lambda heard, answer: (left.pop(0) if left else []) if "/Inventory/" in heard.url else answer


def test_pages_are_read_until_one_is_empty_though_the_server_gives_fewer_than_asked_for(bench: Bench) -> None:
    paged(bench, page_of(3), page_of(3, first=4), page_of(1, first=7))
    assert len(bench.warehouse.read_stock().levels) == 7


def test_a_page_that_holds_a_record_again_makes_the_reading_void(bench: Bench) -> None:
    paged(bench, page_of(3), page_of(3, first=3))
    with pytest.raises(DataError, match="page 2 of Inventory has records of an earlier page again"):
        bench.warehouse.read_stock()


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"client_id": "seven"}, "extra.client_id: Input should be a valid integer"),
        ({"client": 7}, "extra.client: Extra inputs are not permitted"),
    ],
)
def test_an_odd_account_is_refused_by_its_field(bench: Bench, extra: dict[str, Any], words: str) -> None:
    assert bench.wire.given is not None
    remote = replace(bench.wire.given.connection, extra=extra)
    with pytest.raises(ConfigError, match=words):
        make_warehouse(replace(bench.wire.given, connection=remote))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"warehouse_id": 0}, "warehouse.options.warehouse_id"),
        ({"timezone": "Leeds"}, "'Leeds' is no time zone"),
        ({"po_nam": "PO"}, "warehouse.options.po_nam: Extra inputs are not permitted"),
    ],
)
def test_an_odd_option_is_refused_by_its_field(bench: Bench, options: dict[str, Any], words: str) -> None:
    assert bench.wire.given is not None
    with pytest.raises(ConfigError, match=words):
        make_warehouse(connected_otherwise(bench.wire.given, **options))


def test_a_connection_without_a_login_is_refused(bench: Bench) -> None:
    assert bench.wire.given is not None
    with pytest.raises(ConfigError, match="Mintsoft needs a user's login and password"):
        make_warehouse(replace(bench.wire.given, connection=replace(bench.wire.given.connection, login="")))


def test_another_clients_order_under_our_number_is_not_ours(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 2))
    assert bench.wire.given is not None
    remote = replace(bench.wire.given.connection, extra={"client_id": 78})
    other = make_warehouse(replace(bench.wire.given, connection=remote))
    assert other.find([order.external_ref]) == {order.external_ref: Absent()}
