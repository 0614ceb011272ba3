"""The desk's questions to PostgreSQL: a handful of indexed reads a page, in one read-only snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.standing import FINISHED, OrderState
from include.fulfilment.errors import ConfigError, RetryableError
from include.fulfilment.store import desk_sql
from include.fulfilment.store.desk_order import read_order
from include.fulfilment.store.desk_readings import read_readings
from include.fulfilment.store.desk_rows import (
    Marks,
    OrderRow,
    OrderRows,
    ReadingRow,
    StateCount,
    Step,
    TicketGroup,
    TicketSubject,
    TodayRows,
)

_FOUND_AT_MOST = 50
_PREPARE = """
    SELECT set_config('search_path', 'fulfilment', true), set_config('timezone', 'UTC', true),
        set_config('statement_timeout', '10000', true)
"""
_OTHERS = [Team.BUYER.value, Team.NOBODY.value]
"""Owners of tickets that none of our people can settle."""
_STATES = {state.value for state in OrderState}
_FINISHED = {state.value for state in FINISHED}


class PostgresDesk:
    """Reads the store at `conninfo` for the desk. It never writes: every transaction is read-only."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    def sites(self) -> list[str]:
        """Every site that has an order or a run, by name."""
        with self._reading() as connection:
            return [row["site"] for row in connection.execute(desk_sql.SITES)]

    def today(self, site: str, marks: Marks) -> TodayRows:
        """What the Today page counts."""
        values = _values(site, marks)
        with self._reading() as connection:
            states = [StateCount(**row) for row in connection.execute(desk_sql.STATES, values)]
            waiting = _one(connection, desk_sql.WAITING, values)
            groups = [_group(row) for row in connection.execute(desk_sql.GROUPS, values)]
            steps = [Step(**row) for row in connection.execute(desk_sql.STEPS, values)]
            return TodayRows(
                states=tuple(states),
                fulfilled_today=_one(connection, desk_sql.FULFILLED_TODAY, values)["orders"],
                waiting_orders=waiting["orders"],
                waiting_since=waiting["since"],
                waiting_for=waiting["owner"] or "",
                groups=tuple(groups),
                steps=tuple(steps),
                stock_as_of=_one(connection, desk_sql.STOCK_AS_OF, values)["as_of"],
            )

    def find(self, site: str, text: str) -> list[OrderRow]:
        """Orders whose number (with or without #), own id or warehouse reference is `text`; at most 50."""
        bare = text.strip().removeprefix("#")
        spellings = {bare, bare.upper()}
        values = {
            "site": site,
            "names": sorted(spellings | {f"#{word}" for word in spellings}),
            "text": text.strip(),
            "ref": bare.upper(),
            "limit": _FOUND_AT_MOST,
        }
        with self._reading() as connection:
            return [OrderRow(**row) for row in connection.execute(desk_sql.FIND, values)]

    def listed(self, site: str, which: str, marks: Marks, limit: int) -> list[OrderRow]:
        """The oldest `limit` orders that a number on the Today page counts; see `DeskReader`."""
        values = _values(site, marks) | {"which": which, "limit": limit}
        with self._reading() as connection:
            return [OrderRow(**row) for row in connection.execute(_listing(which), values)]

    def order(self, site: str, order_id: str) -> OrderRows | None:
        """Everything about one order, or None where there is none."""
        with self._reading() as connection:
            return read_order(connection, site, order_id)

    def readings(self, site: str) -> list[ReadingRow]:
        """The doubtful stock readings that are kept back, the newest of each warehouse."""
        with self._reading() as connection:
            return read_readings(connection, site)

    @contextmanager
    def _reading(self) -> Iterator[psycopg.Connection[DictRow]]:
        """One snapshot of the store. The database's own words stay out of the errors: they may name hosts and users."""
        try:
            with psycopg.connect(
                self._conninfo,
                row_factory=dict_row,
                connect_timeout=5,
                application_name="fulfilment desk",
            ) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                connection.execute(_PREPARE)
                yield connection
        except psycopg.errors.UndefinedTable as error:
            raise ConfigError("The store has no tables yet: run the set-up command, then reload this page.") from error
        except psycopg.errors.QueryCanceled as error:
            raise RetryableError("The store took longer than 10 s to answer: reload this page in a minute.") from error
        except psycopg.OperationalError as error:
            raise RetryableError(
                "The store does not answer: check that the database behind the connection fulfilment_db is up."
            ) from error


def _values(site: str, marks: Marks) -> dict[str, Any]:
    return {
        "site": site,
        "late": marks.late,
        "day_ago": marks.day_ago,
        "midnight": marks.midnight,
        "others": _OTHERS,
    }


def _one(connection: psycopg.Connection[DictRow], query: desk_sql.Query, values: Mapping[str, Any]) -> DictRow:
    row = connection.execute(query, values).fetchone()
    if row is None:
        raise RetryableError("The store gave no answer where it always has one: reload this page.")
    return row


def _group(row: DictRow) -> TicketGroup:
    subjects: Sequence[Mapping[str, str | None]] = row.pop("subjects")
    oldest = tuple(
        TicketSubject(each["subject"] or "", each["order_id"] or "", each["name"] or "") for each in subjects
    )
    return TicketGroup(**row, oldest=oldest)


def _listing(which: str) -> desk_sql.Query:
    """The query behind one number of the Today page."""
    if which in desk_sql.LISTS:
        return desk_sql.LISTS[which]
    if which in _FINISHED:
        return desk_sql.LIST_FINISHED
    return desk_sql.LIST_STATE if which in _STATES else desk_sql.LIST_MATTER
