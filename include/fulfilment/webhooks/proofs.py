"""Proofs of who sent a delivery. Every comparison takes the same time whatever is wrong, and is over the raw body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from include.fulfilment.webhooks.delivery import Delivery

REPLAY_SECONDS = 300
"""How far a signed instant may lie from now, either way: what the Standard Webhooks libraries allow."""
SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins, not one
_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class HmacBase64:
    """Base64 of HMAC-SHA256 over the raw body, in one header. It covers no other header: ids and times that come
    with it are hints themselves."""

    header: str
    in_path: bool = False

    def offered(self, headers: Mapping[str, str]) -> bool:
        return bool(headers.get(self.header))

    def holds(self, delivery: Delivery, secrets: Sequence[str]) -> bool:
        given = delivery.headers.get(self.header, "").strip()
        return _any_matches(delivery.body, [secret.encode() for secret in secrets], [given])


@dataclass(frozen=True, slots=True)
class StandardWebhooks:
    """HMAC-SHA256 over `id.timestamp.body`; the header holds one `v1,<base64>` for each secret that the sender has in
    use (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)."""

    in_path: bool = False

    def offered(self, headers: Mapping[str, str]) -> bool:
        return all(headers.get(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature"))

    def holds(self, delivery: Delivery, secrets: Sequence[str]) -> bool:
        identity, instant = delivery.headers["webhook-id"], delivery.headers["webhook-timestamp"]
        if not _SECONDS.fullmatch(instant):
            return False
        signed = f"{identity}.{instant}.".encode("latin-1", "replace") + delivery.body
        entries = [entry.partition(",") for entry in delivery.headers["webhook-signature"].split()]
        given = [value for version, _, value in entries if version == "v1"]
        matches = _any_matches(signed, [standard_key(secret) for secret in secrets], given)
        return matches and abs(delivery.received_at.timestamp() - int(instant)) <= REPLAY_SECONDS


@dataclass(frozen=True, slots=True)
class SecretPath:
    """For senders that sign nothing: a long secret as the last part of the address. It proves only that the sender
    knows the address, so what it says is never believed, only looked up."""

    in_path: bool = True

    def offered(self, headers: Mapping[str, str]) -> bool:
        return True

    def holds(self, delivery: Delivery, secrets: Sequence[str]) -> bool:
        given = delivery.path_secret.encode()
        # A sum, here and below: no comparison is left out because an earlier one was good.
        return sum(hmac.compare_digest(secret.encode(), given) for secret in secrets) > 0


def standard_key(secret: str) -> bytes:
    """The key in a Standard Webhooks secret: the base64 after `whsec_`. Raises ValueError when it is not base64."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("is not base64 after whsec_") from None


def _any_matches(signed: bytes, keys: Sequence[bytes], given: Sequence[str]) -> bool:
    expected = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in keys]
    return sum(hmac.compare_digest(good, one.encode("latin-1", "replace")) for good in expected for one in given) > 0
