"""The checks by subject. Importing this package fills `kit.WAREHOUSE_CHECKS` and `kit.SHOP_CHECKS`.

The order is that in which an adapter is written: what is found, what is created, then all that can go wrong with it.
"""

from importlib import import_module

SUBJECTS = ("finding", "creating", "doubt", "calls", "stock", "shipping", "parcels", "shop_orders", "shop_writes")

for _subject in SUBJECTS:
    import_module(f"{__name__}.{_subject}")
