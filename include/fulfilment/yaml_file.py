"""YAML files that people write: read into a model, with errors that name file, line and field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from include.fulfilment.errors import ConfigError

_Model = TypeVar("_Model", bound=BaseModel)


def _wall_time(value: object) -> object:
    """YAML takes 14:00 without quotes for the number 840."""
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(WALL_TIME, value)):
        return value
    raise ValueError('write a time of day in quotes, like "14:00"')


def refuse_number(value: object) -> object:
    """A date without its dashes is a number, and would be so many seconds after 1970."""
    if not isinstance(value, int | float):
        return value
    raise ValueError(f"{value} is no date; write it like 2026-11-23")


WALL_TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
WallTime = Annotated[
    time, BeforeValidator(_wall_time), WithJsonSchema({"type": "string", "pattern": WALL_TIME, "examples": ["14:00"]})
]
Day = Annotated[date, BeforeValidator(refuse_number)]
Amount = Annotated[
    Decimal,
    Field(gt=0, allow_inf_nan=False),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": r"^\d*\.?\d+$"}]}
    ),
]


class Strict(BaseModel):
    """A misspelt field is an error, not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_yaml(file: Path, model: type[_Model], what: str) -> _Model:
    """The file as this model. Raises ConfigError: `<what> <file> line <n>: <field>: <what is expected there>`."""
    try:
        text = file.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        if again := next(_repeated(tree), None):
            where = f"{what} {file.name} line {again.start_mark.line + 1}: {again.value}"
            raise ConfigError(f"{where} is there twice; only the last would count, keep one")
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


def _repeated(tree: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """The keys that a map has a second time. A node that aliases repeat is looked at once."""
    left, looked_at = [tree], set[int]()
    while left:
        node = left.pop()
        if id(node) in looked_at:
            continue
        looked_at.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            first = {key.value: key for key in reversed(keys)}
            yield from (key for key in keys if first[key.value] is not key)
            left += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value


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
