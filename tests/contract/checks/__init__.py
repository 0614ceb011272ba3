"""The checks by subject. Importing this package fills `kit.WAREHOUSE_CHECKS` and `kit.SHOP_CHECKS`."""

from tests.contract.checks import calls, creating, doubt, finding, parcels, shipping, shop_orders, shop_writes, stock

__all__ = ["calls", "creating", "doubt", "finding", "parcels", "shipping", "shop_orders", "shop_writes", "stock"]
