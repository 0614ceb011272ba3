"""Buckets refill steadily, never overflow, and forget the name longest unused."""

from __future__ import annotations

import pytest

from include.fulfilment.webhooks.limits import Bucket, Buckets, sender


def test_a_bucket_gives_its_size_and_then_what_has_refilled() -> None:
    clock = [0.0]
    bucket = Bucket(2, 0.5, lambda: clock[0])
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    clock[0] = 2.0
    assert [bucket.take() for _ in range(2)] == [True, False]
    clock[0] = 100.0
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_giving_back_never_makes_more_than_the_size() -> None:
    bucket = Bucket(1, 0, lambda: 0.0)
    bucket.give_back()
    assert [bucket.take() for _ in range(2)] == [True, False]


def test_of_too_many_names_the_one_longest_unused_is_forgotten() -> None:
    buckets = Buckets(1, 0, lambda: 0.0, most=2)
    assert buckets.of("a").take()
    assert buckets.of("b").take()
    assert not buckets.of("a").take()
    assert buckets.of("c").take()
    assert not buckets.of("a").take()
    assert buckets.of("b").take()


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", ""),
        ("203.0.113.7:x", ""),
        (None, ""),
    ],
)
def test_a_sender_is_an_address_or_a_whole_network_of_ipv6(host: str | None, counted: str) -> None:
    assert sender(host) == counted
