"""The Mintsoft adapter on its sandbox, with an ear on the wire; one for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.benches.mintsoft import open_bench
from tests.contract.kit import Bench, opened


@pytest.fixture(scope="module")
def module_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(open_bench, tmp_path_factory.mktemp("mintsoft")) as made:
        yield made


@pytest.fixture
def bench(module_bench: Bench) -> Iterator[Bench]:
    module_bench.clock.pass_time(120)
    module_bench.fresh()  # `wire.given` is how the bench's own adapter is connected, whatever a test connected
    yield module_bench
    module_bench.wire.calm()
    module_bench.wire.clear()
    module_bench.floor.act("policy", policy="back_order")
