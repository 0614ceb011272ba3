"""Credit as the ledger states it: one row an account, believed only where it says one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from include.fulfilment.adapters.credit.accounts import ledger_accounts
from include.fulfilment.adapters.credit.options import StatementOptions
from include.fulfilment.adapters.tables import TableTools, read_table
from include.fulfilment.adapters.tables.cells import Unreadable, amount, longest_digits, text
from include.fulfilment.adapters.tables.refusals import Refusals, cell, key, need_columns
from include.fulfilment.domain.order import CreditAccount
from include.fulfilment.errors import DataError
from include.fulfilment.ports import CreditDeclaration, CreditReading, Debtor, Row, Storefronts, Table


class StatementCredit:
    """The statement of a ledger, read anew each time. The shops may keep the ledger's codes of their customers."""

    def __init__(self, options: StatementOptions, tools: TableTools, storefronts: Storefronts) -> None:
        self._options = options
        self._tools = tools
        self._storefronts = storefronts

    @property
    def declaration(self) -> CreditDeclaration:
        """What the figures mean."""
        return self._options.declaration(self._options.currency or "")

    def read(self, debtors: Sequence[Debtor]) -> CreditReading:
        """The accounts of these debtors. An account with two rows, or with one that cannot be used, is a problem and
        has no credit; rows of accounts that nobody asked for are passed over. Raises DataError for a statement without
        a row."""
        mapped, problems = ledger_accounts(debtors, self._options.accounts, self._tools, self._storefronts)
        if not mapped:
            return CreditReading((), {}, problems)
        wanted = {"accounts": sorted(set(mapped.values()))}
        table = read_table(self._options.source, self._tools, self._options.as_of, wanted)
        rows = _Rows(table, self._options, frozenset(mapped.values()))
        stated = rows.read()
        accounts = tuple(stated[ledger](account) for account, ledger in mapped.items() if ledger in stated)
        return CreditReading(accounts, mapped, (*problems, *rows.refusals.problems()))


class _Rows:
    """The rows of one statement."""

    def __init__(self, table: Table, options: StatementOptions, wanted: frozenset[str]) -> None:
        stop = (options.stop_words.column,) if options.stop_words else ()
        overdue = options.overdue.columns if options.overdue else ()
        columns = (*options.columns.model_dump().values(), *stop, *overdue, options.as_of.column)
        need_columns(table, columns, "credit.columns")
        self.refusals = Refusals(table, "credit account")
        self._table, self._options, self._wanted = table, options, wanted
        self._as_of = options.as_of.of_table(table)
        codes = (row.get(options.columns.account) for _, row in table.rows)
        self._longest = longest_digits(codes) if options.zeros is None else 0

    def read(self) -> Mapping[str, Callable[[str], CreditAccount]]:
        """The wanted accounts that have one usable row, by their code in the ledger: each makes the account under the
        id that it is asked by."""
        found: dict[str, Callable[[str], CreditAccount]] = {}
        counted: Counter[str] = Counter()
        number = 0
        for number, row in self._table.rows:
            ledger = ""
            try:
                ledger = key(row, self._options.columns.account, self._options.zeros, self._longest)
                counted[ledger] += 1
                if ledger in self._wanted:
                    found[ledger] = self._account(row)
            except Unreadable as error:
                self.refusals.add(ledger, f"{self._table.name} row {number}", error.reason, str(error))
        if not number:
            raise DataError(f"{self._table.name} has no row; a statement of nothing is not used", self._table.name)
        for ledger in sorted(self._wanted & {each for each, rows in counted.items() if rows > 1}):
            self.refusals.add(ledger, f"{self._table.name} {counted[ledger]} rows", "several rows for one account")
        return {ledger: make for ledger, make in found.items() if counted[ledger] == 1}

    def _account(self, row: Row) -> Callable[[str], CreditAccount]:
        columns, numbers = self._options.columns, self._options.numbers
        limit = cell(row, columns.limit, amount, numbers)
        balance = cell(row, columns.balance, amount, numbers)
        currency, on_stop, as_of = self._currency(row), self._on_stop(row), self._dated(row)

        def under(account_id: str) -> CreditAccount:
            contains = self._options.contains.value
            return CreditAccount(account_id, limit, balance, currency, on_stop, as_of, contains)

        return under

    def _dated(self, row: Row) -> datetime:
        return self._as_of or self._options.as_of.of_row(row, self._table)

    def _currency(self, row: Row) -> str:
        if self._options.currency:
            return self._options.currency
        found = cell(row, self._options.columns.currency, text)
        if not (len(found) == 3 and found.isascii() and found.isalpha()):
            raise Unreadable("not a currency of three letters (ISO 4217)", found)
        return found.upper()

    def _on_stop(self, row: Row) -> bool:
        """On stop by the ledger's word, or by what is overdue."""
        words, overdue = self._options.stop_words, self._options.overdue
        stopped = False
        if words is not None:
            said = cell(row, words.column, text)
            if said not in words.stopped | words.clear:
                raise Unreadable(f"column {words.column!r}: a word that was not declared", said)
            stopped = said in words.stopped
        if overdue is not None:
            owed = (cell(row, each, amount, self._options.numbers) for each in overdue.columns)
            stopped = sum(owed, Decimal(0)) > overdue.over or stopped
        return stopped
