"""A storefront's words for payment, turned into ours. A word that is not mapped is UNKNOWN, never a default."""

from __future__ import annotations

from collections.abc import Mapping

from include.fulfilment.domain.order import PaymentMethod, PaymentState


def payment_method(word: str, words: Mapping[str, PaymentMethod]) -> PaymentMethod:
    """Our payment method for the storefront's word, compared exactly."""
    return words.get(word, PaymentMethod.UNKNOWN)


def payment_state(word: str, words: Mapping[str, PaymentState]) -> PaymentState:
    """Our payment state for the storefront's word, compared exactly."""
    return words.get(word, PaymentState.UNKNOWN)
