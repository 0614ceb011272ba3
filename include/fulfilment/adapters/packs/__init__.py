"""A site's pack catalogue, out of a file, a database or an HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.fulfilment.adapters.connecting import read_options
from include.fulfilment.adapters.packs.catalogue import read_catalogue
from include.fulfilment.adapters.packs.kits import read_kits
from include.fulfilment.adapters.packs.options import PackOptions
from include.fulfilment.adapters.tables import TableTools, read_table
from include.fulfilment.ports import PackSnapshot, PackSource
from include.fulfilment.settings import Site


def connect(options: Mapping[str, Any], tools: TableTools, site: Site) -> PackSource:
    """The catalogue that the site file describes under `packs`. Raises ConfigError naming the field that is wrong."""
    return PackTables(read_options(PackOptions, options, "packs", site), tools)


class PackTables:
    """The pack catalogue as rows of a table, with the kits of another where there are any."""

    def __init__(self, options: PackOptions, tools: TableTools) -> None:
        self._options = options
        self._tools = tools

    def read(self) -> PackSnapshot:
        """The whole catalogue; what refers to a row that cannot be used is left out with it."""
        table = read_table(self._options.source, self._tools, self._options.as_of)
        packs = read_catalogue(table, self._options)
        if self._options.kits is None:
            return packs
        return read_kits(read_table(self._options.kits.source, self._tools), self._options.kits, packs)
