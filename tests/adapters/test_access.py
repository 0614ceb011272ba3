"""A key that ran out is renewed once in a call, for all threads together."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from include.fulfilment.adapters.access import AccessRefused, Session
from include.fulfilment.adapters.transport import Reply
from include.fulfilment.errors import ConfigError, RetryableError


class Remote:
    """Takes the newest key alone; `refuse` is what it answers to others."""

    def __init__(self, refuse: int = 401) -> None:
        self.valid, self.refuse = "", refuse
        self.calls: list[tuple[str, str, Mapping[str, str]]] = []
        self.barrier: Barrier | None = None
        self._numbers = count(1)

    def log_in(self) -> Mapping[str, str]:
        self.valid = f"key-{next(self._numbers)}"
        return {"X-Key": self.valid}

    def request(self, method: str, path: str, *, headers: Mapping[str, str], **call: Any) -> Reply:
        self.calls.append((method, path, headers))
        if self.barrier and headers["X-Key"] != self.valid:
            self.barrier.wait(timeout=5)
        if headers["X-Key"] != self.valid:
            raise AccessRefused("access refused", self.refuse)
        return Reply(200, {}, call)

    def keys(self) -> list[str]:
        return [headers["X-Key"] for _, _, headers in self.calls]


def test_the_login_happens_before_the_first_call_and_not_again() -> None:
    remote = Remote()
    session = Session(remote, remote.log_in)
    assert session.request("GET", "/a", operation="read", safe=True).body == {"operation": "read", "safe": True}
    session.request("PUT", "/b", headers={"X-Other": "1"})
    assert remote.calls == [("GET", "/a", {"X-Key": "key-1"}), ("PUT", "/b", {"X-Other": "1", "X-Key": "key-1"})]


def test_a_key_that_ran_out_is_renewed_and_the_call_is_made_again_once() -> None:
    remote = Remote()
    session = Session(remote, remote.log_in)
    session.request("GET", "/a")
    remote.valid = "another"
    session.request("PUT", "/b")
    assert remote.keys() == ["key-1", "key-1", "key-2"]


def test_a_new_key_that_is_refused_is_a_matter_for_a_person() -> None:
    remote = Remote()
    session = Session(remote, lambda: {"X-Key": "never taken"})
    with pytest.raises(ConfigError):
        session.request("GET", "/a")
    assert len(remote.calls) == 1
    with pytest.raises(AccessRefused):
        session.request("GET", "/a")
    assert len(remote.calls) == 3, "once with the old key and once with a new one"


def test_a_403_is_no_matter_of_the_keys_age() -> None:
    remote = Remote(refuse=403)
    session = Session(remote, remote.log_in)
    session.request("GET", "/a")
    remote.valid = "another"
    with pytest.raises(AccessRefused):
        session.request("GET", "/a")
    assert remote.keys() == ["key-1", "key-1"]


def test_a_login_that_fails_for_now_leaves_the_call_for_later() -> None:
    remote = Remote()

    def down() -> Mapping[str, str]:
        raise RetryableError("nobody answers")

    with pytest.raises(RetryableError):
        Session(remote, down).request("PUT", "/a")
    assert remote.calls == []


def test_threads_that_meet_an_old_key_together_log_in_once() -> None:
    remote = Remote()
    session = Session(remote, remote.log_in)
    session.request("GET", "/a")
    remote.valid, remote.barrier = "another", Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: session.request("GET", path), ["/1", "/2", "/3", "/4"]))
    assert sorted(remote.keys()) == ["key-1"] * 5 + ["key-2"] * 4
