"""The stories' merchant, for the tests of the services."""

from tests.stories.conftest import store_url, world

__all__ = ["store_url", "world"]
