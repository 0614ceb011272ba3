"""Makes the sandbox site known to every test of this folder."""

from tests.adapters.storefront.sparklayer.kit import sparklayer

__all__ = ["sparklayer"]
