"""docs/release-policy.md and its JSON Schema: what a release policy may say, from the model that reads it."""

from __future__ import annotations

import json
from typing import Any

from demo.docs_text import code, page, table
from include.fulfilment.release_policy import ReleasePolicyFile

_INTRO = """One YAML file per site, named by `release` in the site file. It is the agreement itself: finance, operations
and customer experience sign it with a date each. An error names file, line and field; a misspelt field is an error.
Editors that read `# yaml-language-server: $schema=…` complete and check it by [the schema](schema/release-policy.json);
[the example](../include/fulfilment/config/demo/release.yaml) has every field. A change is tried on real orders before
anybody agrees to it: put the new file beside the old one and start [`release_what_if`](dags.md#release_what_if)."""


def policy_page() -> str:
    """The whole page."""
    properties = ReleasePolicyFile.model_json_schema()["properties"]
    rows = [(code(name), _default(name), about["description"]) for name, about in properties.items()]
    return page("Release policy", _INTRO, table(("Field", "Without it", "Meaning"), rows))


def policy_schema() -> str:
    """JSON Schema of the file, for editors."""
    return json.dumps(ReleasePolicyFile.model_json_schema(), indent=2) + "\n"


def _default(name: str) -> str:
    field = ReleasePolicyFile.model_fields[name]
    if field.is_required():
        return "refused"
    value: Any = field.get_default(call_default_factory=True)
    if value is None or value in ({}, frozenset()):
        return "none"
    return code(", ".join(value) if isinstance(value, tuple) else str(value).lower())
