"""Rows of a database: one statement of the site file, with values bound to its named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from include.fulfilment.ports import AskDatabase, Table
from include.fulfilment.yaml_file import Strict


class SqlOptions(Strict):
    """`connection` is the Airflow connection of a user that may read these tables and no more. `statement` is one that
    reads, with `:name` for each of the `parameters`; write any other colon as a backslash and a colon. A fractional
    number that the database keeps in binary is refused: let the statement cast it to numeric."""

    kind: Literal["sql"]
    connection: str = Field(min_length=1)
    statement: str = Field(min_length=1)
    parameters: Mapping[str, str | int | bool] = Field(default_factory=dict)


def read_sql(options: SqlOptions, ask: AskDatabase, wanted: Mapping[str, object]) -> Table:
    """The statement's rows; a value in `wanted` is bound where the statement names it. Raises as the port says."""
    named = {name: value for name, value in wanted.items() if f":{name}" in options.statement}
    return ask(options.connection, options.statement, {**named, **options.parameters})
