"""Settings are checked before the door opens, and no fault repeats a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.errors import ConfigError
from include.fulfilment.webhooks.settings import VARIABLE, load_settings

STORE = "postgresql://door:hunter2@127.0.0.1/fulfilment"
SHOPIFY = {"source": "shopify", "site": "demo", "secrets": ["0123456789abcdef"]}
GOOD = {
    "store": STORE,
    "endpoints": [
        SHOPIFY,
        {"source": "shipbob", "site": "demo", "warehouse": "main", "secrets": ["whsec_MDEyMzQ1Njc4OWFiY2RlZg=="]},
        {"source": "mintsoft", "site": "demo", "warehouse": "main", "secrets": ["0123456789abcdef0123456789ABCDE_"]},
    ],
}


def load(content: Any) -> Any:
    return load_settings({VARIABLE: json.dumps(content)})


def test_settings_may_stand_in_the_variable_or_in_a_file_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "the door.json"
    file.write_text(json.dumps(GOOD), encoding="utf-8")

    for settings in (load(GOOD), load_settings({VARIABLE: str(file)})):
        assert settings.store.get_secret_value() == STORE
        names = [each.endpoint().name for each in settings.endpoints]
        assert names == ["shopify/demo", "shipbob/demo/main", "mintsoft/demo/main"]


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (SHOPIFY | {"source": "shopware"}, "source must be one of mintsoft, shipbob, shiphero, shopify"),
        (SHOPIFY | {"secrets": []}, "endpoints.0.secrets"),
        (SHOPIFY | {"secrets": ["0123456789abcdef", "topsecret"]}, "secret 2 is shorter than 16 bytes"),
        (SHOPIFY | {"secrets": [""]}, "secret 1 is shorter than 16 bytes"),
        (SHOPIFY | {"site": "De mo"}, "endpoints.0.site"),
        (SHOPIFY | {"secret": "topsecret-topsecret"}, "endpoints.0.secret"),
        (SHOPIFY | {"source": "shipbob", "secrets": ["whsec_topsecret!topsecret!"]}, "is not base64 after whsec_"),
        (SHOPIFY | {"source": "shipbob", "secrets": ["whsec_AAAA"]}, "secret 1 is shorter than 16 bytes"),
        (SHOPIFY | {"source": "mintsoft", "secrets": ["topsecret-0123456789"]}, "at least 32 letters"),
        (SHOPIFY | {"source": "mintsoft", "secrets": ["topsecret/0123456789abcdef0123456789"]}, "at least 32 letters"),
    ],
)
def test_a_fault_names_its_field_and_repeats_no_secret(endpoint: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=VARIABLE) as refused:
        load(GOOD | {"endpoints": [endpoint]})

    assert words in str(refused.value)
    assert "topsecret" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_one_address_stands_there_once() -> None:
    with pytest.raises(ConfigError, match="shopify/demo stands there twice"):
        load(GOOD | {"endpoints": [SHOPIFY, SHOPIFY]})


@pytest.mark.parametrize(
    ("given", "words"),
    [("", "is not set"), ("/no/such/file", "can't be read"), ("{", "Invalid JSON"), ("{}", "store")],
)
def test_missing_settings_say_what_to_do(given: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_settings({VARIABLE: given})
