"""The checks by subject. Importing this package fills `kit.WAREHOUSE_CHECKS` and `kit.SHOP_CHECKS`.

The order is that in which an adapter is written: what is found, what is created, then all that can go wrong with it.
"""

from importlib import import_module

WAREHOUSE_SUBJECTS = (
    "finding",
    "routes",
    "creating",
    "doubt",
    "calls",
    "stock",
    "shipping",
    "parcels",
    "cancelling",
    "amending",
)
SHOP_SUBJECTS = ("shop_orders", "shop_writes", "shop_services")

for _subject in WAREHOUSE_SUBJECTS + SHOP_SUBJECTS:
    import_module(f"{__name__}.{_subject}")
