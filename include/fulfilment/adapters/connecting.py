"""What an adapter is built from; each dialect's package has `connect(given: Connecting)`, found by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from include.fulfilment.adapters.transport import Acquire, OnCall
from include.fulfilment.clock import Clock
from include.fulfilment.domain.order import SHOP
from include.fulfilment.errors import ConfigError
from include.fulfilment.ports import Journal
from include.fulfilment.settings import Site, StorefrontSite, WarehouseSite

Skus = Callable[[], Sequence[str]]
"""Every SKU of the site's pack catalogue, as it was read last."""
_Options = TypeVar("_Options", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class RemoteConnection:
    """Address and credentials of one remote, whoever keeps the secret. `password` and `extra` never appear in a repr,
    so that no log can show them."""

    conn_id: str
    base_url: str
    login: str
    password: str = field(repr=False)
    schema: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Connecting:
    """One site's remote: its connection, what was agreed with it (in the site file), and what a call must pass.

    `acquire` is the remote's call budget, and `give_back` hears what a thread's last call took of it and did not need;
    `journal` is the adapter's own durable memory, for a remote that answers by message instead of by query. `shop` is
    the code of the shop, where the remote is one, and `warehouse` that of the warehouse, empty for the site's first
    one; `skus` is for a shop that lists none itself.
    """

    site: Site
    connection: RemoteConnection
    clock: Clock
    on_call: OnCall
    acquire: Acquire
    journal: Journal
    shop: str = SHOP
    warehouse: str = ""
    give_back: Acquire = lambda unused: None
    skus: Skus = lambda: ()

    @property
    def storefront(self) -> StorefrontSite:
        """What the site file says of the shop."""
        return self.site.storefronts[self.shop]

    @property
    def storefront_field(self) -> str:
        """Where in the site file that stands."""
        return "storefront" if self.shop == SHOP else f"more_storefronts.{self.shop}"

    @property
    def warehouse_site(self) -> WarehouseSite:
        """What the site file says of the warehouse."""
        return self.site.warehouses[self.warehouse] if self.warehouse else self.site.warehouse

    @property
    def warehouse_field(self) -> str:
        """Where in the site file that stands."""
        further = [each.code for each in self.site.more_warehouses]
        return f"more_warehouses.{further.index(self.warehouse)}" if self.warehouse in further else "warehouse"


def read_options(model: type[_Options], options: Mapping[str, Any], where: str, site: Site) -> _Options:
    """The dialect's options of the site file. Raises ConfigError naming the field under `where` and what it expects."""
    try:
        return model.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        field_path = ".".join((where, *(str(part) for part in first["loc"])))
        raise ConfigError(f"site {site.code}: {field_path}: {first['msg']}; correct it in the site file") from None
