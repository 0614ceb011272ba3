"""ShipBob's own samples, and products of its real sandbox, are read as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.adapters.warehouse.shipbob.record import read_order, read_record, read_status
from include.fulfilment.ports import Rejected, StockLevel, WarehouseStatus
from tests.adapters.warehouse.shipbob.kit import LATE, held, of, shipbob, shipment, warehouse


@pytest.fixture(scope="module")
def samples(shared_folder: Path) -> Any:
    file = shared_folder / "data/wms/shipbob_openapi_2026-01_examples.json"
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("operation", "status"),
    [("POST /2026-01/order", "201"), ("GET /2026-01/order/{orderId}", "200"), ("GET /2026-01/order", "200")],
)
def test_a_sample_order_is_read(samples: Any, operation: str, status: str) -> None:
    sample = samples[operation][status]
    order = read_order(sample[0] if isinstance(sample, list) else sample)
    assert (order.id, order.reference_id, order.status) == (0, "string", "Processing")
    assert order.products is not None
    assert order.products[0].reference_id == "TShirtBlueM"
    assert read_status(order) == (WarehouseStatus.RECEIVED, "Processing")
    line = order.products[0].model_copy(update={"quantity_unit_of_measure_code": "EA", "quantity": 3})
    record = read_record("string", [order.model_copy(update={"products": (line,)})])
    assert (dict(record.lines), record.po_number, record.instructions) == ({"shipbob line 0": 3}, "string", "string")


def test_a_sample_shipment_is_read_with_its_cartons(samples: Any) -> None:
    sample = samples["GET /2026-01/shipment/{shipmentId}"]["200"]
    line = {"reference_id": "TShirtBlueM", "quantity": 2, "external_line_id": 1}
    order = held("PartiallyFulfilled", sample | {"status": "Completed", "id": 9}, products=[line])
    (page,) = warehouse(shipbob(get_order=[order])).read_shipments(None)
    (found,) = page.shipments
    tracking = "860C8CDC8F0B4FC7AB69AC86C20539EC"
    assert [(each.parcel_id, each.carrier, each.tracking_number) for each in found.parcels] == [
        ("string", "USPS", tracking)
    ]
    assert page.problems == ()


def test_a_sample_page_of_stock_is_read(samples: Any) -> None:
    page = samples["GET /2026-01/inventory-level"]["200"] | {"next": None}
    found = warehouse(shipbob(get_inventory_level=lambda _: page)).read_stock()
    assert found.levels == (StockLevel("string", "network", 0),)


@pytest.mark.parametrize("sku", ["100", "string"])
def test_products_are_recognised_in_a_sample_and_in_a_page_of_the_real_sandbox(
    samples: Any, shared_folder: Path, sku: str
) -> None:
    real = json.loads((shared_folder / "data/wms/shipbob_products_2_0.json").read_text(encoding="utf-8"))
    page = {"items": real} if sku == "100" else samples["GET /2026-01/product"]["200"] | {"next": None}
    wire = shipbob(get_product=lambda _: page, post_order=lambda _: held("Processing", shipment(1, "None")))
    assert not isinstance(warehouse(wire).submit(of(("L1", sku, 1)), LATE), Rejected)
    assert isinstance(warehouse(wire).submit(of(("L1", "other", 1)), LATE), Rejected)
