"""The Stock API (https://docs.sparklayer.io/developers/api/stock/update-stock-levels and /get-stock-levels)."""

from __future__ import annotations

from collections.abc import Iterator

from .problems import ApiRefusal
from .state import DEFAULT_LOCATION, Json, SiteState

_INT32 = 2**31 - 1
_PLACES = ("stock_location_id", "stock_location_external_id")
_FIELDS = frozenset({"sku", "stock_level", "restock_date", "min_stock_level", *_PLACES})


def update(state: SiteState, body: Json) -> None:
    """Overwrite each (SKU, location) of the list; raises ApiRefusal, naming the rows, with nothing written."""
    if not isinstance(body, list) or not body:
        raise ApiRefusal(400, "the body must be a list with at least one row")
    wrong = [
        (code, words, f"[{number}].{name}") for number, row in enumerate(body) for code, words, name in _wrong(row)
    ]
    if wrong:
        raise ApiRefusal(400, "some rows are not valid", *wrong)
    places: list[tuple[str, str]] = []
    for number, row in enumerate(body):
        location = _location(state, row)
        if location is None:
            entry = ("unknownLocation", "the location does not exist", f"[{number}].stock_location_external_id")
            raise ApiRefusal(400, "a location does not exist", entry)
        places.append((row["sku"], location))
    if len(set(places)) != len(places):
        raise ApiRefusal(400, "the same SKU and location is there twice")
    for (sku, location), row in zip(places, body, strict=True):
        values = (sku, location, row["stock_level"], row.get("restock_date"), row.get("min_stock_level"))
        state.run("INSERT OR REPLACE INTO stock VALUES (?, ?, ?, ?, ?)", *values)


def fetch(state: SiteState, body: Json) -> list[Json]:
    """Return the levels of these SKUs, at the default location unless the filter says otherwise."""
    skus = body.get("skus") if isinstance(body, dict) else None
    if not isinstance(skus, list) or not skus or not all(isinstance(each, str) for each in skus):
        raise ApiRefusal(400, "skus must be a list of SKUs", ("required", "it is required", "skus"))
    wanted = body.get("filter") or {}
    found: list[Json] = []
    for sku in dict.fromkeys(skus):
        rows = state.all(
            "SELECT stock.*, external_id FROM stock JOIN stock_location ON id = location_id WHERE sku = ? ORDER BY id",
            sku,
        )
        levels = [
            {
                "stock_location_id": row["location_id"],
                "stock_level": row["stock_level"],
                "restock_date": row["restock_date"],
                "min_stock_level": row["min_stock_level"],
            }
            for row in rows
            if _is_wanted(row["location_id"], row["external_id"], wanted)
        ]
        if levels:
            found.append({"sku": sku, "stock_levels": levels})
    return found


def locations(state: SiteState) -> list[Json]:
    """Return the stock locations by id."""
    return [dict(row) for row in state.all("SELECT id, name, external_id FROM stock_location ORDER BY id")]


def _is_wanted(location_id: str, external_id: str | None, wanted: Json) -> bool:
    if wanted.get("all_stock_locations"):
        return True
    ids = wanted.get("stock_location_ids")
    return location_id in ids if ids else external_id == DEFAULT_LOCATION


def _location(state: SiteState, row: Json) -> str | None:
    if "stock_location_id" in row:
        found = state.one("SELECT id FROM stock_location WHERE id = ?", row["stock_location_id"])
    else:
        found = state.one("SELECT id FROM stock_location WHERE external_id = ?", row["stock_location_external_id"])
    return str(found["id"]) if found else None


def _wrong(row: Json) -> Iterator[tuple[str, str, str]]:
    given = row if isinstance(row, dict) else {}
    if not isinstance(given.get("sku"), str) or not given["sku"]:
        yield ("required", "it is required", "sku")
    for name in ("stock_level", "min_stock_level"):
        value = given.get(name)
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _INT32
        if not whole and (value is not None or name == "stock_level"):
            yield ("invalidNumber", "it must be a 32-bit whole number", name)
    if sum(name in given for name in _PLACES) != 1:
        yield ("oneOf", "exactly one of stock_location_id and stock_location_external_id", "stock_location_id")
    for name in given.keys() - _FIELDS:
        yield ("unknownField", "it is not known", name)
