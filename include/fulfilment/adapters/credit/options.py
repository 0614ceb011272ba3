"""What a site declares of its credit source. What a balance contains, how old it may be, its currency and how its
amounts are written have no default: a guess there releases goods that nobody will pay for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from include.fulfilment.adapters.tables import AsOf, FileOptions, TableOptions
from include.fulfilment.adapters.tables.cells import Numbers, Zeros
from include.fulfilment.domain.credit import BalanceContains
from include.fulfilment.ports import CreditDeclaration
from include.fulfilment.yaml_file import Strict

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Source = Annotated[TableOptions, Field(discriminator="kind")]


class Declared(Strict):
    """What every source says of its figures."""

    contains: BalanceContains
    max_age_hours: int = Field(ge=1, le=24 * 31)

    def declaration(self, currency: str = "") -> CreditDeclaration:
        """As the port has it."""
        return CreditDeclaration(contains=self.contains, max_age=timedelta(hours=self.max_age_hours), currency=currency)


class ShopOptions(Declared):
    """The shop's own record of what each customer may owe and does."""

    kind: Literal["shop"]


class Columns(Strict):
    """The statement's columns. `currency` where each row names its own."""

    account: str = Field(min_length=1)
    limit: str = Field(min_length=1)
    balance: str = Field(min_length=1)
    currency: str = ""


class StopWords(Strict):
    """A column that says whether an account is on stop, and its words for that it is (`stopped`) and is not (`clear`;
    an empty cell is ""). Any other word refuses the row."""

    column: str = Field(min_length=1)
    stopped: frozenset[str] = Field(min_length=1)
    clear: frozenset[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> StopWords:
        if self.stopped & self.clear:
            raise ValueError(f"{min(self.stopped & self.clear)!r} cannot mean both `stopped` and `clear`")
        return self


class Overdue(Strict):
    """Columns of overdue debt by age; an account is on stop when together they come to more than `over`."""

    columns: tuple[str, ...] = Field(min_length=1)
    over: Decimal = Field(ge=0)


class AccountMap(Strict):
    """Which account of the ledger a buyer's account in the shop is.

    `same_id`: the ledger uses the shop's own number of the company or customer. `shop_field`: the shop keeps the
    ledger's code on its customer. `file`: a CSV with these two columns, the shop's account written as we write it
    (`company:123`), or with `prefix` before it.
    """

    by: Literal["same_id", "shop_field", "file"]
    file: FileOptions | None = None
    shop_column: str = ""
    ledger_column: str = ""
    prefix: str = ""

    @model_validator(mode="after")
    def _complete(self) -> AccountMap:
        given = (self.file is not None, bool(self.shop_column), bool(self.ledger_column))
        if any(each != (self.by == "file") for each in given) or (self.prefix and self.by != "file"):
            raise ValueError("`file`, `shop_column` and `ledger_column` go with `by: file`, and only with it")
        return self


class StatementOptions(Declared):
    """A statement of the ledger, such as its aged debt: a file, a query or an HTTP answer, one row an account."""

    kind: Literal["statement"]
    source: Source
    as_of: AsOf
    columns: Columns
    accounts: AccountMap
    currency: Currency | None = None
    numbers: Numbers | None = None
    zeros: Zeros | None = None
    stop_words: StopWords | None = None
    overdue: Overdue | None = None

    @model_validator(mode="after")
    def _one_currency(self) -> StatementOptions:
        if (self.currency is None) == (not self.columns.currency):
            raise ValueError("give `currency`, or `columns.currency` where rows name theirs; not both")
        return self
