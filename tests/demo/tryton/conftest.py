"""Makes the real warehouse known to every test of this folder."""

from tests.demo.tryton.kit import yard

__all__ = ["yard"]
