"""What an adapter is told of the remote it speaks to, whoever keeps the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RemoteConnection:
    """Address and credentials of one remote. `password` never appears in a repr, so that no log can show it."""

    conn_id: str
    base_url: str
    login: str
    password: str = field(repr=False)
    schema: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
