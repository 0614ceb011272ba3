"""Makes the sandbox shop known to every test of this folder."""

from tests.adapters.storefront.kit import shop

__all__ = ["shop"]
