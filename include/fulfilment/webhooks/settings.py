"""The door's settings: one JSON object in the environment, or in a file that the environment names.

    {"store": "postgresql://webhook_door:…@db.internal/fulfilment",
     "endpoints": [{"source": "shopify", "site": "demo", "secrets": ["…"]},
                   {"source": "shipbob", "site": "demo", "warehouse": "main", "secrets": ["whsec_…", "whsec_…"]}]}

It is all that this process knows: no token of a shop, no password of a warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, model_validator

from include.fulfilment.errors import ConfigError
from include.fulfilment.settings import CODE
from include.fulfilment.webhooks.app import Endpoint
from include.fulfilment.webhooks.proofs import StandardWebhooks, standard_key
from include.fulfilment.webhooks.sources import SOURCES
from include.fulfilment.yaml_file import Strict

VARIABLE = "FULFILMENT_WEBHOOKS"
SHORTEST = 16
SHORTEST_IN_PATH = 32
_PATH_SECRET = re.compile(r"[A-Za-z0-9_-]+")


class EndpointSettings(Strict):
    """One address of the door; several secrets while one is being replaced."""

    source: str
    site: str = Field(pattern=CODE)
    warehouse: str = Field(default="", pattern=rf"^$|{CODE}")
    secrets: tuple[SecretStr, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_the_source(self) -> EndpointSettings:
        if self.source not in SOURCES:
            raise ValueError(f"source must be one of {', '.join(sorted(SOURCES))}")
        for position, secret in enumerate(self.secrets):
            if fault := _fault(self.source, secret.get_secret_value()):
                raise ValueError(f"secret {position + 1} {fault}")
        return self

    def endpoint(self) -> Endpoint:
        """As the door takes it."""
        secrets = tuple(secret.get_secret_value() for secret in self.secrets)
        return Endpoint(SOURCES[self.source], self.site, self.warehouse, secrets)


class DoorSettings(Strict):
    """Everything the door needs to know."""

    store: SecretStr
    endpoints: tuple[EndpointSettings, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _addresses_differ(self) -> DoorSettings:
        names = [each.endpoint().name for each in self.endpoints]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"{twice} stands there twice; give one endpoint both secrets")
        return self


def load_settings(environment: Mapping[str, str]) -> DoorSettings:
    """The settings. Raises ConfigError naming the field; never repeats a value."""
    given = environment.get(VARIABLE, "").strip()
    if not given:
        raise ConfigError(
            f"{VARIABLE} is not set: give it the door's settings as JSON, or the name of a file with them"
        )
    try:
        text = given if given.startswith("{") else Path(given).read_text(encoding="utf-8")
        return DoorSettings.model_validate_json(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{VARIABLE} names a file that can't be read ({type(error).__name__}); correct it") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the settings"
        # Not chained: the original error repeats what was given, which holds secrets.
        raise ConfigError(f"{VARIABLE}: {where}: {first['msg']}; correct it and start the door again") from None


def _fault(source: str, secret: str) -> str:
    proof = SOURCES[source].proof
    if proof.in_path and not (_PATH_SECRET.fullmatch(secret) and len(secret) >= SHORTEST_IN_PATH):
        return f"must be at least {SHORTEST_IN_PATH} letters, digits, - or _, because it stands in the address"
    if isinstance(proof, StandardWebhooks):
        try:
            short = len(standard_key(secret)) < SHORTEST
        except ValueError as error:
            return str(error)
    else:
        short = len(secret) < SHORTEST
    return f"is shorter than {SHORTEST} bytes" if short else ""
