"""One mapped task for each order, as a DAG is written first: look for the order, create it, read it back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from airflow.sdk import dag, task


@dag(schedule=None, catchup=False)
def plain_release() -> None:
    @task
    def orders() -> list[int]:
        return list(range(len(list(Path(os.environ["BENCH_BODIES"]).glob("*.json")))))

    @task
    def release(number: int) -> None:
        import httpx

        body: dict[str, Any] = json.loads(Path(os.environ["BENCH_BODIES"], f"{number}.json").read_text())
        reference = {"ReferenceIds": body["reference_id"]}
        with httpx.Client(base_url=os.environ["BENCH_WAREHOUSE"], trust_env=False) as warehouse:
            if not warehouse.get("/2026-01/order", params=reference).raise_for_status().json():
                warehouse.post("/2026-01/order", json=body).raise_for_status()
            (held,) = warehouse.get("/2026-01/order", params=reference).raise_for_status().json()
        if held["products"] != body["products"]:
            raise ValueError(f"{body['reference_id']} is not held as it was sent")

    release.expand(number=orders())


plain_release()
