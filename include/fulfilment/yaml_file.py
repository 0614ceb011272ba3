"""YAML files that people write: read into a model, with errors that name file, line and field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from include.fulfilment.errors import ConfigError

_Model = TypeVar("_Model", bound=BaseModel)


class Strict(BaseModel):
    """A misspelt field is an error, not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_yaml(file: Path, model: type[_Model], what: str) -> _Model:
    """The file as this model. Raises ConfigError: `<what> <file> line <n>: <field>: <what is expected there>`."""
    try:
        text = file.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        return model.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise ConfigError(f"{what} {file}: {error.strerror}; correct its name in the site file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{what} {file.name}: not valid YAML in UTF-8: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        place = _place(tree, first["loc"])
        raise ConfigError(f"{what} {file.name}{place}: {where}: {first['msg']}") from error


def _place(tree: yaml.Node | None, loc: Sequence[str | int]) -> str:
    """` line <n>` of the field, or of the innermost thing around it that is there."""
    node, line = tree, None
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if entry is None:
                break
            line, node = entry[0].start_mark.line, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return "" if line is None else f" line {line + 1}"
