"""Signatures against vectors that others computed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from include.fulfilment.webhooks.delivery import Delivery
from include.fulfilment.webhooks.proofs import HmacBase64, SecretPath, StandardWebhooks, standard_key

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, tz=UTC)
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
BODY = b'{"test": 2432232314}'


def delivery(**headers: str) -> Delivery:
    return Delivery(HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}, BODY, "", AT)


def test_the_standard_webhooks_own_example_holds() -> None:
    """The example of the Standard Webhooks libraries' tests."""
    assert StandardWebhooks().holds(delivery(), [SECRET])
    assert StandardWebhooks().holds(delivery(), [SECRET.removeprefix("whsec_")])


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook_id": "msg_other"},
        {"webhook_timestamp": "1614265331"},
        {"webhook_timestamp": "1614265330.0"},
        {"webhook_timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook_timestamp": "9" * 400},
        {"webhook_signature": HEADERS["webhook-signature"].replace("v1,", "v2,")},
        {"webhook_signature": HEADERS["webhook-signature"].replace("v1,", "")},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1,not base64"},
    ],
    ids=str,
)
def test_any_other_head_does_not_hold(headers: dict[str, str]) -> None:
    assert not StandardWebhooks().holds(delivery(**headers), [SECRET])


def test_one_good_signature_among_several_is_enough() -> None:
    several = f"v1a,x v1,AAAA {HEADERS['webhook-signature']}"
    assert StandardWebhooks().holds(delivery(webhook_signature=several), ["whsec_AAAA", SECRET])


def test_a_secret_that_is_not_base64_is_no_secret() -> None:
    with pytest.raises(ValueError, match="not base64"):
        standard_key("whsec_#")


def test_the_hmac_of_the_well_known_fox_holds() -> None:
    """HMAC-SHA256 with the key `key`, as Wikipedia's article on HMAC has it, in base64."""
    body = b"The quick brown fox jumps over the lazy dog"
    given = {"x-hmac": "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="}
    assert HmacBase64("x-hmac").holds(Delivery(given, body, "", AT), ["other", "key"])
    assert not HmacBase64("x-hmac").holds(Delivery(given, body + b".", "", AT), ["other", "key"])
    assert not HmacBase64("x-hmac").holds(Delivery({}, body, "", AT), ["key"])


def test_each_of_several_path_secrets_is_good_and_a_part_of_one_is_not() -> None:
    for given, good in (("first-secret", True), ("second-secret", True), ("second-secre", False), ("", False)):
        assert SecretPath().holds(Delivery({}, b"", given, AT), ["first-secret", "second-secret"]) == good
