"""Small clients of the sandboxes' control doors, for the demo and the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

Json = dict[str, Any]


class SandboxRefused(Exception):
    """The control door would not do it; the text holds the door's own sentences."""


class ControlClient:
    """What every sandbox's control door offers; `token` is the control door's, never the remote's."""

    def __init__(self, base_url: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        """Prepare the client; `transport` replaces the network in tests."""
        self._http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=120.0, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _answer(self, response: httpx.Response) -> Any:
        if response.is_success:
            return response.json()
        try:
            problems = response.json()["errors"]
        except (ValueError, KeyError, TypeError):
            problems = [response.reason_phrase]
        raise SandboxRefused(
            f"{response.request.url.path} answered {response.status_code}: {'; '.join(map(str, problems))}"
        )

    def _post(self, action: str, body: Mapping[str, Any]) -> Json:
        answer: Json = self._answer(self._http.post(f"/sandbox/{action}", json=body))
        return answer

    def _get(self, what: str, **query: Any) -> Any:
        given = {key: value for key, value in query.items() if value is not None}
        return self._answer(self._http.get(f"/sandbox/{what}", params=given))

    def set_faults(self, plan: Sequence[Mapping[str, Any]]) -> None:
        """Replace the fault plan; entries are {operation, kind, times, after_calls, seconds}."""
        self._post("faults", {"faults": [dict(entry) for entry in plan]})

    def calls(self) -> dict[str, int]:
        """Return how often each operation of the remote was called."""
        counts: dict[str, int] = self._get("calls")
        return counts

    def is_up(self) -> bool:
        """Say whether the sandbox answers."""
        try:
            return self._http.get("/sandbox/health", timeout=2.0).is_success
        except httpx.HTTPError:
            return False


class SandboxControl(ControlClient):
    """Loads, changes and reads the shop at `base_url`."""

    def load(
        self,
        *,
        variants: Sequence[Json] = (),
        companies: Sequence[Json] = (),
        customers: Sequence[Json] = (),
        orders: Sequence[Json] = (),
    ) -> Json:
        """Load records and return {created: {kind: n}, existing: {kind: n}}; loading again changes nothing."""
        everything = {"variants": variants, "companies": companies, "customers": customers, "orders": orders}
        return self._post("load", {kind: list(records) for kind, records in everything.items()})

    def pay(self, name: str) -> None:
        """Mark an order as paid."""
        self._post("orders/pay", {"name": name})

    def cancel(self, name: str, reason: str = "OTHER") -> None:
        """Cancel what an order has not shipped."""
        self._post("orders/cancel", {"name": name, "reason": reason})

    def set_note(self, name: str, note: str | None, *, source: str = "order") -> None:
        """Replace the note of an order, or of a draft with source "draft"."""
        self._post("orders/note", {"name": name, "note": note, "source": source})

    def hold(self, name: str, reason: str | None, location: str | None = None) -> None:
        """Put an order on hold in the shop, at one location alone where that is named; None ends the hold."""
        self._post("orders/hold", {"name": name, "reason": reason, "location": location})

    def edit_line_quantity(self, name: str, line: int, quantity: int) -> None:
        """Set the units wanted of an order's line, counted from 1."""
        self._post("orders/edit-line-quantity", {"name": name, "line": line, "quantity": quantity})

    def complete_draft(self, name: str, *, payment_pending: bool = False) -> Json:
        """Complete a draft and return the new order's {order_id, name}."""
        return self._post("drafts/complete", {"name": name, "payment_pending": payment_pending})

    def set_customer_metafield(self, customer_key: str, namespace: str, key: str, kind: str, value: Any) -> None:
        """Set a metafield of a customer, for instance `sparklayer.payment_on_account` (type json)."""
        body = {"customer_key": customer_key, "namespace": namespace, "key": key, "type": kind, "value": value}
        self._post("customers/metafield", body)

    def set_inventory(self, sku: str, available: int, location: str | None = None) -> None:
        """Set what is available of a SKU, as a person does in the admin; at the first location unless one is named."""
        self._post("inventory/set", {"sku": sku, "available": available, "location": location})

    def add_location(self, name: str) -> str:
        """Open a further location, at which every variant is stocked; return its id."""
        return str(self._post("locations/add", {"name": name})["id"])

    def move(self, name: str, lines: Sequence[int], location: str, units: int | None = None) -> None:
        """Let what remains of lines, counted from 1, leave from another location: all of it, or `units` of each."""
        self._post("orders/move", {"name": name, "lines": list(lines), "location": location, "units": units})

    def state(self, part: str | None = None, *, after: str | None = None, limit: int | None = None) -> Json:
        """Return the shop's state: whole, or one part (variants, customers, orders, drafts), paged by its key."""
        state: Json = self._get("state", part=part, after=after, limit=limit)
        return state
